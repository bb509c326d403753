import pytest

from backend.archive.core.metadata import MetadataRow
from backend.archive.core.metadata_findings import KnownFacts, disagreements, settled


def row(patient=None, age=None, sex=None, view=None, study=None):
    return MetadataRow("a.png", patient, age, sex, view, study)


@pytest.mark.parametrize(
    ("one", "two", "subject"),
    [
        (row(sex="M"), row(sex="F"), "sex"),
        (row(age=40.0), row(age=41.1), "age"),
        (row(view="PA"), row(view="AP"), "view"),
        (row(study="s1"), row(study="s2"), "study"),
    ],
)
def test_two_rows_of_a_film_that_differ_say_nothing(one, two, subject):
    found = settled({"film": [one, two], "other": [one]})
    assert found.contradictions == {subject: ["film"]}
    assert found.rows == {"film": row(), "other": one}


def test_patients_whom_rows_about_one_film_name_are_taken_for_one():
    by_film = {"film": [row("7"), row("8")], "more": [row("8"), row("9")], "other": [row("9")]}
    found = settled(by_film | {"apart": [row("1")]})
    assert found.contradictions == {"patient": ["film", "more"]}
    patients = {film: one.patient_id for film, one in found.rows.items()}
    assert patients == {"film": "7", "more": "7", "other": "7", "apart": "1"}


def test_two_rows_of_a_film_complete_each_other():
    found = settled({"film": [row("7", 40.0, "F"), row(age=41.0, view="PA", study="s")]})
    assert found.contradictions == {}
    assert found.rows["film"] == row("7", 41.0, "F", "PA", "s")


def test_what_two_rows_agree_about_is_kept():
    found = settled({"film": [row("7", 40.0, "F"), row("7", 40.0, "M")]})
    assert found.rows["film"] == row("7", 40.0)


def test_a_patient_of_two_sexes_has_none():
    rows = {"a": [row("7", sex="M")], "b": [row("7", sex="F")], "c": [row("7")]}
    found = settled({**rows, "d": [row("8", sex="F")]})
    assert found.contradictions == {"sex": ["a", "b"]}
    assert [found.rows[film].sex for film in "abcd"] == [None, None, None, "F"]


@pytest.mark.parametrize(("years", "apart"), [(30.0, False), (30.1, True)])
def test_a_patient_of_two_ages_that_no_archive_spans_has_none(years, apart):
    found = settled({"a": [row("7", age=40.0)], "b": [row("7", age=40.0 + years)]})
    assert found.contradictions == ({"age": ["a", "b"]} if apart else {})
    assert (found.rows["a"].age_years is None) == apart


def test_films_of_no_patient_are_not_compared():
    assert settled({"a": [row(sex="M")], "b": [row(sex="F")]}).contradictions == {}


def known(source="dicom", age=40.0, sex="F"):
    return {"film": KnownFacts("key of 7", source, age, sex)}


@pytest.mark.parametrize(
    ("said", "before", "subjects"),
    [
        (row("7", 40.0, "F"), known(), []),
        (row("7", 41.0, "F"), known(), []),
        (row(), known(), []),
        (row("7", 40.0, "F"), known(age=None, sex=None), []),
        (row("8"), known(), ["patient"]),
        (row("8"), known("study"), []),
        (row("8"), known("metadata"), []),
        (row("7", 42.0, "M"), known(), ["sex", "age"]),
    ],
)
def test_a_table_and_a_header_that_differ_are_a_finding(said, before, subjects):
    found = disagreements({"film": said}, before, {"7": "key of 7", "8": "key of 8"})
    assert found == {subject: ["film"] for subject in subjects}
