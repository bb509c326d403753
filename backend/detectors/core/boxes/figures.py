"""How good boxes are, with 95 % intervals."""

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
"""Overlaps that are usually asked for."""


@dataclass(frozen=True, slots=True)
class BoxFigures:
    """How well boxes stand for those that people drew."""

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
    """The same with `GOOD`."""

    @property
    def errors(self) -> int:
        """Films with a box that is not good."""
        return self.films - round((self.films_good.value or 0.0) * self.films)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"errors": self.errors}


def box_figures(
    found: Boxes,
    truth: Boxes,
    size_px: NDArray[np.integer[Any]],
    patients: Sequence[str],
    *,
    rng: np.random.Generator,
) -> BoxFigures:
    """Compare boxes with the true ones.

    Args:
        found: shape (films, labels, 4).
        truth: the same; NaN where a film has no such box, whatever was found there.
        size_px: shape (films, 2): width and height of the original films.
        patients: one per film.
        rng: draws patients for the intervals of means.
    """
    overlaps = overlap(found, truth)
    there = ~np.isnan(overlaps)
    draws = patient_bootstrap(patients, rng) if len(patients) else np.ones((1, 0))
    return BoxFigures(
        films=len(patients),
        patients=len(set(patients)),
        boxes=int(there.sum()),
        mean_overlap=_mean(overlaps, there, draws),
        corner_error_px=_mean(corner_error_px(found, truth, size_px), there, draws),
        films_fair=_share(overlaps, FAIR),
        films_good=_share(overlaps, GOOD),
    )


def _share(overlaps: NDArray[np.float64], at_least: float) -> Figure:
    bad = (overlaps < at_least).any(axis=1)  # false of NaN: a box that is not there is no error
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
