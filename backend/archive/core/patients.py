"""A film's patient, read from what headers and tables write."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from backend.archive.core.decoded_film import HeaderFacts
from backend.archive.core.header_words import compared_word, says_nothing

_NOBODY = frozenset(
    {"anon", "anonym", "anonyme", "anonymous", "anonymized", "anonymised", "anonymisiert"}
    | {"anonymise", "anonimo", "anonima", "anonimizado", "anonimizzato", "anoniem"}
    | {"geanonimiseerd", "deidentified", "pseudonymized", "noname", "nobody", "patient"}
)
"""What de-identified archives write for everybody; one patient with all films is no patient."""
_NUMBER, _ZEROS = re.compile(r"([0-9]+)(?:[.,]0+)?"), re.compile(r"0{2,}")


class PatientSource(StrEnum):
    """What a patient was taken from, best first."""

    METADATA = "metadata"
    DICOM = "dicom"
    STUDY = "study"
    FOLDER = "folder"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class PatientHint:
    """A text that identifies a film's patient; it is hashed and never kept."""

    source: PatientSource
    text: str
    as_written: str | None = None
    """The id as the header spells it, where `named_patient` spells it otherwise."""


def patient_hint(header: HeaderFacts, study_folder: str | None, radiograph_id: str) -> PatientHint:
    """Return the surest hint: the DICOM patient or study, else the study folder, else the film.

    >>> patient_hint(HeaderFacts(), None, "d0607f7a")
    PatientHint(source=<PatientSource.FILM: 'film'>, text='film:d0607f7a', as_written=None)
    """
    patient, written = named_patient(header.patient_id), (header.patient_id or "").strip()
    if patient and patient != "0":  # zeros fill the field of de-identified headers
        return PatientHint(PatientSource.DICOM, patient, None if written == patient else written)
    if header.study_uid:
        return PatientHint(PatientSource.STUDY, f"study:{header.study_uid}")
    if study_folder:
        return PatientHint(PatientSource.FOLDER, f"folder:{study_folder}")
    return PatientHint(PatientSource.FILM, f"film:{radiograph_id}")


def study_name(header: HeaderFacts, study_folder: str | None) -> str | None:
    """Return the name of a film's study: DICOM's, else the study folder; None without either.

    >>> study_name(HeaderFacts(study_uid="1.2"), "nih/s1"), study_name(HeaderFacts(), "nih/s1")
    ('1.2', 'folder:nih/s1')
    """
    return header.study_uid or (f"folder:{study_folder}" if study_folder else None)


def named_patient(text: str | None) -> str | None:
    """Return a patient id in the one spelling of it, or None where it names nobody.

    A spreadsheet makes 7.0 or 7 of the number 007, and programs differ in capitals. Two patients
    taken for one cost evidence; one taken for two would be learnt from and judged on, so spellings
    that may be of one patient are one.

    >>> [named_patient(text) for text in (" 193 ", "7.0", "007", "ab1", "0")]
    ['193', '7', '7', 'AB1', '0']
    >>> [named_patient(text) for text in ("ANONYMOUS", "XXXXX", "0000", "fehlt", "")]
    [None, None, None, None, None]
    """
    patient = " ".join(unicodedata.normalize("NFKC", text or "").upper().split())
    if _is_masked(patient):
        return None
    number = _NUMBER.fullmatch(patient)
    return (number[1].lstrip("0") or "0") if number else patient


def named_study(text: str | None) -> str | None:
    """Return the id of a study as it is written, or None where it names none."""
    study = (text or "").strip()
    return None if _is_masked(study) else study


def _is_masked(text: str) -> bool:
    nobody = compared_word(text) in _NOBODY or _ZEROS.fullmatch(text) is not None
    return nobody or says_nothing(text)
