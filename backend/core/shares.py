"""Counted shares with their 95 % intervals, and the difference of two."""

from dataclasses import dataclass
from math import hypot, sqrt

from scipy import stats

from backend.core.metrics import CONFIDENCE, Figure, clopper_pearson

NEWCOMBE = "Newcombe's hybrid score (1998, method 10)"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int
    figure: Figure
    """Their ratio, with its exact interval."""


def share(count: int, of: int) -> Share:
    """Return a share.

    >>> found = share(1, 20)
    >>> found.count, found.of, found.figure.value, round(found.figure.high, 3)
    (1, 20, 0.05, 0.249)
    """
    return Share(count, of, clopper_pearson(count, of))


def difference(first: Share, second: Share) -> Figure:
    """Return the first share minus the second, the two being of different films.

    Two Wilson intervals are put together as R. G. Newcombe does (Statistics in Medicine 17, 1998,
    873-890, method 10): it holds its level where shares are near 0, as slips are.

    >>> found = difference(share(56, 70), share(48, 80))
    >>> round(found.value, 2), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, other = first.figure.value, second.figure.value
    if one is None or other is None:
        return Figure(None, -1.0, 1.0, NEWCOMBE)
    (low, high), (other_low, other_high) = _wilson(first), _wilson(second)
    gap = one - other
    return Figure(
        gap,
        gap - hypot(one - low, other_high - other),
        gap + hypot(high - one, other - other_low),
        NEWCOMBE,
    )


def _wilson(part: Share) -> tuple[float, float]:
    z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    value = part.count / part.of
    centre = value + z**2 / (2 * part.of)
    reach = z * sqrt(value * (1 - value) / part.of + (z / (2 * part.of)) ** 2)
    scale = 1 + z**2 / part.of
    return (centre - reach) / scale, (centre + reach) / scale
