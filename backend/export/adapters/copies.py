"""Corrected copies of films: turned, mirrored or inverted at full depth, in the same format."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.archive.adapters.archive_files import read_indexed
from backend.archive.adapters.pixels.damage import what_is_damaged
from backend.archive.adapters.pixels.dicom_file import read_dicom
from backend.archive.adapters.pixels.film_reader import check_format
from backend.archive.adapters.pixels.image_file import (
    check_copy,
    orientation_of,
    without_packed_text,
)
from backend.archive.adapters.pixels.jpeg_file import is_deep_jpeg
from backend.archive.adapters.pixels.tiff_file import is_for_tifffile
from backend.archive.core.header_tags import shown_by
from backend.archive.core.tiff_kind import PHOTOMETRIC, PLANES, WHITE_IS_ZERO
from backend.base.adapters.files import write_atomically
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.export.adapters.deep_copies import deep_jpeg_copy, deep_tiff_copy
from backend.export.adapters.dicom_copies import corrected_dicom, cut_dicom
from backend.labels.core.box import Box

JPEG_QUALITY = 95
_TIFF_RESOLUTION_TAGS = (282, 283)
_TIFF_RESOLUTION_UNIT_TAG = 296
_IN_PLANES = 2
TIFF_EXACT_MODES = frozenset({"L", "LA", "I;16", "I;16B", "I", "F", "RGB", "RGBA"})


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file of a film of the index."""

    radiograph_id: str
    path: str


def write_corrected_copy(
    source: IndexedFile, target: Path, change: PixelChange, box: Box | None = None
) -> None:
    """Write a film, or what lies in a box of it, put right; the original stays as it is.

    PNG, TIFF and DICOM lose nothing; JPEG is encoded once more at quality 95. An orientation tag is
    carried out, not copied. Of a TIFF with several pages the first is changed, and of these pages
    only the first is cut; of a DICOM file all frames are. Text in PNG and JPEG files is left
    behind, because it may name a patient.

    Args:
        source: the original; its bytes are checked to be those that were indexed.
        target: replaced where it exists; its folder is made.
        change: what is wrong, undone.
        box: the part to write, on the film as it is shown before the change; None: all of it.

    Raises:
        RadsieveError: the target is the original.
        FilmChangedError: the file is gone, or holds another film than was indexed.
        UnreadableFilmError: the film cannot be changed without loss.
    """
    path, content = read_indexed(source.radiograph_id, [source.path])
    if target.exists() and target.samefile(path):
        raise RadsieveError(f"expected a new file, got the original {target}; choose another name")
    kind = check_format(content, target.name)
    try:
        copy = _edited(content, kind, _Edit(change, box))
    except RadsieveError:
        raise
    except Exception as error:  # what decoders raise on damaged files is not documented by any
        reason = what_is_damaged(str(error))
        what = "corrected copy" if box is None else "part"
        raise UnreadableFilmError(f"no {what} of it: {reason}") from error
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


@dataclass(frozen=True, slots=True)
class _Edit:
    """What becomes of a film in its copy."""

    change: PixelChange
    box: Box | None
    """The part that stays, on the film as it is shown before the change; None: all of it."""

    def apply(self, pixels: NDArray[Any], upright: PixelChange, white: float) -> NDArray[Any]:
        """Return the pixels of the copy.

        Args:
            pixels: as stored, see `change_pixels`.
            upright: turns them to how they are shown, see `shown_by`.
            white: value of white.
        """
        if self.box is None:
            return change_pixels(pixels, upright.then(self.change), white)
        shown = change_pixels(pixels, upright, white)
        left, top, right, bottom = self.box.in_pixels((shown.shape[1], shown.shape[0]))
        part = change_pixels(shown[top:bottom, left:right], self.change, white)
        return np.ascontiguousarray(part)


def _edited(content: bytes, kind: str, edit: _Edit) -> bytes:
    if kind == "TIFF" and is_for_tifffile(content):
        return deep_tiff_copy(content, edit.apply, every_page=edit.box is None)
    if kind == "JPEG" and is_deep_jpeg(content):
        return deep_jpeg_copy(content, edit.apply)
    if kind != "DICOM":
        check_copy(content)
    return _EDITORS[kind](content, edit)


def _edited_png(content: bytes, edit: _Edit) -> bytes:
    with Image.open(BytesIO(content)) as image:
        upright = shown_by(orientation_of(image))
    pixels = imagecodecs.png_decode(without_packed_text(content))
    edited = edit.apply(pixels, upright, float(np.iinfo(pixels.dtype).max))
    return bytes(imagecodecs.png_encode(edited))


def _edited_jpeg(content: bytes, edit: _Edit) -> bytes:
    with Image.open(BytesIO(content)) as image:
        upright = shown_by(orientation_of(image))
        kept = {name: image.info[name] for name in ("icc_profile", "dpi") if name in image.info}
        pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    edited = Image.fromarray(edit.apply(pixels, upright, 255))
    encoded = BytesIO()
    edited.save(encoded, "JPEG", quality=JPEG_QUALITY, subsampling=0, **kept)
    return encoded.getvalue()


def _edited_tiff(content: bytes, edit: _Edit) -> bytes:
    copy: bytes | None = None
    with Image.open(BytesIO(content)) as image:
        pages = getattr(image, "n_frames", 1) if edit.box is None else 1
        for page in range(pages):
            image.seek(page)
            copy = _with_page(copy, image, content, _Edit(UNCHANGED, None) if page else edit)
    return copy or b""


def _with_page(copy: bytes | None, image: Image.Image, content: bytes, edit: _Edit) -> bytes:
    tags = getattr(image, "tag_v2", {})
    is_exact = image.mode in TIFF_EXACT_MODES
    is_white_zero = is_exact and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
    across, down = (float(tags.get(tag, 1)) for tag in _TIFF_RESOLUTION_TAGS)
    upright = shown_by(orientation_of(image)) if is_exact else UNCHANGED
    pixels = _exact(content, image) if is_exact else expanded(image)
    turns = upright.then(edit.change).turns_ccw
    encoded = imagecodecs.tiff_encode(
        edit.apply(pixels, upright, white_of(pixels)),
        compression="deflate",
        photometric="miniswhite" if is_white_zero else None,
        resolution=(down, across) if turns % 2 else (across, down),
        resolutionunit=int(tags.get(_TIFF_RESOLUTION_UNIT_TAG, 2)),
        appendto=copy,
    )
    return bytes(encoded)


def _exact(content: bytes, image: Image.Image) -> NDArray[Any]:
    """Return the pixels of a page as they are stored, samples last."""
    pixels = np.asarray(imagecodecs.tiff_decode(content, index=image.tell()))
    in_planes = getattr(image, "tag_v2", {}).get(PLANES) == _IN_PLANES
    return np.moveaxis(pixels, 0, -1) if in_planes and pixels.ndim == 3 else pixels


def _edited_dicom(content: bytes, edit: _Edit) -> bytes:
    if edit.box is None:
        return corrected_dicom(content, edit.change)
    height, width = read_dicom(content, None).pixels.shape
    part = cut_dicom(content, edit.box.in_pixels((width, height)))
    return part if edit.change == UNCHANGED else corrected_dicom(part, edit.change)


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


_EDITORS: dict[str, Callable[[bytes, _Edit], bytes]] = {
    "PNG": _edited_png,
    "JPEG": _edited_jpeg,
    "TIFF": _edited_tiff,
    "DICOM": _edited_dicom,
}
