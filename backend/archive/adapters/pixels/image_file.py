"""PNG, JPEG and TIFF files: grey pixels out of their bytes."""

import struct
from collections.abc import Iterable, Iterator
from io import BytesIO

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from backend.archive.core.decoded_film import DecodedFilm, check_size
from backend.archive.core.grey_mapping import ShownGreys, spread
from backend.archive.core.picture_measures import colour_sentence, notable_share

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# `check_size` refuses huge films with a reason of our own; Pillow would only warn.
Image.MAX_IMAGE_PIXELS = None

_ORIENTATION_TAG = 0x0112
_TIFF_PHOTOMETRIC_TAG = 262
_GREY_MODES = frozenset({"1", "L", "I;16", "I;16L", "I;16B", "I", "F"})
_COLOUR_NAMES = {"P": "palette", "PA": "palette", "LA": "grey with transparency"}
_COLOUR_STEP = 40
"""JPEG makes grey pixels differ between channels, on real films by up to 33 levels of 255; arrows
differ by more."""


def read_png(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode a PNG.

    Plain grey is decoded by libpng directly: 1.3 times as fast as Pillow, and as strict about
    truncated data and checksums.

    Raises:
        UnreadableFilmError: the header claims an impossible size.
    """
    if not _is_plain_grey(content):
        return read_with_pillow(content, at_least_px)
    width, height = struct.unpack(">II", content[16:24])
    check_size(width, height)
    stored = imagecodecs.png_decode(content)
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
        width, height = _size_as_shown(image)
        steps = [*_orientation_steps(image), *_page_steps(image)]
        white_is_zero = _is_white_zero(image)
        if at_least_px and image.mode in {"L", "RGB"}:
            image.draft(image.mode, (at_least_px, at_least_px))
        image.load()
        shown = _shown(ImageOps.exif_transpose(image), white_is_zero)
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
    """Whether a PNG is grey of 8 or 16 bits, without transparency and orientation."""
    if content[24:26] not in {b"\x08\0", b"\x10\0"}:  # bit depth, colour type
        return False
    return not any(name in {b"tRNS", b"eXIf"} for name in _png_chunks(content))


def _png_chunks(content: bytes) -> Iterator[bytes]:
    place = len(PNG_MAGIC)
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        yield name
        place += length + 12


def _size_as_shown(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    # Pillow turns a TIFF by itself, and its size with it.
    is_turned = image.format != "TIFF" and orientation_of(image) >= 5
    return (height, width) if is_turned else (width, height)


def orientation_of(image: Image.Image) -> int:
    """Return the orientation tag, 1 (as stored) where there is none; ask before loading a TIFF."""
    return int(image.getexif().get(_ORIENTATION_TAG, 1) or 1)


def _orientation_steps(image: Image.Image) -> Iterator[str]:
    orientation = orientation_of(image)
    if orientation != 1:
        yield f"orientation tag {orientation}: applied"


def _page_steps(image: Image.Image) -> Iterator[str]:
    pages = getattr(image, "n_frames", 1)
    if pages > 1:
        yield f"page 1 of {pages} used"


def _is_white_zero(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return image.mode in _GREY_MODES and tags.get(_TIFF_PHOTOMETRIC_TAG) == 0


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


def luminance(
    greys: NDArray[np.uint8], colours: NDArray[np.uint8], steps: Iterable[str]
) -> ShownGreys:
    """Return a coloured picture in grey, with how much of it is coloured.

    Args:
        greys: the picture in grey, shape (height, width).
        colours: the picture, shape (height, width, 3), red, green and blue.
        steps: what was done to get from the stored pixels to the greys.
    """
    channels = cv2.split(colours)
    lightest = cv2.max(cv2.max(channels[0], channels[1]), channels[2])
    darkest = cv2.min(cv2.min(channels[0], channels[1]), channels[2])
    share = notable_share(float((lightest - darkest > _COLOUR_STEP).mean()))
    sentence = colour_sentence(share)
    return ShownGreys(greys, (*steps, *([sentence] if sentence else [])), share)
