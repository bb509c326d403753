"""Measure how far two looks at the same films agree."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import CONFIDENCE, Figure, Share, share

JEFFREYS = "Jeffreys (cells of the table drawn from a Dirichlet, prior 1/2 each)"
_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of films that were looked at twice, by whether each look called them bad."""

    both_bad: int
    first_bad: int
    """Films called bad by the first look alone."""
    second_bad: int
    """Films called bad by the second look alone."""
    neither_bad: int
    same: Share
    """Share of films that both looks called bad, or neither did."""
    kappa: Figure
    """Cohen's kappa: 1 where the looks always agree, 0 where they agree as by chance.

    It has no value where all films were called the same."""


def agreement(pairs: Iterable[tuple[bool, bool]], *, rng: np.random.Generator) -> Agreement:
    """Return counts and Cohen's kappa of the two looks, with its 95 % interval.

    The interval is made for rare bad films. With 200 films, 1 in 50 of them bad, and a true kappa
    of 0.9, the usual interval (Fleiss, Cohen and Everitt, Psychological Bulletin 72, 1969, 323-327)
    covers it in 56 % of simulations, as does a bootstrap over films; this interval covers it in
    94 % (tests/review/core/test_agreement.py). For two readers who never differ, its lower limit is
    below 1; the lower limit of the other two intervals is 1.

    Args:
        pairs: per film, whether the first look called it bad, and whether the second did.
        rng: draws tables; quantiles of their kappas are the interval.
    """
    cells = np.zeros(4, dtype=np.int64)
    for first, second in pairs:
        cells[3 - 2 * first - second] += 1
    both, first_only, second_only, neither = (int(cell) for cell in cells)
    return Agreement(
        both_bad=both,
        first_bad=first_only,
        second_bad=second_only,
        neither_bad=neither,
        same=share(both + neither, int(cells.sum())),
        kappa=_kappa_figure(cells, rng),
    )


def _kappa_figure(cells: NDArray[np.int64], rng: np.random.Generator) -> Figure:
    value = float(_kappa(cells / max(1, cells.sum())))
    if np.isnan(value):
        return Figure(None, -1.0, 1.0, JEFFREYS)
    drawn = _kappa(rng.dirichlet(cells + 0.5, size=_DRAWS))
    tail = (1 - CONFIDENCE) / 2
    low, high = (float(limit) for limit in np.quantile(drawn, [tail, 1 - tail]))
    # The interval always holds the measured value, also at its ends, such as kappa 1.
    return Figure(value, min(low, value), max(high, value), JEFFREYS)


def _kappa(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return kappa of tables, shape (..., 4): both bad, first alone, second alone, neither."""
    both, first_only, second_only, neither = np.moveaxis(shares, -1, 0)
    first, second = both + first_only, both + second_only
    by_chance = first * second + (1 - first) * (1 - second)
    room = 1 - by_chance
    undefined = np.full_like(room, np.nan)
    # Below this, the room left by chance is a rounding error of the products.
    kappa: NDArray[np.float64] = np.divide(
        both + neither - by_chance, room, out=undefined, where=room > 1e-12
    )
    return kappa
