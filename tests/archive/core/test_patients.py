import pytest

from backend.archive.core.decoded_film import HeaderFacts
from backend.archive.core.patients import patient_hint


@pytest.mark.parametrize(
    ("header", "folder", "source"),
    [
        (HeaderFacts(patient_id="A1", study_uid="1.2"), "nih/s1", "dicom"),
        (HeaderFacts(study_uid="1.2"), "nih/s1", "dicom"),
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
