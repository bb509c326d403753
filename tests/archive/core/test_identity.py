from backend.archive.core.identity import fold_of, is_sealed, patient_key, radiograph_id

KEY = b"k" * 32
PATIENTS = [patient_key(str(number), KEY) for number in range(4000)]


def test_the_same_bytes_have_the_same_id_and_others_another():
    assert radiograph_id(b"a") == radiograph_id(memoryview(b"a"))
    assert radiograph_id(b"a") != radiograph_id(b"b")


def test_without_the_key_a_patient_has_another_hash():
    assert patient_key("17", KEY) != patient_key("17", b"other")


def test_about_the_wanted_share_of_patients_is_sealed():
    sealed = sum(is_sealed(patient, KEY, 0.2) for patient in PATIENTS)
    assert 700 < sealed < 900  # 800 expected, standard deviation 25


def test_raising_the_share_only_adds_patients():
    few = {patient for patient in PATIENTS if is_sealed(patient, KEY, 0.1)}
    more = {patient for patient in PATIENTS if is_sealed(patient, KEY, 0.3)}
    assert few < more


def test_folds_are_about_equal_and_independent_of_the_sealed_set():
    sealed = [patient for patient in PATIENTS if is_sealed(patient, KEY, 0.5)]
    sizes = [sum(fold_of(patient, KEY, 4) == fold for patient in sealed) for fold in range(4)]
    assert min(sizes) > 420  # 500 expected each, standard deviation 19
