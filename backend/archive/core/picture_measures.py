"""Measures of a film's picture by which a rule finds films of no use; one number each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Thumbnail = NDArray[np.uint8]
"""Shape (side, side), the whole film squashed to a square."""

_COARSE = 32
"""Noise and grain vanish in a picture so small; anatomy does not."""
_EVEN_LEVELS = 10
"""Grey levels within which a border is even: JPEG adds a few."""
_EVEN_SHARE = 0.98
"""Of a row; the rest may be a letter or a dead pixel."""
_WHITE = 250
"""JPEG pulls clipped white down by a few levels."""
_FINE_SIGMA_PX = 1.0


@dataclass(frozen=True, slots=True)
class ContentBox:
    """The part of a thumbnail inside its even border; ends are exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, thumbnail: Thumbnail) -> Thumbnail:
        """Return the part of the thumbnail inside the box; all of it where the box is empty."""
        inside = thumbnail[self.top : self.bottom, self.left : self.right]
        return inside if inside.size else thumbnail

    def border_share(self, side: int) -> float:
        """Return the share of a thumbnail's area that lies outside, 0 to 1."""
        return 1 - (self.bottom - self.top) * (self.right - self.left) / side**2


def content_box(thumbnail: Thumbnail) -> ContentBox:
    """Find what is left when even rows and columns are cut from the edges.

    >>> film = np.zeros((64, 64), np.uint8)
    >>> film[16:48, 8:56] = 100 + np.arange(48)
    >>> content_box(film)
    ContentBox(top=16, bottom=48, left=8, right=56)
    """
    greys = thumbnail.astype(np.int16)
    return ContentBox(*_uneven(greys), *_uneven(greys.T))


def structure(thumbnail: Thumbnail) -> float:
    """Return the range of greys in a coarse copy of the film, 0 (blank) to 1."""
    step = len(thumbnail) // _COARSE
    coarse = thumbnail.reshape(_COARSE, step, _COARSE, step).mean(axis=(1, 3))
    low, high = np.percentile(coarse, (5, 95))
    return float(high - low) / 255


def white_share(content: Thumbnail) -> float:
    """Return the share of pixels that are clipped to white, 0 to 1."""
    return float((content >= _WHITE).mean())


def sharpness(content: Thumbnail) -> float:
    """Return the share of the contrast that a slight blur takes away, 0 to about 1."""
    greys = content.astype(np.float32)
    fine = greys - ndimage.gaussian_filter(greys, _FINE_SIGMA_PX)
    return float(fine.std() / (greys.std() + 0.25))


def _uneven(greys: NDArray[np.int16]) -> tuple[int, int]:
    """Return the first row that is not even and the row after the last one."""
    middle = np.partition(greys, greys.shape[1] // 2, axis=1)[:, greys.shape[1] // 2]
    even = (np.abs(greys - middle[:, None]) <= _EVEN_LEVELS).mean(axis=1) >= _EVEN_SHARE
    rows = np.flatnonzero(~even)
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)


_LEAST_SHARE = 0.0002
"""Less is noise of the encoder, or a mark of a few pixels."""


def notable_share(share: float) -> float:
    """Return a share of coloured pixels, 0 to 1, to the hundredth of a percent.

    >>> notable_share(0.013004), notable_share(0.0001)
    (0.013, 0.0)
    """
    return round(share, 4) if share >= _LEAST_SHARE else 0.0


def colour_sentence(share: float) -> str | None:
    """Return the sentence for a notable share of coloured pixels; None where there are none.

    >>> colour_sentence(0.013), colour_sentence(0.0)
    ('1.30% of the pixels are coloured', None)
    """
    return f"{share:.2%} of the pixels are coloured" if share else None
