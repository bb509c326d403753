"""Where the body lies on an upright frontal film: its midline and shoulders."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.base.core.detector_task import Image

_DARK = 0.12
"""Of the way from the film's darkest to its brightest; air beside the body is darker."""
_SHOULDER_MM = 95.0
"""How far from the midline the shoulders' height is taken."""


@dataclass(frozen=True, slots=True)
class BodyFrame:
    """The body on one film."""

    inside: NDArray[np.bool_]
    """Shape (height, width): what is not air beside the body or a border."""
    midline_px: float
    """Column."""
    shoulder_px: float
    """Row where the body begins left and right of the neck; 0 where it reaches the upper edge."""

    @classmethod
    def of(cls, film: Image, mm_per_px: float) -> Self:
        """Find the body.

        Args:
            film: shape (height, width), 0.0 (black) to 1.0 (white).
            mm_per_px: of the film.
        """
        inside, midline = inside_body(film), _midline_px(film)
        rows = [
            _first_row(inside, round(midline + side * _SHOULDER_MM / mm_per_px)) for side in (-1, 1)
        ]
        return cls(inside, midline, float(np.mean(rows)))


def inside_body(film: Image) -> NDArray[np.bool_]:
    """Return what is not air beside the body or a border, shape (height, width); never nothing."""
    smooth = ndimage.gaussian_filter(film, 0.006 * len(film), mode="nearest")
    low, high = np.percentile(smooth, (1, 99))
    # Lungs may be as dark as the air around the body, but do not touch the film's edges.
    regions, _ = ndimage.label(smooth < low + _DARK * (high - low))
    edges = (regions[0], regions[-1], regions[:, 0], regions[:, -1])
    touching = np.unique(np.concatenate(edges))
    inside = (regions == 0) | ~np.isin(regions, touching)
    return inside if inside.any() else np.ones_like(inside)


def _midline_px(film: Image) -> float:
    """Return the brightest column near the middle: spine and heart hold back the most."""
    height, width = film.shape
    middle = film[round(0.15 * height) : round(0.75 * height)].mean(axis=0)
    smooth = ndimage.gaussian_filter1d(middle, 0.03 * width, mode="nearest")
    first, last = round(0.38 * width), round(0.62 * width)
    return float(first + smooth[first : last + 1].argmax())


def _first_row(inside: NDArray[np.bool_], column: int) -> int:
    column = min(max(column, 0), inside.shape[1] - 1)
    return int(inside[:, column].argmax())
