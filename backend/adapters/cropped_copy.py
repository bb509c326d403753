"""Parts of films, cut out along boxes at full depth, in the format of the film."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.adapters.corrected_copy import (
    JPEG_QUALITY,
    TIFF_EXACT_MODES,
    TIFF_PHOTOMETRIC_TAG,
    change_pixels,
    expanded,
    white_of,
)
from backend.adapters.dicom_copy import corrected_dicom, cut_dicom
from backend.archive.adapters.pixels.dicom_file import read_dicom
from backend.archive.adapters.pixels.film_reader import check_format
from backend.archive.adapters.pixels.image_file import orientation_of
from backend.archive.core.header_tags import shown_by
from backend.base.adapters.files import write_atomically
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.labels.core.box import Box


def write_cropped_copy(
    source: Path, target: Path, box: Box, change: PixelChange = UNCHANGED
) -> None:
    """Write what lies in a box of a film, then put right what is wrong with the film.

    PNG, TIFF and DICOM lose nothing; JPEG is encoded once more at quality 95. Of a TIFF with
    several pages the first is cut, of a DICOM file all frames are.

    Args:
        source: a film that can be indexed.
        target: replaced where it exists; its folder is made.
        box: on the film as it is shown, before the change.
        change: what is wrong with the film, undone.

    Raises:
        RadsieveError: the target is the original.
        UnreadableFilmError: the film cannot be read or cannot be changed without loss.
    """
    if target.exists() and target.samefile(source):
        raise RadsieveError(f"expected a new file, got the original {target}; choose another name")
    content = source.read_bytes()
    kind = check_format(content, source.name)
    try:
        part = _CUTTERS[kind](content, box, change)
    except RadsieveError:
        raise
    except Exception as error:  # what decoders raise on damaged files is not documented by any
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableFilmError(f"no part of {source}: {reason}") from error
    write_atomically(target, part)


def _cut_png(content: bytes, box: Box, change: PixelChange) -> bytes:
    with Image.open(BytesIO(content)) as image:
        upright = shown_by(orientation_of(image))
    pixels = imagecodecs.png_decode(content)
    white = float(np.iinfo(pixels.dtype).max)
    return bytes(imagecodecs.png_encode(_part(pixels, upright, box, change, white)))


def _cut_jpeg(content: bytes, box: Box, change: PixelChange) -> bytes:
    with Image.open(BytesIO(content)) as image:
        upright = shown_by(orientation_of(image))
        kept = {name: image.info[name] for name in ("icc_profile", "dpi") if name in image.info}
        pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    encoded = BytesIO()
    part = Image.fromarray(_part(pixels, upright, box, change, 255))
    part.save(encoded, "JPEG", quality=JPEG_QUALITY, subsampling=0, **kept)
    return encoded.getvalue()


def _cut_tiff(content: bytes, box: Box, change: PixelChange) -> bytes:
    with Image.open(BytesIO(content)) as image:
        is_exact = image.mode in TIFF_EXACT_MODES
        is_white_zero = is_exact and getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC_TAG) == 0
        upright = shown_by(orientation_of(image)) if is_exact else UNCHANGED
        pixels = imagecodecs.tiff_decode(content, index=0) if is_exact else expanded(image)
    part = _part(pixels, upright, box, change, white_of(pixels))
    photometric = "miniswhite" if is_white_zero else None
    return bytes(imagecodecs.tiff_encode(part, compression="deflate", photometric=photometric))


def _cut_dicom(content: bytes, box: Box, change: PixelChange) -> bytes:
    height, width = read_dicom(content, None).pixels.shape
    part = cut_dicom(content, box.in_pixels((width, height)))
    return part if change == UNCHANGED else corrected_dicom(part, change)


def _part(
    pixels: NDArray[Any], upright: PixelChange, box: Box, change: PixelChange, white: float
) -> NDArray[Any]:
    shown = change_pixels(pixels, upright, white)
    left, top, right, bottom = box.in_pixels((shown.shape[1], shown.shape[0]))
    return np.ascontiguousarray(change_pixels(shown[top:bottom, left:right], change, white))


_CUTTERS: dict[str, Callable[[bytes, Box, PixelChange], bytes]] = {
    "PNG": _cut_png,
    "JPEG": _cut_jpeg,
    "TIFF": _cut_tiff,
    "DICOM": _cut_dicom,
}
