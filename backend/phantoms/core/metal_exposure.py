"""How metal shows on a film that was taken without it.

A grey value of 0 (black) stands for the full beam and 1 (white) for none, so that 1 - grey is what
reached the film there; metal takes its share away (Beer and Lambert). Of what reaches the film a
part is scattered by the body around: it comes from all sides, so metal does not hold it back. It
makes metal grey rather than white, and hides what lies behind.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.base.core.detector_task import Image
from backend.phantoms.core.metal_pieces import Field

SCATTER = (0.04, 0.65)
"""Share of what reaches the film. On five real films metal let through about 0.01 to 0.6 of it."""
BLUR_MM = (0.15, 0.45)
"""Deviation of the point spread: focal spot, detector and the film's reduction."""
SCATTER_REACH_MM = 60.0
MOST_SCATTER = 0.8
"""Of what reaches the film, even where the body is thickest."""
FEWEST_BLUR_PX = 0.45
"""Less than this no picture has that was reduced with area means."""
_SEEN = 0.002
"""Metal that takes away less is left out, so that the film is untouched elsewhere."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How one film was taken."""

    scatter: float
    """Share of what reaches the film, 0 to 1."""
    blur_mm: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Self:
        """Return a random exposure within the ranges above."""
        return cls(
            scatter=float(np.exp(rng.uniform(*np.log(SCATTER)))),
            blur_mm=float(rng.uniform(*BLUR_MM)),
        )


def exposed(
    film: Image, through: Field, mm_per_px: float, exposure: Exposure, rng: np.random.Generator
) -> Image:
    """Return the film as if the metal had been in the beam.

    Args:
        film: shape (height, width), 0.0 (black) to 1.0 (white).
        through: of that shape: the share of the beam that the metal lets through, 0 to 1.
        mm_per_px: of the film.
        exposure: how it is taken.
        rng: for the noise.
    """
    blur_px = max(exposure.blur_mm / mm_per_px, FEWEST_BLUR_PX)
    through = ndimage.gaussian_filter(through, blur_px, mode="nearest").clip(0, 1)
    reached = 1 - film
    spread_out = exposure.scatter * _spread(reached, mm_per_px)
    scattered = np.minimum(spread_out, MOST_SCATTER * reached)
    primary = reached - scattered
    # Quanta that are held back are drawn by lot: the noise falls less than the signal does.
    spread = np.sqrt(_noise(film) * primary * through * (1 - through))
    kept = primary * through + spread * rng.standard_normal(film.shape, np.float32)
    metal = through < 1 - _SEEN
    return np.where(metal, (1 - scattered - kept).clip(0, 1), film).astype(np.float32)


def _spread(reached: Field, mm_per_px: float) -> Field:
    """Return what reaches the film, spread as scatter is; two plain means are near enough."""
    side = max(1, round(SCATTER_REACH_MM / mm_per_px))
    spread = ndimage.uniform_filter(ndimage.uniform_filter(reached, side), side)
    return np.asarray(spread, np.float32)


def transmission(depth: Field, times: int) -> Field:
    """Return the share of the beam that gets through each pixel, from a finer map of depth.

    Intensities are averaged, not depths: a wire thinner than a pixel holds back less.

    Args:
        depth: shape (height * times, width * times).
        times: finer pixels along the side of a pixel.
    """
    height, width = (side // times for side in depth.shape)
    through = np.exp(-depth).reshape(height, times, width, times)
    return np.asarray(through.mean(axis=(1, 3)), np.float32)


def _noise(film: Image) -> float:
    """Return the variance of the grain, per unit of what reached the film.

    The median of small differences: edges of the body do not count.
    """
    reached = np.maximum(1 - film, 0.02)
    fine: NDArray[np.floating] = film - ndimage.uniform_filter(film, 3)
    inside = (film > 0.02) & (film < 0.98)
    if not inside.any():
        return 0.0
    # 0.6745 turns a median into a deviation; 8/9 of the grain is left by the local mean.
    return float((np.median(np.abs(fine / np.sqrt(reached))[inside]) / 0.6745) ** 2 * 9 / 8)
