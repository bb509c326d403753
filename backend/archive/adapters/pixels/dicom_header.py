"""One field of a DICOM file's header, without its pixels."""

from pathlib import Path

import pydicom

from backend.archive.adapters.pixels.dicom_file import is_dicom
from backend.archive.adapters.pixels.film_reader import HEAD_BYTES

_WANTED = "StudyInstanceUID"


def study_uid_of(path: Path) -> str | None:
    """Return the study that a file names; None where it is no DICOM, or does not say."""
    try:
        with path.open("rb") as file:
            if not is_dicom(file.read(HEAD_BYTES)):
                return None
            file.seek(0)
            header = pydicom.dcmread(
                file, force=True, stop_before_pixels=True, specific_tags=[_WANTED]
            )
            return str(header.get(_WANTED, "") or "") or None
    except Exception:  # what pydicom raises on damaged headers is not documented
        return None
