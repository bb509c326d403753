"""A film as it comes out of its file: grey pixels and what the header tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.base.core.errors import UnreadableFilmError

MAX_PIXELS = 300_000_000
"""A larger film is refused: decoding it takes gigabytes, and no detector makes such films."""
MOST_WORK_BYTES = 700_000_000
"""Memory that the pixels of a small file may take while they are decoded; a film of 20 megapixels
takes 60 to 400 MB, by its format."""
WORK_BYTES_PER_FILE_BYTE = 16
"""A larger file may take more: a real film is never packed so tightly that this would not do."""
MIN_SIDE_PX = 16
"""A smaller picture is an icon, not a film."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What a header tells about the patient; ids pass through here only to be hashed."""

    patient_id: str | None = None
    study_uid: str | None = None
    age_years: float | None = None
    sex: str | None = None
    view_position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedFilm:
    """Grey pixels, ready to be looked at, with white for what is dense."""

    pixels: NDArray[np.uint8]
    """Shape (height, width); smaller than the film where a reduced scale was asked for."""
    width_px: int
    """Of the whole film, as shown (after the orientation tag)."""
    height_px: int
    file_format: str
    """PNG, JPEG, TIFF or DICOM."""
    normalisation: tuple[str, ...] = ()
    """What was done to the stored pixels, one short sentence each."""
    dicom_tags: Mapping[str, str] = field(default_factory=dict)
    """Header fields from the allow-list; never an identifier."""
    header: HeaderFacts = HeaderFacts()
    coloured_share: float = 0.0
    """Share of the pixels that are coloured, 0 to 1, as by a burned-in marking."""
    white_is_zero: bool = False
    """Whether the tag of a TIFF says that zero is white, for which the greys were inverted."""


def check_work(pixels: float, bytes_per_pixel: float, file_bytes: int) -> None:
    """Refuse a film that claims more pixels than its file can stand for, before it is decoded.

    A blank film of any size fits into a few bytes, so that a small file can ask for any memory.

    Args:
        pixels: as its header, and the header of its packed pixels, claim.
        bytes_per_pixel: memory that decoding takes for each.
        file_bytes: size of the file.

    Raises:
        UnreadableFilmError: it would take too much.

    >>> check_work(20_000_000, 12, 3_000)
    >>> check_work(290_000_000, 12, 762)
    Traceback (most recent call last):
    backend.base.core.errors.UnreadableFilmError: huge: 290 megapixels in a file of 762 bytes
    """
    if pixels * bytes_per_pixel > MOST_WORK_BYTES + WORK_BYTES_PER_FILE_BYTE * file_bytes:
        raise UnreadableFilmError(
            f"huge: {pixels / 1_000_000:.0f} megapixels in a file of {file_bytes:,} bytes"
        )


def check_size(width_px: int, height_px: int) -> None:
    """Refuse a film by the size its header claims, before anything is decoded.

    Raises:
        UnreadableFilmError: too small to be a film, or too large to be decoded safely.

    >>> check_size(1, 1)
    Traceback (most recent call last):
    backend.base.core.errors.UnreadableFilmError: too small: 1 x 1 px
    """
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise UnreadableFilmError(f"too small: {width_px} x {height_px} px")
    if width_px * height_px > MAX_PIXELS:
        raise UnreadableFilmError(
            f"huge: {width_px} x {height_px} px, more than {MAX_PIXELS // 1_000_000} megapixels"
        )
