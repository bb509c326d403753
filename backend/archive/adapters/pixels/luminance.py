"""Coloured pictures in grey, with how much of them is coloured."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.core.grey_mapping import ShownGreys
from backend.archive.core.picture_measures import colour_sentence, notable_share

_ROWS = 256
"""So many at once: what is worked out on the way is small."""
_COLOUR_STEP = 40
"""JPEG makes grey pixels differ between channels, on real films by up to 33 levels of 255; arrows
differ by more."""


def luminance(
    greys: NDArray[np.uint8], colours: NDArray[np.uint8], steps: Iterable[str]
) -> ShownGreys:
    """Return a coloured picture in grey, with how much of it is coloured.

    Args:
        greys: the picture in grey, shape (height, width).
        colours: the picture, shape (height, width, 3), red, green and blue.
        steps: what was done to get from the stored pixels to the greys.
    """
    coloured = sum(_coloured(colours[at : at + _ROWS]) for at in range(0, len(colours), _ROWS))
    share = notable_share(coloured / max(1, greys.size))
    sentence = colour_sentence(share)
    return ShownGreys(greys, (*steps, *([sentence] if sentence else [])), share)


def _coloured(colours: NDArray[np.uint8]) -> int:
    """Count the pixels of some rows whose channels differ."""
    red, green, blue = cv2.split(colours)
    lightest, darkest = (ends(ends(red, green), blue) for ends in (cv2.max, cv2.min))
    return int(np.count_nonzero(lightest - darkest > _COLOUR_STEP))
