"""Sentences on what tells the patient of a film: the seal and the folds of trainings rest on it."""

from collections.abc import Mapping

from backend.archive.adapters.archive_files import MAX_STUDY_FILES
from backend.archive.core.patients import PatientSource
from backend.base.core.words import counted, listed

_RULES = {
    PatientSource.METADATA: "the table of metadata",
    PatientSource.DICOM: "the DICOM header",
    PatientSource.STUDY: "the study in the DICOM header",
    PatientSource.FOLDER: "the folder",
    PatientSource.FILM: "nothing",
}
"""Best first."""
_UNSURE = {
    PatientSource.STUDY: "films of one study count as one patient",
    PatientSource.FOLDER: (
        f"films in one folder of at most {MAX_STUDY_FILES} files count as one patient"
    ),
    PatientSource.FILM: "a film that nothing is known of counts as a patient of its own",
}


def patient_rule(source: str) -> str:
    """Return what tells patients, for a `PatientSource`.

    >>> patient_rule("dicom")
    'the DICOM header'
    """
    return _RULES[PatientSource(source)]


def how_patients_are_told(films_by_source: Mapping[str, int]) -> list[str]:
    """Return which rule tells the patients of how many films, and how to change it if it may err.

    Args:
        films_by_source: number of films by `PatientSource`.

    >>> how_patients_are_told({"metadata": 240})
    ['The table of metadata tells the patient of 240 films.']
    >>> how_patients_are_told({})
    []
    """
    known = {source: films_by_source[source] for source in _RULES if films_by_source.get(source)}
    if not known:
        return []
    rules = [f"{_RULES[source]} tells the patient of {counted(n)}" for source, n in known.items()]
    sentences = [f"{_capital(listed(rules))}."]
    if unsure := [words for source, words in _UNSURE.items() if source in known]:
        sentences.append(
            f"{_capital(listed(unsure))}: where that is wrong, run `radsieve index PATH --metadata "
            "TABLE`, with the columns `file` and `patient_id`."
        )
    return sentences


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
