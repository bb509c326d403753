"""Corrected copies of TIFFs and JPEGs that Pillow does not read: nothing is lost of any depth."""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.codestream import jpeg_frame
from backend.archive.adapters.pixels.jpeg_file import (
    JPEG_FRAMES,
    JPEG_LS,
    deep_values,
    jpeg_orientation,
)
from backend.archive.adapters.pixels.tiff_file import check_segments, decoded, deep_page
from backend.archive.adapters.pixels.tiff_tags import first_tags
from backend.archive.core.decoded_film import check_work
from backend.archive.core.header_tags import shown_by
from backend.archive.core.tiff_kind import (
    CMYK,
    ORIENTATION,
    UNSIGNED,
    TiffKind,
    first_of,
    tiff_kind,
)
from backend.base.core.errors import UnreadableFilmError
from backend.base.core.pixel_change import PixelChange

if TYPE_CHECKING:
    from tifffile import TiffPage

Edit = Callable[[NDArray[Any], PixelChange, float], NDArray[Any]]
"""Takes the stored pixels, what turns them upright, and the value of white."""
_WHOLE_BYTES = frozenset({8, 16, 32, 64})
_COPIES_WORK = 32
"""Bytes a pixel for what is turned and written."""


def deep_tiff_copy(content: bytes, edit: Edit, *, every_page: bool) -> bytes:
    """Return a TIFF with its first page changed, at its depth.

    Args:
        content: the whole file.
        edit: see `Edit`.
        every_page: the other pages are copied as they are; otherwise they are left behind.

    Raises:
        UnreadableFilmError: it cannot be read, or not be changed without loss.
    """
    import tifffile  # noqa: PLC0415 - takes as long as ten films, and few archives need it

    tags = first_tags(content)
    kind = tiff_kind(tags)
    if kind.photometric == CMYK or kind.is_multiplied:
        raise UnreadableFilmError("a TIFF of inks, or of greys multiplied by their opacity")
    file, upright = BytesIO(), shown_by(first_of(tags, ORIENTATION, 1))
    with deep_page(content, kind, _COPIES_WORK) as page, tifffile.TiffWriter(file) as writer:
        values = decoded(page)
        values = values.astype(np.uint8) if values.dtype == np.bool_ else values
        changed = edit(values, upright, _white_of(values, kind))
        writer.write(changed, metadata=None, **_layout(changed, kind))
        for other in _other_pages(page, content) if every_page else ():
            writer.write(other.asarray(maxworkers=1), metadata=None, **_layout_of(other))
    return file.getvalue()


def _other_pages(first: "TiffPage", content: bytes) -> list["TiffPage"]:
    """Return the pages after the first.

    Raises:
        UnreadableFilmError: they claim more than such a file can hold.
    """
    numbers = range(1, len(first.parent.pages))
    pages = [first.parent.pages[number].aspage() for number in numbers]
    values = sum(page.imagewidth * page.imagelength * page.samplesperpixel for page in pages)
    check_work(values, _COPIES_WORK, len(content))
    for page in pages:
        check_segments(page, content, int(page.compression))
    return pages


def _layout_of(page: "TiffPage") -> dict[str, Any]:
    return {
        "photometric": page.photometric,
        "planarconfig": page.planarconfig if page.samplesperpixel > 1 else None,
        "extrasamples": page.extrasamples or None,
        "colormap": page.colormap,
        "compression": "zlib",
    }


def deep_jpeg_copy(content: bytes, edit: Edit) -> bytes:
    """Return a deep or lossless JPEG changed, without further loss.

    Raises:
        UnreadableFilmError: it cannot be read.
    """
    marker, bits = jpeg_frame(content)
    with deep_values(content, _COPIES_WORK) as values:
        upright = shown_by(jpeg_orientation(content))
        changed = edit(values, upright, 2**bits - 1)
        if JPEG_FRAMES[marker] == JPEG_LS:
            return bytes(imagecodecs.jpegls_encode(changed))
        return bytes(imagecodecs.jpeg8_encode(changed, lossless=True, bitspersample=bits))


def _layout(values: NDArray[Any], kind: TiffKind) -> dict[str, Any]:
    """Return how tifffile is to write values."""
    photometric = {0: "miniswhite", 1: "minisblack"}.get(kind.photometric, "rgb")
    layout: dict[str, Any] = {"photometric": photometric, "compression": "zlib"}
    if kind.bits[0] not in _WHOLE_BYTES and values.ndim == 2:
        layout |= {"compression": None, "bitspersample": kind.bits[0]}
    if values.ndim == 3:
        layout["planarconfig"] = "contig"
        more = values.shape[2] - kind.colours
        layout["extrasamples"] = ["unassalpha"] * more if more else None
    return layout


def _white_of(values: NDArray[Any], kind: TiffKind) -> float:
    """Return the value that inversion subtracts from; without an agreed white, both ends change."""
    if kind.sample_format == UNSIGNED and values.dtype.kind == "u":
        return float(2 ** kind.bits[0] - 1)
    greys = values[..., : kind.colours] if values.ndim == 3 else values
    return float(np.min(greys)) + float(np.max(greys))
