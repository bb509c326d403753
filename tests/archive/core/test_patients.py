import pytest

from backend.archive.core.decoded_film import HeaderFacts
from backend.archive.core.patients import named_patient, patient_hint

MASKED = [
    "XXXXX",
    "xxx",
    "***",
    "---",
    "?",
    "0000",
    "Anonymous",
    "anonymisiert",
    "Anonyme",
    "anónimo",
    "geanonimiseerd",
    "UNBEKANNT",
    "n/a",
    "#N/A",
    "nan",
    "fehlt",
    "Masked",
    "redacted",
]


@pytest.mark.parametrize(
    ("header", "folder", "source"),
    [
        (HeaderFacts(patient_id="A1", study_uid="1.2"), "nih/s1", "dicom"),
        (HeaderFacts(study_uid="1.2"), "nih/s1", "study"),
        (HeaderFacts(), "nih/s1", "folder"),
        (HeaderFacts(), None, "film"),
        (HeaderFacts(patient_id="Anonymous"), None, "film"),
        (HeaderFacts(patient_id="000000"), "nih/s1", "folder"),
    ],
)
def test_the_best_known_stands_for_the_patient(header, folder, source):
    assert patient_hint(header, folder, "film-id").source == source


def test_patients_studies_folders_and_films_of_one_name_stay_apart():
    hints = {
        patient_hint(HeaderFacts(patient_id="1"), None, "f").text,
        patient_hint(HeaderFacts(study_uid="1"), None, "f").text,
        patient_hint(HeaderFacts(), "1", "f").text,
        patient_hint(HeaderFacts(), None, "1").text,
    }
    assert len(hints) == 4


@pytest.mark.parametrize(
    "spellings",
    [("7", "7.0", " 7", "007", "7,00", "\uff17"), ("ab-01", "AB-01", " Ab-01 "), ("a  b", "A B")],
)
def test_the_spellings_of_an_id_are_one_patient(spellings):
    assert len({named_patient(text) for text in spellings}) == 1


def test_ids_that_only_look_alike_stay_apart():
    apart = ["7", "70", "7.5", "0.7", "A7", "A07", "7-0", "1.2.0", "0"]
    assert len({named_patient(text) for text in apart}) == len(apart)


@pytest.mark.parametrize("text", [*MASKED, ""])
def test_a_masked_id_names_nobody(text):
    assert named_patient(text) is None


def test_a_hint_keeps_the_spelling_of_the_header_only_where_it_is_another():
    assert patient_hint(HeaderFacts(patient_id="007"), None, "f").as_written == "007"
    assert patient_hint(HeaderFacts(patient_id="7"), None, "f").as_written is None
