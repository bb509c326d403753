"""Are there enough films? How errors fall with the number of films, and where that leads.

The share judged wrong is taken to fall as `floor + scale * films ** -power`. What is measured at a
few sizes is fitted, and fitted again to redrawn measurements, to see how far the forecast can be
trusted.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.core.metrics import CONFIDENCE, Figure

POWERS = np.linspace(0.1, 2.0, 39)
"""Steeper or flatter curves are taken for these: a few sizes cannot tell them apart."""
ROUNDS = 1000
FARTHEST = 10
"""Forecasts end at so many times the most films measured: one decade says little of two."""
FEWEST_SIZES = 4
WIDEST = 10.0
"""A forecast whose limits differ by more than this factor tells too little to plan by."""
FALLING_SHARE = 0.95
"""Share of the redrawn curves that has to fall."""
FORECAST = "refitted to redrawn repeats and error rates"
FOLDS = 3
"""Each repeat holds out one third of the patients; three repeats in a row hold out all of them."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """One training: how many films it had, and what it got wrong among held-out views."""

    repeat: int
    """Trainings of one repeat share held-out films, and the larger include the smaller."""
    size: int
    """Which of the sizes it was, 0 for the smallest."""
    films: int
    false_alarms: int
    good: int
    """Good views judged; `bad` are the bad ones."""
    misses: int
    bad: int

    @property
    def error(self) -> float:
        """Share judged wrong where half of the views are bad."""
        return (self.false_alarms / self.good + self.misses / self.bad) / 2


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Share judged wrong by number of films: `floor + scale * films ** -power`."""

    floor: float
    scale: float
    power: float

    def at(self, films: float) -> float:
        """Return the share judged wrong, 0 to 0.5."""
        return float(min(0.5, self.floor + self.scale * films**-self.power))

    def films_for(self, error: float) -> float:
        """Return the films at which the error is as low as this; infinity if it never is."""
        if error <= self.floor:
            return math.inf
        return float((self.scale / (error - self.floor)) ** (1 / self.power))


@dataclass(frozen=True, slots=True)
class Needed:
    """Films needed for a target; None means not within the horizon."""

    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the curve leads."""

    law: PowerLaw
    target_error: float
    horizon: int
    """No forecast is made beyond so many films."""
    needed: Needed
    at: dict[int, Figure]
    """Films -> expected share judged wrong."""
    reliable: bool
    doubts: Sequence[str] = field(default_factory=tuple)
    """Why it is not."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def learning_sizes(most: int, least: int = 8) -> list[int]:
    """Return sizes that double, ending at `most`.

    >>> learning_sizes(220)
    [14, 28, 55, 110, 220]
    """
    halvings = max(0, int(math.log2(most / least))) if most > least else 0
    return [math.ceil(most / 2**times) for times in range(halvings, -1, -1)]


def forecast(
    points: Sequence[Point], target_error: float, sizes: Sequence[int], rng: np.random.Generator
) -> Forecast:
    """Fit the curve, and say how far it can be trusted.

    Args:
        points: trainings of two or more sizes.
        target_error: share judged wrong that is aimed at.
        sizes: numbers of films to forecast the error at.
        rng: redraws the measurements.

    Raises:
        ValueError: fewer than two sizes.
    """
    measured = _Measured.of(points)
    if len(measured.films) < 2:
        raise ValueError(f"a curve needs two or more sizes, got {len(measured.films)}")
    law = _fit(measured.films, measured.errors[None], measured.weights)[0]
    laws = _fit(measured.films, measured.redrawn(rng), measured.weights)
    horizon = round(FARTHEST * float(measured.films.max()))
    needed = _needed(law, laws, target_error, horizon)
    doubts = _doubts(measured, laws, needed)
    return Forecast(
        law=law,
        target_error=target_error,
        horizon=horizon,
        needed=needed,
        at={size: _expected(law, laws, size) for size in sizes},
        reliable=not doubts,
        doubts=doubts,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """Counts by repeat and size; zero where a repeat lacks a size."""

    films: _Floats
    """Shape (sizes,), mean over the repeats."""
    counts: _Floats
    """Shape (repeats, sizes, 4): false alarms, good, misses, bad."""

    @classmethod
    def of(cls, points: Sequence[Point]) -> "_Measured":
        repeats = sorted({point.repeat for point in points})
        sizes = sorted({point.size for point in points})
        counts = np.zeros((len(repeats), len(sizes), 4))
        films: list[list[int]] = [[] for _ in sizes]
        for point in points:
            where = repeats.index(point.repeat), sizes.index(point.size)
            counts[where] = point.false_alarms, point.good, point.misses, point.bad
            films[where[1]].append(point.films)
        return cls(np.array([np.mean(some) for some in films]), counts)

    @property
    def errors(self) -> _Floats:
        """Shape (sizes,): balanced, over all repeats."""
        return _balanced(self.counts.sum(axis=0))

    @property
    def weights(self) -> _Floats:
        """Shape (sizes,): inverse variances; one error more keeps those without any finite."""
        wrong_good, good, wrong_bad, bad = np.moveaxis(self.counts.sum(axis=0), -1, 0)
        rates = [((wrong_good + 1) / (good + 2), good), ((wrong_bad + 1) / (bad + 2), bad)]
        variance = sum(rate * (1 - rate) / np.maximum(count, 1) for rate, count in rates) / 4
        return np.asarray(1 / variance)

    def redrawn(self, rng: np.random.Generator) -> _Floats:
        """Return errors as they might have been, shape (ROUNDS, sizes).

        Repeats are drawn anew, then each error rate from what they leave possible (Jeffreys).
        Repeats judge the same films, so they count as one set of films and not as many.
        """
        repeats = len(self.counts)
        times = rng.multinomial(repeats, np.full(repeats, 1 / repeats), size=ROUNDS)
        pooled = np.einsum("dr,rsk->dsk", times, self.counts)
        distinct = self.counts.sum(axis=0) / self._times_judged
        drawn = np.zeros((ROUNDS, len(self.films)))
        for wrong, all_ in ((0, 1), (2, 3)):
            rate = pooled[..., wrong] / np.maximum(pooled[..., all_], 1)
            count = distinct[:, all_]
            drawn += rng.beta(rate * count + 0.5, (1 - rate) * count + 0.5) / 2
        return drawn

    @property
    def _times_judged(self) -> float:
        """How often each film was held out; folds share out the films, so often one."""
        return max(1.0, len(self.counts) / FOLDS)


def _balanced(counts: _Floats) -> _Floats:
    wrong_good, good, wrong_bad, bad = np.moveaxis(counts, -1, 0)
    return np.asarray((wrong_good / np.maximum(good, 1) + wrong_bad / np.maximum(bad, 1)) / 2)


def _fit(films: _Floats, errors: _Floats, weights: _Floats) -> list[PowerLaw]:
    """Return one law per row of errors, shape (rows, sizes): weighted least squares."""
    best: list[_Floats] = []
    for power in POWERS:
        shape = films**-power
        floor, scale = _nonnegative(shape, errors, weights)
        residual = errors - floor[:, None] - scale[:, None] * shape
        lack = (weights * residual**2).sum(axis=1)
        best.append(np.stack([lack, floor, scale, np.full_like(lack, power)], axis=1))
    tried = np.stack(best, axis=1)
    chosen = tried[np.arange(len(tried)), tried[..., 0].argmin(axis=1)]
    return [PowerLaw(*map(float, row[1:])) for row in chosen]


def _nonnegative(shape: _Floats, errors: _Floats, weights: _Floats) -> tuple[_Floats, _Floats]:
    """Return floors and scales, none below zero, that fit each row of errors best."""
    total, first, second = weights.sum(), (weights * shape).sum(), (weights * shape**2).sum()
    level, slope = errors @ weights, errors @ (weights * shape)
    scale = (total * slope - first * level) / (total * second - first**2)
    floor = (level - scale * first) / total
    scale = np.where(floor < 0, slope / second, scale)
    floor = np.where(scale < 0, level / total, np.maximum(floor, 0))
    return np.maximum(floor, 0), np.maximum(scale, 0)


def _expected(law: PowerLaw, laws: Sequence[PowerLaw], films: int) -> Figure:
    low, high = np.quantile([one.at(films) for one in laws], _tails())
    return Figure(law.at(films), float(low), float(high), FORECAST)


def _needed(law: PowerLaw, laws: Sequence[PowerLaw], error: float, horizon: int) -> Needed:
    wanted = np.array([one.films_for(error) for one in laws])
    limits = np.quantile(wanted, _tails(), method="inverted_cdf")
    value, low, high = (_within(each, horizon) for each in (law.films_for(error), *limits))
    return Needed(value, low, high)


def _within(films: float, horizon: int) -> int | None:
    return max(1, math.ceil(films)) if films <= horizon else None


def _tails() -> tuple[float, float]:
    return (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2


def _doubts(measured: _Measured, laws: Sequence[PowerLaw], needed: Needed) -> list[str]:
    smallest, largest = measured.films.min(), measured.films.max()
    falling = np.mean([one.at(largest) < 0.9 * one.at(smallest) for one in laws])
    doubts = []
    if len(measured.films) < FEWEST_SIZES:
        doubts.append(f"{len(measured.films)} sizes are too few for a curve of three numbers")
    if falling < FALLING_SHARE:
        doubts.append("the errors do not clearly fall with more films")
    if needed.low is not None and needed.high is None:
        doubts.append(f"it may take {needed.low} films or more than can be foreseen")
    if needed.low and needed.high and needed.high > WIDEST * needed.low:
        doubts.append(f"the limits differ by more than a factor of {WIDEST:g}")
    return doubts
