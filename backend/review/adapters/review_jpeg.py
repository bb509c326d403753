"""A film's bytes turned into the two JPEGs that a reviewer sees."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.pixel_change import UNCHANGED, PixelChange

THUMB_BOXES_PX = ((422, 325), (316, 412))
"""Widths and heights; a thumbnail is as large as the one it fits into at the larger size.

The largest cells that a sheet of 24 or more films has on a window of up to 2560x1440 CSS pixels:
421.5 x 324.8 (24 films in 6 x 4), and 315.4 x 410 on windows that are wider for their height (8 x
3). So no film is enlarged there where a CSS pixel is one of the screen's. A square film needs 325
pixels, a landscape one of 5:4 403 and an upright one of 4:5 391 on its longer side.

Cells on   1280x720   1600x1000  2560x1440
24 films   155 x 194  262 x 215  422 x 325
48 films   124 x 115  156 x 171  252 x 259
60 films   103 x 115  156 x 142  252 x 216
"""
LARGE_PX = 1440
"""Longest side when a film is looked at alone: the height of the largest such window."""
THUMB_QUALITY, LARGE_QUALITY = 85, 88
RECIPE = (
    f"thumbnail fits {' or '.join(f'{w}x{h}' for w, h in THUMB_BOXES_PX)} px, "
    f"quality {THUMB_QUALITY}; large {LARGE_PX} px, quality {LARGE_QUALITY}"
)
"""Pictures that were made by another one are made again."""

# A check must not be told from other films by how it is packed: one list for all.
_PACKING = (cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 0)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture, packed."""

    content: bytes
    longest_px: int

    @property
    def sha256(self) -> str:
        """The hash of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ReviewJpegs:
    """A film as a reviewer sees it, in two sizes."""

    thumb: Jpeg
    large: Jpeg
    normalisation: tuple[str, ...]
    """What the tags made the decoder do, by the rules of the index. Where they give no window, the
    ends of the greys are those of the pixels decoded here, which are more than the index looks at:
    0.3 % apart on a JPEG 2000 phantom of 2000 x 1600."""


def review_jpegs(content: bytes, name: str, change: PixelChange | None = None) -> ReviewJpegs:
    """Decode a film and pack it for review; a smaller film is not enlarged.

    Args:
        content: the whole file.
        name: of the file; only used to say what is wrong.
        change: done to the pixels, to show a copy that is known to be bad.

    Raises:
        UnreadableFilmError: the reason, on one line.
    """
    film = read_film(content, PurePath(name).name, at_least_px=LARGE_PX)
    pixels = (change or UNCHANGED).apply(film.pixels, white=255)
    large = _shrunk(pixels, ((LARGE_PX, LARGE_PX),))
    return ReviewJpegs(
        _packed(_shrunk(large, THUMB_BOXES_PX), THUMB_QUALITY),
        _packed(large, LARGE_QUALITY),
        film.normalisation,
    )


def _shrunk(pixels: NDArray[np.uint8], boxes_px: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
    """Shrink to the largest of the boxes that the film fits into, each pixel an area's mean."""
    height, width = pixels.shape
    scale = min(1.0, max(min(w / width, h / height) for w, h in boxes_px))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _packed(pixels: NDArray[np.uint8], quality: int) -> Jpeg:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, *_PACKING]
    _, encoded = cv2.imencode(".jpg", pixels, options)
    return Jpeg(encoded.tobytes(), max(pixels.shape))
