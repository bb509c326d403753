"""Corrected copies of films: turned, mirrored or inverted at full depth, in the same format."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.archive.adapters.pixels.dicom_file import read_dicom
from backend.archive.adapters.pixels.film_reader import check_format
from backend.archive.adapters.pixels.image_file import orientation_of
from backend.archive.core.header_tags import shown_by
from backend.base.adapters.files import write_atomically
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.export.adapters.dicom_copies import corrected_dicom, cut_dicom
from backend.labels.core.box import Box

JPEG_QUALITY = 95
_TIFF_RESOLUTION_TAGS = (282, 283)
_TIFF_RESOLUTION_UNIT_TAG = 296
TIFF_PHOTOMETRIC_TAG = 262
TIFF_EXACT_MODES = frozenset({"L", "LA", "I;16", "I;16B", "I", "F", "RGB", "RGBA"})


def write_corrected_copy(source: Path, target: Path, change: PixelChange) -> None:
    """Write a film with a change applied to what it shows; the original stays as it is.

    PNG, TIFF and DICOM lose nothing; JPEG is encoded once more at quality 95. An orientation tag is
    carried out, not copied. Of a TIFF with several pages the first is changed, of a DICOM file all
    frames are. Text in PNG and JPEG files is left behind, because it may name a patient.

    Args:
        source: a film that can be indexed.
        target: replaced where it exists; its folder is made.
        change: what is wrong, undone.

    Raises:
        RadsieveError: the target is the original.
        UnreadableFilmError: the film cannot be read or cannot be changed without loss.
    """
    if target.exists() and target.samefile(source):
        raise RadsieveError(f"expected a new file, got the original {target}; choose another name")
    content = source.read_bytes()
    kind = check_format(content, source.name)
    try:
        copy = _CHANGERS[kind](content, change)
    except RadsieveError:
        raise
    except Exception as error:  # what decoders raise on damaged files is not documented by any
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableFilmError(f"no corrected copy of {source}: {reason}") from error
    write_atomically(target, copy)


def change_pixels(pixels: NDArray[Any], change: PixelChange, white: float) -> NDArray[Any]:
    """Apply a change to pixels with or without channels.

    Args:
        pixels: shape (height, width) or (height, width, channels), of 2 and 4 the last is opacity.
        change: opacity is moved, but not inverted.
        white: value of white.
    """
    if pixels.ndim == 2:
        return change.apply(pixels, white)
    planes = np.moveaxis(pixels, -1, 0)
    changed = change.apply(planes, white)
    if len(planes) in {2, 4}:
        moved_only = PixelChange(change.turns_ccw, change.mirror)
        changed[-1] = moved_only.apply(planes[-1], white)
    return np.ascontiguousarray(np.moveaxis(changed, 0, -1))


def _changed_png(content: bytes, change: PixelChange) -> bytes:
    with Image.open(BytesIO(content)) as image:
        whole = shown_by(orientation_of(image)).then(change)
    pixels = imagecodecs.png_decode(content)
    changed = change_pixels(pixels, whole, np.iinfo(pixels.dtype).max)
    return bytes(imagecodecs.png_encode(changed))


def _changed_jpeg(content: bytes, change: PixelChange) -> bytes:
    with Image.open(BytesIO(content)) as image:
        whole = shown_by(orientation_of(image)).then(change)
        kept = {name: image.info[name] for name in ("icc_profile", "dpi") if name in image.info}
        pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    changed = Image.fromarray(change_pixels(pixels, whole, 255))
    encoded = BytesIO()
    changed.save(encoded, "JPEG", quality=JPEG_QUALITY, subsampling=0, **kept)
    return encoded.getvalue()


def _changed_tiff(content: bytes, change: PixelChange) -> bytes:
    copy: bytes | None = None
    with Image.open(BytesIO(content)) as image:
        for page in range(getattr(image, "n_frames", 1)):
            image.seek(page)
            page_change = shown_by(orientation_of(image)).then(UNCHANGED if page else change)
            copy = _with_page(copy, image, content, page_change)
    return copy or b""


def _with_page(
    copy: bytes | None, image: Image.Image, content: bytes, change: PixelChange
) -> bytes:
    tags = getattr(image, "tag_v2", {})
    is_exact = image.mode in TIFF_EXACT_MODES
    is_white_zero = is_exact and tags.get(TIFF_PHOTOMETRIC_TAG) == 0
    across, down = (float(tags.get(tag, 1)) for tag in _TIFF_RESOLUTION_TAGS)
    if is_exact:
        pixels = imagecodecs.tiff_decode(content, index=image.tell())
    else:
        pixels = expanded(image)
        change = shown_by(orientation_of(image)).inverse().then(change)
    changed = change_pixels(pixels, change, white_of(pixels))
    encoded = imagecodecs.tiff_encode(
        changed,
        compression="deflate",
        photometric="miniswhite" if is_white_zero else None,
        resolution=(down, across) if change.turns_ccw % 2 else (across, down),
        resolutionunit=int(tags.get(_TIFF_RESOLUTION_UNIT_TAG, 2)),
        appendto=copy,
    )
    return bytes(encoded)


def expanded(image: Image.Image) -> NDArray[Any]:
    """Return the pixels of a mode that holds fewer than 8 bits, or no grey and no RGB, as shown."""
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def white_of(pixels: NDArray[Any]) -> float:
    """Return the value that inversion subtracts from."""
    if pixels.dtype.kind == "u":
        return float(np.iinfo(pixels.dtype).max)
    # Signed and floating point values have no agreed white: their own ends change places.
    return float(pixels.min()) + float(pixels.max())


_CHANGERS: dict[str, Callable[[bytes, PixelChange], bytes]] = {
    "PNG": _changed_png,
    "JPEG": _changed_jpeg,
    "TIFF": _changed_tiff,
    "DICOM": corrected_dicom,
}


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
