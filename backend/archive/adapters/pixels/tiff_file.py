"""TIFF files: by Pillow what is common, by tifffile what Pillow refuses or reads wrongly."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from backend.archive.adapters.pixels.codestream import claim_of
from backend.archive.adapters.pixels.deep_samples import (
    Samples,
    film_as_shown,
    shown_samples,
    work_of_samples,
)
from backend.archive.adapters.pixels.image_file import read_with_pillow
from backend.archive.adapters.pixels.tiff_tags import MOST_PAGES, first_tags, has_few_pages
from backend.archive.adapters.pixels.work_room import room_for
from backend.archive.core.decoded_film import DecodedFilm, check_size
from backend.archive.core.tiff_kind import (
    JPEG,
    JPEG_2000,
    ORIENTATION,
    TiffKind,
    first_of,
    tiff_kind,
)
from backend.base.core.errors import UnreadableFilmError

if TYPE_CHECKING:
    from tifffile import TiffPage

_UNKNOWN_TO_PILLOW = b"MM\0+"
"""A BigTIFF whose numbers begin with their highest byte; Pillow warns of it, and gets lost."""
_LARGEST_SEGMENT = 4096 * 4096
"""A strip or tile of more values than this is no larger than the whole picture."""
# What it has to say of odd tags is of no use to whoever looks for bad films.
logging.getLogger("tifffile").addHandler(logging.NullHandler())
logging.getLogger("tifffile").propagate = False


def read_tiff(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode the first page of a TIFF.

    Args:
        content: the whole file.
        at_least_px: see `read_with_pillow`.

    Raises:
        UnreadableFilmError: a kind that is not read, or an impossible size.
    """
    if not is_for_tifffile(content):
        return read_with_pillow(content, at_least_px)
    tags = first_tags(content)
    kind = tiff_kind(tags)
    with deep_page(content, kind) as page:
        shown = shown_samples(_samples(page, kind))
        pages = len(page.parent.pages)
    orientation, steps = first_of(tags, ORIENTATION, 1), _steps_before(kind, pages)
    return film_as_shown(shown, "TIFF", orientation, steps, white_is_zero=kind.is_white_zero)


def is_for_tifffile(content: bytes) -> bool:
    """Whether Pillow refuses the first page of a TIFF, or would read it wrongly.

    Raises:
        UnreadableFilmError: it has very many pages, or ends in its first directory.
    """
    if not has_few_pages(content):
        raise UnreadableFilmError(f"damaged TIFF: more than {MOST_PAGES:,} pages or tags")
    if content.startswith(_UNKNOWN_TO_PILLOW) or not tiff_kind(first_tags(content)).is_common:
        return True
    try:
        # It has a list of layouts and orders of bytes; a few that are as common are not in it.
        Image.open(BytesIO(content), formats=("TIFF",)).close()
    except UnidentifiedImageError:
        return True
    return False


@contextmanager
def deep_page(content: bytes, kind: TiffKind, more_work: float = 0) -> Iterator["TiffPage"]:
    """Open the first page, with room to decode it and so many bytes a pixel more.

    Raises:
        UnreadableFilmError: it is of a kind that is not read, or claims too much.
    """
    import tifffile  # noqa: PLC0415 - takes as long as ten films, and few archives need it

    if kind.refusal:
        raise UnreadableFilmError(kind.refusal)
    with tifffile.TiffFile(BytesIO(content)) as file:
        page = file.pages.first
        check_size(page.imagewidth, page.imagelength)
        check_segments(page, content, kind.packing)
        work = work_of_samples(kind.samples, kind.bits[0]) + more_work
        with room_for(page.imagewidth * page.imagelength, work, len(content)):
            yield page


def _steps_before(kind: TiffKind, pages: int) -> Iterator[str]:
    if pages > 1:
        yield f"page 1 of {pages} used"
    if kind.is_guessed:
        yield "photometric interpretation missing: taken as black is zero"
    if kind.name != "8 bits":
        yield f"TIFF of {kind.name}"


def _samples(page: "TiffPage", kind: TiffKind) -> Samples:
    values = decoded(page)
    return Samples(
        values=values,
        colours=kind.colours,
        bits=kind.bits[0],
        is_multiplied=kind.is_multiplied,
        is_white_zero=kind.is_white_zero,
    )


def decoded(page: "TiffPage") -> NDArray[Any]:
    """Return the values of a page, shape (height, width), or (height, width, samples)."""
    values = np.asarray(page.asarray(maxworkers=1))
    if page.axes == "SYX":
        return np.ascontiguousarray(np.moveaxis(values, 0, -1))
    return values


def check_segments(page: "TiffPage", content: bytes, packing: int) -> None:
    """Refuse a page that lacks strips or tiles, or one of them that claims to be huge.

    Raises:
        UnreadableFilmError: it does.
    """
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    if len(segments) != int(np.prod(page.chunked)) or not all(count for _, count in segments):
        raise UnreadableFilmError("damaged TIFF: strips or tiles are missing")
    values = int(np.prod(page.chunks))
    if values > max(_LARGEST_SEGMENT, int(np.prod(page.shape))):
        raise UnreadableFilmError(f"damaged TIFF: a tile of {values:,} values")
    if packing in {JPEG, *JPEG_2000}:
        for offset, count in segments:
            _check_claim(content[offset : offset + count], values)


def _check_claim(packed: bytes, values: int) -> None:
    """Refuse packed pixels that claim more than their strip or tile holds.

    Raises:
        UnreadableFilmError: they do.
    """
    claim = claim_of(packed)
    if claim and not (claim.is_plain and claim.values <= max(_LARGEST_SEGMENT, values)):
        raise UnreadableFilmError("damaged TIFF: a strip or tile claims to be huge")
