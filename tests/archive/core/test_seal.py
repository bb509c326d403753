from backend.archive.core.seal import deal_seal

KEY = b"key"
ARCHIVE = [(f"film{number}", f"patient{number // 2}") for number in range(200)]


def deal(archive=ARCHIVE, noted=(), share=0.2):
    return deal_seal(archive, noted, archive_key=KEY, sealed_share=share)


def regrouped(archive):
    """Let each two neighbours of different patients be of one."""
    return [(film, f"other{(number + 1) // 2}") for number, (film, _) in enumerate(archive)]


def test_about_the_asked_share_of_patients_is_sealed_with_all_their_films():
    seal = deal()
    assert 10 < len(seal.patients) < 30
    assert seal.films == {film for film, patient in ARCHIVE if patient in seal.patients}
    assert seal.named == {one for one in ARCHIVE if one[1] in seal.patients}


def test_a_film_that_was_noted_stays_sealed_under_any_patient_and_any_share():
    before = deal()
    for later in (deal(regrouped(ARCHIVE), before.named), deal(noted=before.named, share=1e-9)):
        assert before.films <= later.films


def test_a_patient_who_turns_out_to_have_an_open_film_does_not_judge():
    later, archive = deal(regrouped(ARCHIVE), deal().named), regrouped(ARCHIVE)
    open_patients = {patient for film, patient in archive if film not in later.films}
    sealed_patients = {patient for film, patient in archive if film in later.films}
    assert open_patients & sealed_patients
    assert not open_patients & later.patients
    assert later.patients == sealed_patients - open_patients


def test_a_new_film_of_a_patient_who_was_noted_is_sealed():
    patient = min(deal().patients)
    later = deal([*ARCHIVE, ("new", patient)], deal().named, share=1e-9)
    assert "new" in later.films
    assert patient in later.patients


def test_a_film_told_to_be_of_another_patient_does_not_seal_that_patients_other_films():
    film = min(deal().films)
    open_patient = next(one for _, one in ARCHIVE if one not in deal().patients)
    archive = [(name, open_patient if name == film else one) for name, one in ARCHIVE]
    later = deal(archive, deal().named)
    assert film in later.films
    assert (film, open_patient) not in later.named
    assert {name for name, one in archive if one == open_patient} - later.films
