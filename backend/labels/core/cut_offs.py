"""A histogram of a measure over the archive, and the films nearest to a rule's cut-off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.core.rule import Check

BINS = 40


@dataclass(frozen=True, slots=True)
class Spread:
    """A histogram of one measure over the archive."""

    low: float
    high: float
    counts: tuple[int, ...]
    """Of `BINS` equally wide bins from `low` to `high`."""

    def place(self, value: float) -> float:
        """Return where a value stands between `low` (0.0) and `high` (1.0), cut at both ends."""
        return float(np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Sides:
    """Films on both sides of a cut-off, nearest to it first; positions in the archive."""

    flagged: tuple[int, ...]
    passed: tuple[int, ...]
    flagged_count: int


def spread_of(values: NDArray[np.float64], cut_off: float) -> Spread:
    """Return the histogram of all values; the cut-off is always within it.

    Args:
        values: shape (films,), at least one.
        cut_off: in the unit of the values.
    """
    low, high = min(float(values.min()), cut_off), max(float(values.max()), cut_off)
    if low == high:
        high = low + 1.0
    counts, _ = np.histogram(values, BINS, (low, high))
    return Spread(low, high, tuple(counts.tolist()))


def sides_of(values: NDArray[np.float64], cut_off: float, check: Check, count: int) -> Sides:
    """Return up to `count` films of each side of a cut-off.

    Args:
        values: shape (films,).
        cut_off: in the unit of the values.
        check: says which side is flagged.
        count: films of each side.
    """
    is_flagged = values > cut_off if check.flags_above else values < cut_off
    nearest = np.argsort(np.abs(values - cut_off), kind="stable")
    flagged, passed = nearest[is_flagged[nearest]], nearest[~is_flagged[nearest]]
    return Sides(
        tuple(flagged[:count].tolist()), tuple(passed[:count].tolist()), int(is_flagged.sum())
    )
