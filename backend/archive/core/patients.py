"""A film's patient, age, sex and view, read from what headers and tables write."""

import re
from dataclasses import dataclass
from enum import StrEnum

from backend.archive.core.decoded_film import HeaderFacts
from backend.archive.core.kept_tags import may_be_kept

OLDEST_YEARS = 125.0
"""Public archives hold ages such as 411; nobody has lived beyond 122."""

_YEARS_PER_UNIT = {"": 1.0, "Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_NOBODY = frozenset(
    {"", "anon", "anonym", "anonymous", "anonymized", "anonymised", "deidentified"}
    | {"n/a", "na", "nan", "none", "null", "patient", "removed", "unknown", "xxxx"}
)
"""What de-identified archives write for everybody; one patient with all films is no patient."""


class PatientSource(StrEnum):
    """What a patient was taken from, best first."""

    METADATA = "metadata"
    DICOM = "dicom"
    FOLDER = "folder"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class PatientHint:
    """A text that identifies a film's patient; it is hashed and never kept."""

    source: PatientSource
    text: str


def patient_hint(header: HeaderFacts, study_folder: str | None, radiograph_id: str) -> PatientHint:
    """Return the surest hint: the DICOM patient or study, else the study folder, else the film.

    >>> patient_hint(HeaderFacts(), None, "d0607f7a")
    PatientHint(source=<PatientSource.FILM: 'film'>, text='film:d0607f7a')
    """
    patient = named_patient(header.patient_id)
    if patient and patient.strip("0"):  # zeros fill the field of de-identified headers
        return PatientHint(PatientSource.DICOM, patient)
    if header.study_uid:
        return PatientHint(PatientSource.DICOM, f"study:{header.study_uid}")
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
    """Return a patient id, or None where it names nobody.

    >>> named_patient(" 193 "), named_patient("ANONYMOUS")
    ('193', None)
    """
    patient = (text or "").strip()
    return None if patient.lower() in _NOBODY else patient


def age_in_years(text: str | None) -> float | None:
    """Read an age: a number of years, or DICOM's `045Y`, `006M`, `002W`, `012D`.

    Decimals stand after a point or a comma.

    Returns:
        Years, or None where nothing, nonsense or an impossible age was written.

    >>> age_in_years("045Y"), age_in_years("62"), age_in_years("006M"), age_in_years("000Y")
    (45.0, 62.0, 0.5, 0.0)
    >>> age_in_years("012D"), age_in_years("55,5")
    (0.033, 55.5)
    >>> age_in_years(""), age_in_years(None), age_in_years("411"), age_in_years("adult")
    (None, None, None, None)
    """
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([YMWD]?)", (text or "").strip().upper())
    if not match:
        return None
    years = float(match[1].replace(",", ".")) * _YEARS_PER_UNIT[match[2]]
    return round(years, 3) if years <= OLDEST_YEARS else None


def sex_letter(text: str | None) -> str | None:
    """Return `M`, `F` or `O` (DICOM's other), or None.

    >>> sex_letter("male"), sex_letter("F "), sex_letter("?"), sex_letter(None)
    ('M', 'F', None, None)
    """
    first = (text or "").strip().upper()[:1]
    return first if first in {"M", "F", "O"} else None


def view_name(text: str | None) -> str | None:
    """Return a view position in capitals (`PA`, `LATERAL`); None where it is no view.

    >>> view_name(" pa "), view_name(""), view_name("Doe, Jane")
    ('PA', None, None)
    >>> view_name("left lateral decubitus")
    'LEFT LATERAL DEC'
    """
    view = (text or "").strip().upper()
    return view[:16].rstrip() if may_be_kept("ViewPosition", view) else None
