"""A file's bytes turned into a film, whatever the format; the content decides, never the name."""

from collections.abc import Callable
from pathlib import PurePath

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.damage import what_is_damaged
from backend.archive.adapters.pixels.dicom_file import read_dicom
from backend.archive.adapters.pixels.dicom_start import has_preamble, is_dicom
from backend.archive.adapters.pixels.image_file import (
    JPEG_MAGIC,
    PNG_MAGIC,
    TIFF_MAGICS,
    read_png,
)
from backend.archive.adapters.pixels.jpeg_file import read_jpeg
from backend.archive.adapters.pixels.quiet import silence_libraries
from backend.archive.adapters.pixels.tiff_file import read_tiff
from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.other_formats import other_format
from backend.base.core.errors import UnreadableFilmError

HEAD_BYTES = 160
"""So much of a file tells its format."""

_READERS: dict[str, Callable[[bytes, int | None], DecodedFilm]] = {
    "PNG": read_png,
    "JPEG": read_jpeg,
    "TIFF": read_tiff,
    "DICOM": read_dicom,
}
NO_IMAGE = "not an image (PNG, JPEG, TIFF or DICOM)"
"""The problem of a file that is an image neither by its content nor by its name."""
_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"})


def film_format(head: bytes) -> str | None:
    """Return PNG, JPEG, TIFF or DICOM by the first `HEAD_BYTES` bytes, None for anything else.

    The preamble of a DICOM file may be the header of a TIFF or a JPEG (PS3.10 7.1).
    """
    if has_preamble(head):
        return "DICOM"
    if head.startswith(PNG_MAGIC):
        return "PNG"
    if head.startswith(JPEG_MAGIC):
        return "JPEG"
    if head.startswith(TIFF_MAGICS):
        return "TIFF"
    return "DICOM" if is_dicom(head) else None


def read_film(content: bytes, name: str, at_least_px: int | None = None) -> DecodedFilm:
    """Decode a film and normalise it by its tags.

    Args:
        content: the whole file.
        name: of the file; only used to say what is wrong.
        at_least_px: allow a reduced scale, as long as neither side falls below this; None for full
            resolution.

    Raises:
        UnreadableFilmError: the reason, on one line.
    """
    silence_libraries()
    kind = check_format(content, name)
    try:
        return _READERS[kind](content, at_least_px)
    except UnreadableFilmError:
        raise
    except Exception as error:  # what decoders raise on damaged files is not documented by any
        raise UnreadableFilmError(f"damaged {kind}: {what_is_damaged(str(error))}") from error


def check_format(head: bytes, name: str) -> str:
    """Return the format of a file by its first bytes.

    Raises:
        UnreadableFilmError: empty, or not an image.
    """
    if not head:
        raise UnreadableFilmError("empty")
    kind = film_format(head)
    if kind is None:
        other = other_format(head)
        if other:
            raise UnreadableFilmError(other.refusal)
        suffix = PurePath(name).suffix.lower()
        but = f", though its name ends in {suffix}" if suffix in _IMAGE_SUFFIXES else ""
        raise UnreadableFilmError(f"{NO_IMAGE}{but}")
    return kind


def thumbnail_of(film: DecodedFilm) -> NDArray[np.uint8]:
    """Squash a film to a square of `THUMBNAIL_PX`, each pixel the mean of the area it covers."""
    return _resized(film.pixels, THUMBNAIL_PX, THUMBNAIL_PX)


def picture_at(content: bytes, name: str, longest_px: int) -> NDArray[np.uint8]:
    """Decode a film for a person to look at.

    Returns:
        Shape (height, width), aspect ratio kept, the longer side at most `longest_px`; a smaller
        film is not enlarged.

    Raises:
        UnreadableFilmError: the reason, on one line.
    """
    pixels = read_film(content, name, at_least_px=longest_px).pixels
    height, width = pixels.shape
    scale = min(1.0, longest_px / max(height, width))
    return _resized(pixels, max(1, round(width * scale)), max(1, round(height * scale)))


def _resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Take area means where the picture shrinks, interpolate where it grows."""
    # cv2 interpolates both sides when one grows, which would skip pixels of the other.
    shrunk_to = min(width, pixels.shape[1]), min(height, pixels.shape[0])
    shrunk = cv2.resize(pixels, shrunk_to, interpolation=cv2.INTER_AREA)
    grown = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown, np.uint8)
