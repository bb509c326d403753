"""How unlike the archive's own films a film is: what a rule on pixels suspects, the worst first.

A cut-off that fits one hospital throws out good films of another. So each measure is compared with
the films of the archive itself: how many times the usual spread a film lies beyond the median, on
the side that the check is about. A measure of which less is wrong is compared by its logarithm: a
film with half the usual contrast is as far from the usual in every archive. The cut-off is such a
distance. It starts where a person has set it, else at `START`, or at the default of the check where
too few films tell what is usual; reviewers' answers move it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from backend.base.core.rule import Check, CutOffs, FilmFacts, FilmRule, Force

START = 3.5
"""Distance from which a value counts as outlying (Iglewicz and Hoaglin 1993, page 12)."""
_MAD_TO_SD = 1.4826
"""A median of absolute deviations times this is the standard deviation of normal values."""
_LEAST_SHARE = 0.04
"""A spread below it is noise, even where all films are alike."""
_NEXT_TO_NOTHING = 0.001
"""Of the default cut-off: less counts as so much, as nothing has no logarithm."""
_TINY = 1e-9

YIELD = 0.05
"""A check goes on asking while one film in twenty that it suspects is bad."""
FEWEST_ANSWERS = 59
"""Before a cut-off moves: so many good films in a row exclude a yield of one in twenty, with 95 %
confidence (0.95 ** 59 < 0.05)."""
FEWEST_FILMS = 30
"""To tell what is usual: where one film in five is bad, half of thirty films are in fewer than one
archive of 4,000 (binomial)."""


class CutOffSource(StrEnum):
    """Who or what says where a cut-off is."""

    START = "start"
    """The archive's own films."""
    DEFAULT = "default"
    """The check's own number: the archive has too few films, or cannot tell it."""
    PERSON = "a person"
    """In `radsieve.toml`."""
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Bulk:
    """Where most films of an archive lie by one measure, on the side that a check is about."""

    typical: float
    """In the unit of the measure."""
    spread: float
    """Above 0: in the unit of the measure, or, where less is wrong, of its natural logarithm."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One check, fitted to an archive."""

    check: Check
    bulk: Bulk
    cut_off: float
    """As a distance; films beyond it are suspects."""
    source: CutOffSource
    began: float
    """The cut-off before any answer, as a distance."""

    @property
    def cut_off_value(self) -> float:
        """The cut-off in the unit of the measure."""
        return self._value(self.cut_off)

    @property
    def began_value(self) -> float:
        """The cut-off before any answer, in the unit of the measure."""
        return self._value(self.began)

    def _value(self, distance: float) -> float:
        away = distance * self.bulk.spread
        if self.check.flags_above:
            return self.bulk.typical + away
        return max(self.bulk.typical, _next_to_nothing(self.check)) * float(np.exp(-away))


@dataclass(frozen=True, slots=True)
class Answers:
    """What reviewers said of films that one check had suspected most."""

    distances: NDArray[np.float64]
    """Shape (films,)."""
    bad: NDArray[np.bool_]
    """Shape (films,)."""


@dataclass(frozen=True, slots=True)
class Suspicions:
    """What the checks of a rule that suspect make of the films of an archive."""

    radiograph_ids: Sequence[str]
    scales: tuple[Scale, ...]
    """In the order of the checks."""
    distances: NDArray[np.float64]
    """Shape (films, scales); NaN where the measure is not known."""
    answered: tuple[int, ...]
    """By scale, the films that a reviewer has answered about."""

    @property
    def beyond(self) -> NDArray[np.float64]:
        """How far each film lies beyond each cut-off, shape (films, scales); negative inside."""
        return np.asarray(self.distances - np.array([scale.cut_off for scale in self.scales]))

    @property
    def leading(self) -> NDArray[np.int64]:
        """The check that a film is shown for, shape (films,); -1 where nothing is known of it."""
        return leading_check(self.beyond)

    @property
    def p_bad(self) -> NDArray[np.float64]:
        """The score of each film by its worst check, shape (films,), see `score_of`."""
        return score_of(_largest(self.beyond))


def distances_of(check: Check, values: NDArray[np.float64], bulk: Bulk) -> NDArray[np.float64]:
    """Return how many spreads each value lies on the side that the check is about.

    >>> check = Check(label="dark", measure="m", cut_off="c", default=0.2, flags_above=False,
    ...               meaning="")
    >>> distances_of(check, np.array([0.4, 1.6]), Bulk(0.8, np.log(2))).round(6).tolist()
    [1.0, -1.0]
    """
    typical = _on_scale(check, np.array(bulk.typical))
    away = _on_scale(check, values) - typical
    return np.asarray((away if check.flags_above else -away) / bulk.spread)


def _on_scale(check: Check, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values as they are, or, where less is wrong, their logarithm; 0 is very little."""
    if check.flags_above:
        return values
    return np.asarray(np.log(np.maximum(values, _next_to_nothing(check))))


def _next_to_nothing(check: Check) -> float:
    return max(_NEXT_TO_NOTHING * abs(check.default), _TINY)


def distances_by(scales: Sequence[Scale], facts: Mapping[str, FilmFacts]) -> NDArray[np.float64]:
    """Return the distance of each film by each scale, shape (films, scales); NaN: not known."""
    if not scales:
        return np.zeros((len(facts), 0))
    columns = [
        distances_of(scale.check, _values(scale.check, facts), scale.bulk) for scale in scales
    ]
    return np.stack(columns, axis=1)


def bulk_of(check: Check, values: NDArray[np.float64]) -> Bulk:
    """Return the median of an archive, and the spread of its films on one side of the median.

    The spread is the median distance of those films from the median, scaled to a standard
    deviation. It is at least what puts the check's default cut-off at `START`: so a film is never
    suspected that lies inside the default, in an archive whose bulk lies inside it. It is also at
    least 4 %, of the default or, where less is wrong, of the value.

    Args:
        check: says which side, and the value of a film with nothing wrong where the archive cannot
            tell it.
        values: shape (films,), at least one; NaN where the measure is not known.
    """
    known = values[~np.isnan(values)]
    given = check.typical
    typical = float(np.median(known)) if given is None else given
    of_default = abs(float(distances_of(check, np.array(check.default), Bulk(typical, 1.0))))
    noise = _LEAST_SHARE * abs(check.default) if check.flags_above else _LEAST_SHARE
    least = max(of_default / START, noise, _TINY)
    if given is not None:
        return Bulk(typical, least)
    away = distances_of(check, known, Bulk(typical, 1.0))
    usual = _MAD_TO_SD * float(np.median(away[away >= 0]))
    return Bulk(typical, max(usual, least))


def score_of(beyond: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a score, 0 to 1, that grows with the distance beyond the cut-off; NaN stays NaN.

    It is below 0.5 on and inside the cut-off, and at least 0.5 beyond it. It is no probability.

    >>> score_of(np.array([-5.0, 0.0, 1.0, 9.0])).round(3).tolist()
    [0.003, 0.49, 0.75, 0.95]
    """
    outside = 1.0 - 0.5 / (1.0 + np.maximum(beyond, 0.0))
    inside = 0.49 * np.exp(np.minimum(beyond, 0.0))
    return np.asarray(np.where(beyond > 0, outside, inside))


def leading_check(beyond: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the first check whose cut-off a film is beyond, else the one it is nearest to.

    The first of several explains the others: a blank film is dark, too.

    Args:
        beyond: shape (films, checks), distance beyond each cut-off; NaN where it is not known.

    Returns:
        Shape (films,); -1 where nothing is known of a film.
    """
    if not beyond.shape[1]:
        return np.full(len(beyond), -1, np.int64)
    known = ~np.isnan(beyond)
    filled = np.where(known, beyond, -np.inf)
    outside = filled > 0
    best = np.where(outside.any(axis=1), outside.argmax(axis=1), filled.argmax(axis=1))
    return np.asarray(np.where(known.any(axis=1), best, -1), np.int64)


def learnt_cut_off(answers: Answers) -> float | None:
    """Return the distance below which fewer than one film in twenty is bad, by the answers.

    The share of bad films is fitted so that it never falls with the distance (isotonic regression).
    None: too few answers to move the cut-off.
    """
    if len(answers.distances) < FEWEST_ANSWERS:
        return None
    order = np.argsort(answers.distances, kind="stable")
    distances, bad = answers.distances[order], answers.bad[order].astype(np.float64)
    levels, places = np.unique(distances, return_inverse=True)
    films = np.bincount(places).astype(np.float64)
    shares = isotonic_regression(np.bincount(places, weights=bad) / films, weights=films).x
    rarely = levels[shares < YIELD]
    # Where even the least suspicious of the answered films are bad, all of them stay suspects.
    return float(rarely[-1]) if len(rarely) else float(np.nextafter(levels[0], -np.inf))


def suspicions(
    rule: FilmRule,
    facts: Mapping[str, FilmFacts],
    given: CutOffs,
    called_bad: Mapping[str, bool],
) -> Suspicions:
    """Fit the checks of a rule that suspect to an archive, and to what reviewers answered.

    Args:
        rule: the rule.
        facts: by radiograph id, of all films of the archive.
        given: the cut-offs that a person has set, in the unit of each measure.
        called_bad: by radiograph id, whether a reviewer called the film bad for the rule's task.
    """
    films = list(facts)
    values = [(check, _values(check, facts)) for check in suspecting_checks(rule)]
    start = tuple(
        _starting_scale(check, numbers, given)
        for check, numbers in values
        if not np.isnan(numbers).all()
    )
    begun = Suspicions(films, start, distances_by(start, facts), (0,) * len(start))
    return _moved(begun, called_bad) if start else begun


def suspecting_checks(rule: FilmRule) -> list[Check]:
    """Return the checks of a rule that suspect a film; the others are policies."""
    return [check for check in rule.checks if check.force is Force.SUSPICION]


def _moved(begun: Suspicions, called_bad: Mapping[str, bool]) -> Suspicions:
    """Move each cut-off by the answers about the films that its check had led.

    Which check led a film goes by where the cut-offs started, so that it never changes.
    """
    places = [place for place, film in enumerate(begun.radiograph_ids) if film in called_bad]
    bad = np.array([called_bad[begun.radiograph_ids[place]] for place in places], np.bool_)
    led = begun.leading[places]
    scales, answered = [], []
    for number, scale in enumerate(begun.scales):
        mine = led == number
        answers = Answers(begun.distances[places, number][mine], bad[mine])
        learnt = learnt_cut_off(answers)
        answered.append(int(mine.sum()))
        scales.append(
            scale if learnt is None else replace(scale, cut_off=learnt, source=CutOffSource.ANSWERS)
        )
    return Suspicions(begun.radiograph_ids, tuple(scales), begun.distances, tuple(answered))


def _starting_scale(check: Check, values: NDArray[np.float64], given: CutOffs) -> Scale:
    enough = check.typical is not None or np.count_nonzero(~np.isnan(values)) >= FEWEST_FILMS
    return begun_scale(check, bulk_of(check, values) if enough else None, given)


def begun_scale(check: Check, bulk: Bulk | None, given: CutOffs) -> Scale:
    """Return the scale of a check before any answer.

    Args:
        check: the check.
        bulk: where the films of the archive lie; None: that is not known, so the default holds.
        given: the cut-offs that a person has set, in the unit of each measure.
    """
    of_bulk = bulk or _around_default(check)
    source = CutOffSource.PERSON if check.cut_off in given else CutOffSource.DEFAULT
    if bulk and source is CutOffSource.DEFAULT and check.typical is None:
        return Scale(check, bulk, START, CutOffSource.START, START)
    at = np.array([given.get(check.cut_off, check.default)])
    distance = float(distances_of(check, at, of_bulk)[0])
    return Scale(check, of_bulk, distance, source, distance)


def _around_default(check: Check) -> Bulk:
    """Return a stand-in for a bulk that nobody knows: only how far from the default counts."""
    return Bulk(check.default, (abs(check.default) or 1.0) if check.flags_above else 1.0)


def _values(check: Check, facts: Mapping[str, FilmFacts]) -> NDArray[np.float64]:
    numbers = (film.number(check.measure) for film in facts.values())
    return np.array([np.nan if number is None else number for number in numbers], np.float64)


def _largest(beyond: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(beyond)
    largest = np.where(known, beyond, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(np.where(known.any(axis=1), largest, np.nan))
