"""One field of a DICOM file's header, without its pixels."""

from io import BytesIO

import pydicom

from backend.archive.adapters.pixels.dicom_start import with_preamble
from backend.archive.adapters.pixels.film_reader import HEAD_BYTES, film_format

_WANTED = "StudyInstanceUID"


def study_uid_of(content: bytes) -> str | None:
    """Return the study that a whole file names; None where it is no DICOM, or does not say."""
    if film_format(content[:HEAD_BYTES]) != "DICOM":
        return None
    try:
        header = pydicom.dcmread(
            BytesIO(with_preamble(content)),
            force=True,
            stop_before_pixels=True,
            specific_tags=[_WANTED],
        )
        return str(header.get(_WANTED, "") or "") or None
    except Exception:  # what pydicom raises on damaged headers is not documented
        return None
