"""PNG, JPEG and TIFF files: grey pixels out of their bytes."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from backend.archive.adapters.pixels.codestream import claim_of
from backend.archive.adapters.pixels.deep_samples import (
    Samples,
    film_as_shown,
    shown_samples,
    work_of_samples,
)
from backend.archive.adapters.pixels.luminance import luminance
from backend.archive.adapters.pixels.tiff_tags import MOST_PAGES, has_few_pages
from backend.archive.adapters.pixels.work_room import room_for
from backend.archive.core.decoded_film import DecodedFilm, check_size, check_work
from backend.archive.core.grey_mapping import ShownGreys, spread
from backend.archive.core.header_tags import orientation_steps
from backend.archive.core.tiff_kind import PHOTOMETRIC, WHITE_IS_ZERO
from backend.base.core.errors import UnreadableFilmError

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# `check_size` refuses huge films with a reason of our own; Pillow would only warn.
Image.MAX_IMAGE_PIXELS = None

_TILE_WIDTH_TAG, _TILE_LENGTH_TAG = 322, 323
_LARGEST_TILE = 4096 * 4096
_PACKED_TEXT = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_PLAIN_PNG_WORK = 4
_VALUE_WORK = {"1": 4, "L": 4, "I;16": 8, "I;16L": 8, "I;16B": 8, "I": 12, "F": 12}
_COLOUR_WORK = 14
_COPIES_WORK = 12
"""Bytes a pixel, see `work_of`; measured on blank pictures of 25 megapixels."""
_ORIENTATION_TAG = 0x0112
_PNG_GREY, _PNG_GREY_ALPHA = 0, 4
_GREY_MODES = frozenset({"1", "L", "I;16", "I;16L", "I;16B", "I", "F"})
_COLOUR_NAMES = {"P": "palette", "PA": "palette", "LA": "grey with transparency"}


def read_png(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode a PNG.

    Plain grey is decoded by libpng directly: 1.3 times as fast as Pillow, and as strict about
    truncated data and checksums.

    Raises:
        UnreadableFilmError: the header claims an impossible size.
    """
    if _has_deep_samples(content):
        return _read_deep_png(content)
    if not _is_plain_grey(content):
        return read_with_pillow(content, at_least_px)
    width, height = struct.unpack(">II", content[16:24])
    check_size(width, height)
    with room_for(width * height, _PLAIN_PNG_WORK, len(content)):
        stored = imagecodecs.png_decode(without_packed_text(content))
        shown = ShownGreys(stored, ()) if stored.dtype == np.uint8 else spread(stored)
    return DecodedFilm(
        pixels=shown.pixels,
        width_px=width,
        height_px=height,
        file_format="PNG",
        normalisation=shown.steps,
    )


def read_with_pillow(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode a JPEG, a TIFF, or a PNG that is not plain grey.

    Args:
        content: the whole file.
        at_least_px: a JPEG is decoded at 1/2, 1/4 or 1/8 where neither side falls below this.

    Raises:
        UnreadableFilmError: the header claims an impossible size.
    """
    with Image.open(BytesIO(content), formats=("PNG", "JPEG", "TIFF")) as image:
        check_size(*image.size)
        # Before all else: to ask a PNG for its orientation decodes it.
        with room_for(image.size[0] * image.size[1], work_of(image, content), len(content)):
            width, height = _size_as_shown(image)
            steps = [*orientation_steps(orientation_of(image)), *_page_steps(image, content)]
            white_is_zero = _is_white_zero(image)
            if at_least_px and image.mode in {"L", "RGB"}:
                image.draft(image.mode, (at_least_px, at_least_px))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            shown = _shown(image, white_is_zero)
    return DecodedFilm(
        pixels=shown.pixels,
        width_px=width,
        height_px=height,
        # A camera's JPEG with a preview in it is MPO to Pillow.
        file_format="JPEG" if image.format == "MPO" else image.format or "",
        normalisation=(*steps, *shown.steps),
        coloured_share=shown.coloured_share,
        white_is_zero=white_is_zero,
    )


def _is_plain_grey(content: bytes) -> bool:
    """Whether a PNG is grey of 8 or 16 bits, without interlacing, transparency, orientation."""
    if content[24:26] not in {b"\x08\0", b"\x10\0"} or _is_interlaced(content):
        return False
    return not any(name in {b"tRNS", b"eXIf"} for name, _, _ in _png_chunks(content))


def _has_deep_samples(content: bytes) -> bool:
    """Whether a PNG is of 16 bits, or grey, with what Pillow passes over or cuts to 8 bits."""
    bits, colour_type = content[24], content[25]
    if bits == 16 and colour_type != _PNG_GREY:
        return True
    return colour_type == _PNG_GREY and any(name == b"tRNS" for name, _, _ in _png_chunks(content))


def _read_deep_png(content: bytes) -> DecodedFilm:
    width, height = struct.unpack(">II", content[16:24])
    check_size(width, height)
    colours = 1 if content[25] in {_PNG_GREY, _PNG_GREY_ALPHA} else 3
    bits = max(8, content[24])
    with room_for(width * height, work_of_samples(colours + 1, bits), len(content)):
        values = _png_values(without_packed_text(content))
        if values.ndim == 3 and values.shape[2] > 2:
            colours = 3
        shown = shown_samples(Samples(values=values, colours=colours, bits=bits))
    return film_as_shown(shown, "PNG", _png_orientation(content))


def _png_values(content: bytes) -> NDArray[Any]:
    """Return the samples of a PNG, opacity last; grey may come as RGB."""
    if not _is_interlaced(content):
        return np.asarray(imagecodecs.png_decode(content))
    # imagecodecs would print a warning for each; OpenCV takes a file that is cut for a whole one.
    with Image.open(BytesIO(content), formats=("PNG",)) as image:
        image.load()
    values = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED))
    return values if values.ndim == 2 else values[..., [2, 1, 0, 3][: values.shape[2]]]


def _is_interlaced(content: bytes) -> bool:
    return content[28:29] != b"\0"


def _png_orientation(content: bytes) -> int:
    for name, begin, end in _png_chunks(content):
        if name == b"eXIf":
            return exif_orientation(content[begin + 8 : end - 4])
    return 1


def exif_orientation(exif: bytes) -> int:
    """Return the orientation of packed Exif data, 1 where it says none that can be read."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        return int(tags.get(_ORIENTATION_TAG, 1) or 1)
    except (ValueError, TypeError, SyntaxError, struct.error, OSError):
        return 1


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk, and where it begins and ends."""
    place = len(PNG_MAGIC)
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        yield name, place, place + length + 12
        place += length + 12


def without_packed_text(content: bytes) -> bytes:
    """Return a PNG without texts and profiles, which libpng unpacks, used or not."""
    parts = list(_png_chunks(content))
    kept = [part for part in parts if part[0] not in _PACKED_TEXT]
    if len(kept) == len(parts):
        return content
    return PNG_MAGIC + b"".join(content[begin:end] for _, begin, end in kept)


def work_of(image: Image.Image, content: bytes) -> float:
    """Return the bytes that each pixel takes while Pillow decodes it and it is made grey.

    Raises:
        UnreadableFilmError: the file is packed so that its size says nothing of that.
    """
    if image.format == "TIFF":
        _check_tiles(image)
    elif image.format != "PNG":
        claim_of(content)  # refuses scans without end
    values = _VALUE_WORK.get(image.mode, _COLOUR_WORK)
    return values + 2 * len(image.getbands())


def check_copy(content: bytes) -> None:
    """Refuse a picture whose pages would take too much to be changed and written again.

    Raises:
        UnreadableFilmError: they would.
    """
    with Image.open(BytesIO(content), formats=("PNG", "JPEG", "TIFF")) as image:
        pixels, work = 0, 0.0
        for page in range(pages_of(image, content)):
            image.seek(page)
            pixels += image.size[0] * image.size[1]
            work = max(work, work_of(image, content) + _COPIES_WORK)
        check_work(pixels, work, len(content))


def _check_tiles(image: Image.Image) -> None:
    """Refuse a TIFF whose single tile is larger than it and than any real tile."""
    tags = getattr(image, "tag_v2", {})
    tile = int(tags.get(_TILE_WIDTH_TAG, 0)) * int(tags.get(_TILE_LENGTH_TAG, 0))
    if tile > max(_LARGEST_TILE, image.size[0] * image.size[1]):
        raise UnreadableFilmError(f"damaged TIFF: a tile of {tile:,} pixels")


def _size_as_shown(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    # Pillow turns a TIFF by itself, and its size with it.
    is_turned = image.format != "TIFF" and orientation_of(image) >= 5
    return (height, width) if is_turned else (width, height)


def orientation_of(image: Image.Image) -> int:
    """Return the orientation tag, 1 (as stored) where there is none; ask before loading a TIFF."""
    said = image.getexif().get(_ORIENTATION_TAG, 1)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _page_steps(image: Image.Image, content: bytes) -> Iterator[str]:
    pages = pages_of(image, content)
    if pages > 1:
        yield f"page 1 of {pages} used"


def pages_of(image: Image.Image, content: bytes) -> int:
    """Return the number of pages.

    Raises:
        UnreadableFilmError: a TIFF has more than anybody would scan; to count them takes for ever.
    """
    if image.format == "TIFF" and not has_few_pages(content):
        raise UnreadableFilmError(f"damaged TIFF: more than {MOST_PAGES:,} pages or tags")
    return int(getattr(image, "n_frames", 1))


def _is_white_zero(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return image.mode in _GREY_MODES and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO


def _shown(image: Image.Image, white_is_zero: bool) -> ShownGreys:
    if image.mode not in _GREY_MODES:
        return _luminance(image)
    steps = ("WhiteIsZero: inverted",) if white_is_zero else ()
    if image.mode in {"1", "L"}:
        return ShownGreys(np.asarray(image.convert("L")), steps)
    deep = spread(np.asarray(image))
    # Pillow inverts 1 and 8 bits by itself; deeper pixels it hands out as they are stored.
    return ShownGreys(255 - deep.pixels if white_is_zero else deep.pixels, (*deep.steps, *steps))


def _luminance(image: Image.Image) -> ShownGreys:
    """Return what a colour picture looks like in grey, transparent parts on black."""
    steps = [f"{_COLOUR_NAMES.get(image.mode, image.mode)}: luminance taken"]
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            steps.append("transparency: put on black")
            black = Image.new("RGBA", image.size, (0, 0, 0, 255))
            image = Image.alpha_composite(black, image)
    colours = image.convert("RGB")
    return luminance(np.asarray(colours.convert("L")), np.asarray(colours), steps)
