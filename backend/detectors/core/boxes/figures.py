"""How well predicted boxes match those that people drew, with 95 % intervals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import (
    BOOTSTRAP,
    CONFIDENCE,
    Figure,
    clopper_pearson,
    patient_bootstrap,
)
from backend.labels.core.box import Boxes, corner_error_px, overlap

FAIR, GOOD = 0.5, 0.7
"""Limits of intersection over union that are commonly reported."""


@dataclass(frozen=True, slots=True)
class BoxFigures:
    """How well predicted boxes match those that people drew."""

    films: int
    patients: int
    boxes: int
    mean_overlap: Figure
    """Intersection over union."""
    corner_error_px: Figure
    """Mean distance of corners, in pixels of the original films."""
    films_fair: Figure
    """Share of films on which every box overlaps by `FAIR` or more."""
    films_good: Figure
    """Share of films on which every box overlaps by `GOOD` or more."""

    @property
    def errors(self) -> int:
        """Films with a box that is not good."""
        return self.films - round((self.films_good.value or 0.0) * self.films)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"errors": self.errors}


def box_figures(
    predicted: Boxes,
    truth: Boxes,
    size_px: NDArray[np.integer[Any]],
    patients: Sequence[str],
    *,
    rng: np.random.Generator,
) -> BoxFigures:
    """Compare predicted boxes with the true ones.

    Args:
        predicted: shape (films, labels, 4).
        truth: the same shape; NaN where a film has no such box, whatever was predicted there.
        size_px: shape (films, 2): width and height of the original films.
        patients: one per film.
        rng: draws patients for the intervals of means.
    """
    overlaps = overlap(predicted, truth)
    there = ~np.isnan(overlaps)
    draws = patient_bootstrap(patients, rng) if len(patients) else np.ones((1, 0))
    return BoxFigures(
        films=len(patients),
        patients=len(set(patients)),
        boxes=int(there.sum()),
        mean_overlap=_mean(overlaps, there, draws),
        corner_error_px=_mean(corner_error_px(predicted, truth, size_px), there, draws),
        films_fair=_share(overlaps, FAIR),
        films_good=_share(overlaps, GOOD),
    )


def _share(overlaps: NDArray[np.float64], at_least: float) -> Figure:
    bad = (overlaps < at_least).any(axis=1)  # NaN compares as false: a missing box is no error
    return clopper_pearson(len(overlaps) - int(np.sum(bad)), len(overlaps))


def _mean(
    values: NDArray[np.float64], there: NDArray[np.bool_], draws: NDArray[np.float64]
) -> Figure:
    if not there.any():
        return Figure(None, 0.0, 1.0, BOOTSTRAP)
    per_film = np.where(there, values, 0.0).sum(axis=1)
    counts = draws @ there.sum(axis=1)
    means = (draws @ per_film)[counts > 0] / counts[counts > 0]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Figure(float(values[there].mean()), float(low), float(high), BOOTSTRAP)
