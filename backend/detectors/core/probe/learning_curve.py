"""Fit and forecast the learning curve: how errors fall with the number of films.

The model of the share judged wrong is `floor + scale * films ** -power`. It is fitted to the
measurements at a few sizes, and to random redraws of them: the spread of those fits gives the
forecast's interval.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from backend.base.core.figures import CONFIDENCE, Figure, clopper_pearson

POWERS = np.linspace(0.1, 2.0, 39)
"""The exponents that are tried. A few sizes cannot tell steeper or flatter curves from these."""
ROUNDS = 1000
"""Redraws of the measurements."""
FARTHEST = 10
"""Forecasts end at this many times the largest size: beyond, the measurements say too little."""
FEWEST_SIZES = 4
"""With fewer sizes, a curve of three numbers cannot be fitted reliably."""
FEWEST_ERRORS = 10
"""With fewer errors, counted over all sizes, a fall of the errors cannot be seen."""
FALLING_SHARE = 0.95
"""Share of the redrawn curves that must fall."""
LEAST_SCATTER = 0.1
"""Least scatter, as a share of the error, between trainings on the same number of films and between
true curves and power laws. Without it, forecasts of simulated curves were too narrow."""
SHARED = 0.5
"""Share of the random error that all sizes have in common, because they judge the same films.
Simulated intervals held where all of it was common, and where none was
(tests/detectors/core/probe/test_learning_curve.py)."""
FORECAST = "refitted to redrawn error rates"
FOLDS = 3
"""Each repeat holds out one third of the patients; three repeats in a row hold out all of them."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """One training: its number of films, and its errors on held-out views."""

    repeat: int
    """Trainings of one repeat share their held-out films; the larger include the smaller ones."""
    size: int
    """Position of the training's size, 0 for the smallest."""
    films: int
    wrong: tuple[int, ...]
    """Views judged wrong, by kind of view: such as good and bad ones."""
    judged: tuple[int, ...]
    """Views judged, by kind of view."""

    @property
    def error(self) -> float:
        """Share judged wrong, 0 to 1; every kind of view counts alike."""
        return float(np.mean(np.divide(self.wrong, self.judged)))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"error": self.error}


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Share judged wrong by number of films: `floor + scale * films ** -power`."""

    floor: float
    scale: float
    power: float

    def at(self, films: float) -> float:
        """Return the share judged wrong, 0 to 1."""
        return float(min(1.0, self.floor + self.scale * films**-self.power))

    def films_for(self, error: float) -> float:
        """Return the films at which the error is as low as this; infinity if it never is."""
        if error <= self.floor:
            return math.inf
        return float((self.scale / (error - self.floor)) ** (1 / self.power))


@dataclass(frozen=True, slots=True)
class Needed:
    """Films needed for a target, with 95 % limits; none is below the smallest training's number.

    None means more films than the horizon.
    """

    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class CurveForecast:
    """The fitted learning curve, and the films that it says are needed."""

    law: PowerLaw
    measured: Sequence[int]
    """Number of films trained on, one per size."""
    target_error: float
    """Share judged wrong that is aimed at, 0 to 1."""
    horizon: int
    """The largest number of films that is forecast."""
    needed: Needed
    at: dict[int, Figure]
    """Number of films -> expected share judged wrong, from the smallest size to the horizon."""
    doubts: Sequence[str] = field(default_factory=tuple)
    """Reasons not to rely on the forecast."""

    @property
    def reliable(self) -> bool:
        """Whether there is no reason to doubt the forecast."""
        return not self.doubts

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"reliable": self.reliable}


def learning_sizes(most: int, least: int = 8) -> list[int]:
    """Return sizes that double and end at `most`; closer ones where doubling gives too few.

    Args:
        most: number of films of the largest training.
        least: number of films of the smallest training.

    >>> learning_sizes(220)
    [14, 28, 55, 110, 220]
    >>> learning_sizes(24)
    [8, 12, 17, 24]
    """
    if most <= least:
        return [most]
    halvings = int(math.log2(most / least))
    if halvings + 1 >= FEWEST_SIZES:
        return [math.ceil(most / 2**times) for times in range(halvings, -1, -1)]
    return sorted({round(size) for size in np.geomspace(least, most, FEWEST_SIZES)})


def forecast(
    points: Sequence[Point], target_error: float, rng: np.random.Generator
) -> CurveForecast:
    """Fit the learning curve, and forecast how many films the target takes.

    Args:
        points: trainings of two or more sizes, all with the same kinds of view.
        target_error: share judged wrong that is aimed at, 0 to 1.
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
    needed = _needed(measured, law, laws, target_error, horizon)
    return CurveForecast(
        law=law,
        measured=measured.sizes,
        target_error=target_error,
        horizon=horizon,
        needed=needed,
        at={size: _expected(law, laws, size) for size in _shown_sizes(measured.sizes, horizon)},
        doubts=_doubts(measured, laws, needed),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """Counts of all trainings as arrays; zero where a repeat lacks a size."""

    films: _Floats
    """Shape (sizes,): number of films, mean over the repeats."""
    wrong: _Floats
    """Shape (repeats, sizes, kinds): views judged wrong, by kind of view."""
    judged: _Floats
    """Shape (repeats, sizes, kinds): views judged."""

    @classmethod
    def of(cls, points: Sequence[Point]) -> "_Measured":
        repeats = sorted({point.repeat for point in points})
        sizes = sorted({point.size for point in points})
        wrong = np.zeros((len(repeats), len(sizes), len(points[0].wrong)))
        judged = np.zeros_like(wrong)
        films: list[list[int]] = [[] for _ in sizes]
        for point in points:
            cell = repeats.index(point.repeat), sizes.index(point.size)
            wrong[cell], judged[cell] = point.wrong, point.judged
            films[cell[1]].append(point.films)
        return cls(np.array([np.mean(counts) for counts in films]), wrong, judged)

    @property
    def sizes(self) -> list[int]:
        """The numbers of films, rounded to whole films."""
        return [round(size) for size in self.films.tolist()]

    @property
    def rates(self) -> _Floats:
        """Shape (sizes, kinds): shares judged wrong, over all repeats."""
        return np.asarray(self.wrong.sum(axis=0) / np.maximum(self.judged.sum(axis=0), 1))

    @property
    def errors(self) -> _Floats:
        """Shape (sizes,): shares judged wrong; every kind of view counts alike."""
        return np.asarray(self.rates.mean(axis=-1))

    @property
    def distinct(self) -> _Floats:
        """Shape (sizes, kinds): distinct views judged; later rounds judge the same views again."""
        rounds = max(1.0, len(self.judged) / FOLDS)
        return np.asarray(np.maximum(self.judged.sum(axis=0) / rounds, 1))

    @property
    def least_error(self) -> float:
        """Exact lower limit of the error at the largest size."""
        judged = self.distinct[-1].astype(int)
        wrong = np.floor(self.rates[-1] * judged).astype(int)
        lows = [
            clopper_pearson(*counts).low
            for counts in zip(wrong.tolist(), judged.tolist(), strict=True)
        ]
        return float(np.mean(lows))

    @property
    def trainings(self) -> NDArray[np.int64]:
        """Shape (sizes,): number of trainings of each size."""
        return np.asarray((self.judged.sum(axis=-1) > 0).sum(axis=0), dtype=np.int64)

    @property
    def scatter(self) -> float:
        """Scatter of trainings of one size beyond chance, as a share of their error."""
        there = self.judged.sum(axis=-1) > 0
        judged = np.maximum(self.judged, 1)
        apart = np.where(there, (self.wrong / judged).mean(axis=-1) - self.errors, 0)
        by_chance = (self.rates * (1 - self.rates) / judged).sum(axis=-1) / judged.shape[-1] ** 2
        more_than_one = self.trainings > 1
        spread = (apart**2).sum(axis=0) / np.maximum(self.trainings - 1, 1)
        chance = np.where(there, by_chance, 0).sum(axis=0) / self.trainings
        surplus = float((spread - chance)[more_than_one].sum())
        square = float((self.errors[more_than_one] ** 2).sum())
        return max(LEAST_SCATTER, math.sqrt(max(0.0, surplus) / square) if square else 0.0)

    @property
    def weights(self) -> _Floats:
        """Shape (sizes,): inverse variances; an added error keeps sizes without errors finite."""
        rate = (self.rates * self.distinct + 1) / (self.distinct + 2)
        chance = (rate * (1 - rate) / self.distinct).sum(axis=-1) / rate.shape[-1] ** 2
        scatter = (self.scatter * rate.mean(axis=-1)) ** 2 / self.trainings
        return np.asarray(1 / (chance + scatter))

    def redrawn(self, rng: np.random.Generator) -> _Floats:
        """Return random redraws of the errors, shape (ROUNDS, sizes).

        Each rate is drawn from Jeffreys' posterior of its count; the scatter of trainings is added.
        All kinds of view get the same quantile: a film that is hard unchanged is probably also hard
        when made into another label.
        """
        shape = ROUNDS, len(self.films)
        shared, own = rng.normal(size=(ROUNDS, 1)), rng.normal(size=shape)
        quantile = special.ndtr(math.sqrt(SHARED) * shared + math.sqrt(1 - SHARED) * own)
        wrong = self.rates * self.distinct
        drawn = special.betaincinv(wrong + 0.5, self.distinct - wrong + 0.5, quantile[..., None])
        scatter = self.scatter / np.sqrt(self.trainings)
        return np.asarray(
            np.minimum(1, drawn.mean(axis=-1) * np.exp(scatter * rng.normal(size=shape)))
        )


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


def _shown_sizes(measured: Sequence[int], horizon: int) -> list[int]:
    """Return the sizes measured, then doublings up to the horizon."""
    doublings = [measured[-1] * 2**times for times in range(1, int(math.log2(FARTHEST)) + 1)]
    return sorted({*measured, *doublings, horizon})


def _expected(law: PowerLaw, laws: Sequence[PowerLaw], films: int) -> Figure:
    value = law.at(films)
    low, high = np.quantile([drawn_law.at(films) for drawn_law in laws], _tails())
    # Redrawn rates are never zero, as the measured ones may be.
    return Figure(value, min(value, float(low)), max(value, float(high)), FORECAST)


def _needed(
    measured: _Measured, law: PowerLaw, laws: Sequence[PowerLaw], error: float, horizon: int
) -> Needed:
    wanted = np.array([drawn_law.films_for(error) for drawn_law in laws])
    low, high = np.quantile(wanted, _tails(), method="inverted_cdf")
    value = law.films_for(error)
    if measured.least_error <= error:
        # The curve must not rule out a size whose measured errors allow the target.
        low = min(low, float(measured.films.max()))

    def within(films: float) -> int | None:
        return math.ceil(max(films, measured.films.min())) if films <= horizon else None

    return Needed(within(value), within(min(low, value)), within(max(high, value)))


def _tails() -> tuple[float, float]:
    return (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2


def _doubts(measured: _Measured, laws: Sequence[PowerLaw], needed: Needed) -> list[str]:
    doubts = []
    if len(measured.films) < FEWEST_SIZES:
        doubts.append(f"{len(measured.films)} sizes are too few for a curve of three numbers")
    errors, judged = int(measured.wrong.sum()), int(measured.judged.sum())
    if errors < FEWEST_ERRORS:
        doubts.append(f"{errors} of {judged} judgements were wrong, too few to see them fall")
    elif not _fall(measured, laws):
        doubts.append("the errors do not clearly fall with more films")
    elif needed.low is not None and needed.high is None:
        doubts.append(f"it may take {needed.low} films or more than can be foreseen")
    return doubts


def _fall(measured: _Measured, laws: Sequence[PowerLaw]) -> bool:
    smallest, largest = measured.films.min(), measured.films.max()
    falling = np.mean([drawn_law.at(largest) < 0.9 * drawn_law.at(smallest) for drawn_law in laws])
    return bool(falling >= FALLING_SHARE)
