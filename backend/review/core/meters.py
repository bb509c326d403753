"""Figures of reviewing: the speed, the share of predictions changed, and the rate of slips."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import numpy as np

from backend.base.core.figures import Share, share
from backend.review.core.agreement import Agreement, agreement
from backend.review.core.check_figures import (
    AutomationBias,
    CheckFigures,
    automation_bias,
    check_figures,
)
from backend.review.core.look import Look, LookOutcome
from backend.review.core.second_look import (
    awaiting_second_look,
    confirmed_bad,
    disputed,
    finds_looked_at_again,
    read_twice_figures,
)

_SHEETS, _FEWEST_SHEETS = 20, 5
_PART_OF_PACE = 0.25
_HIGHEST_FLOOR_S = 0.25


def pace_floor(looks: Iterable[Look], reviewer: str, setting_floor_s: float) -> float:
    """Return the seconds per film below which nobody can have looked.

    It is a quarter of the reviewer's own median pace over the last 20 sheets that counted, at most
    0.25 s. With fewer than 5 sheets, or where the setting is higher, it is the setting. Items of
    one film are left out, because people look longer at those.

    Args:
        looks: the looks of all reviewers that counted.
        reviewer: the reviewer whose pace is measured.
        setting_floor_s: the setting `seconds_per_film`.

    >>> from backend.review.core.look import Call, Purpose
    >>> def sheet(number, seconds):
    ...     facts = (f"item {number}", "r1", f"2026-01-0{number}", Call("upright"), None)
    ...     return [Look(f"film {number}{side}", *facts, Purpose.FIRST, "", 1, seconds)
    ...             for side in "ab"]
    >>> seen = [look for number in (1, 2, 3, 4) for look in sheet(number, 0.4)]
    >>> pace_floor(seen, "r1", 0.02)
    0.02
    >>> pace_floor([*seen, *sheet(5, 0.8)], "r1", 0.02)
    0.1
    """
    paces = _sheet_paces(look for look in looks if look.reviewer == reviewer)
    if len(paces) < _FEWEST_SHEETS:
        return setting_floor_s
    own = _PART_OF_PACE * median(paces[-_SHEETS:])
    return max(setting_floor_s, min(_HIGHEST_FLOOR_S, own))


def films_per_hour(looks: Sequence[Look]) -> float | None:
    """Return films per hour of lead time; None if no look was timed.

    >>> films_per_hour([])
    """
    timed = [look.seconds for look in looks if look.seconds is not None]
    total_s = sum(timed)
    return 3600 * len(timed) / total_s if total_s > 0 else None


def _sheet_paces(looks: Iterable[Look]) -> list[float]:
    """Return seconds per film of each timed sheet, the oldest first."""
    films: dict[tuple[str, str], int] = {}
    paces: dict[tuple[str, str], float] = {}
    for look in looks:
        if look.seconds is not None:
            answer = (look.answered_at, look.item_key)
            films[answer] = films.get(answer, 0) + 1
            paces[answer] = look.seconds
    return [paces[answer] for answer in sorted(films) if films[answer] > 1]


_DAY = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class Uncounted:
    """An answer that did not count."""

    reviewer: str
    answered_at: str
    """UTC, ISO 8601."""
    outcome: LookOutcome


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Figures of all reviewing, of one reviewer, or of one day."""

    films: int
    """Looks at films: a film seen twice counts twice, and films with a known answer count too."""
    sheets: int
    """Items of more than one film."""
    single_items: int
    hours: float
    """Total lead time; a total has no interval, and neither has `films_per_hour`."""
    untimed_films: int
    """Films of items without a lead time; `hours` and `films_per_hour` leave them out."""
    films_per_hour: float | None
    changed: Share
    """Share of films with another call than the detector suggested, without known-answer films and
    films without a suggestion."""
    checks: CheckFigures
    ticks: AutomationBias
    too_fast: int
    """Answers that came too fast to count as a look."""
    skipped: int


@dataclass(frozen=True, slots=True)
class ReadingFigures:
    """How far looks at the same film agree, and how many films need another look."""

    by_two: Agreement
    """Agreement of two reviewers who did not know each other's answers."""
    by_one: Agreement
    """Agreement of one reviewer with their own earlier answers."""
    finds_confirmed: Share
    """Share of second looks at finds that called the film bad again."""
    confirmed: int
    """Films called bad on two items."""
    confirmed_by_another: int
    """Films called bad on two items, by two different reviewers."""
    awaiting_second_look: int
    disputed: int


@dataclass(frozen=True, slots=True)
class ReviewMeters:
    """All figures of the reviewing for one detector task.

    Exact intervals assume that slips are independent of each other; reviewers and days are pooled.
    """

    total: ReviewFigures
    by_reviewer: Mapping[str, ReviewFigures]
    by_day: Mapping[str, ReviewFigures]
    """By UTC day, the earliest first."""
    readings: ReadingFigures

    @property
    def is_empty(self) -> bool:
        """Whether nobody has answered anything."""
        return not self.by_day

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def review_meters(
    looks: Sequence[Look],
    uncounted: Sequence[Uncounted],
    expected_label: str,
    *,
    rng: np.random.Generator,
) -> ReviewMeters:
    """Return the figures of the reviewing for a detector task.

    Args:
        looks: all looks that counted.
        uncounted: answers that did not count.
        expected_label: the label of a film that is not bad.
        rng: draws the tables for kappa's interval.
    """
    return ReviewMeters(
        total=review_figures(looks, uncounted, expected_label),
        by_reviewer=_figures_by(_reviewer_of, looks, uncounted, expected_label),
        by_day=_figures_by(_day_of, looks, uncounted, expected_label),
        readings=reading_figures(looks, expected_label, rng=rng),
    )


def review_figures(
    looks: Sequence[Look], uncounted: Sequence[Uncounted], expected_label: str
) -> ReviewFigures:
    """Return speed, changes and slips of these looks, and how many answers did not count."""
    films_of: dict[tuple[str, str, str], int] = {}
    for look in looks:
        answer = (look.item_key, look.reviewer, look.answered_at)
        films_of[answer] = films_of.get(answer, 0) + 1
    sheets = sum(films > 1 for films in films_of.values())
    outcomes = [answer.outcome for answer in uncounted]
    return ReviewFigures(
        films=len(looks),
        sheets=sheets,
        single_items=len(films_of) - sheets,
        hours=sum(look.seconds or 0.0 for look in looks) / 3600,
        untimed_films=sum(look.seconds is None for look in looks),
        films_per_hour=films_per_hour(looks),
        changed=_changed(looks),
        checks=check_figures(looks, expected_label),
        ticks=automation_bias(looks, expected_label),
        too_fast=outcomes.count(LookOutcome.TOO_FAST),
        skipped=outcomes.count(LookOutcome.SKIPPED),
    )


def reading_figures(
    looks: Sequence[Look], expected_label: str, *, rng: np.random.Generator
) -> ReadingFigures:
    """Return how far looks agree, and how many finds and disputes need another look."""
    pairs = read_twice_figures(looks, expected_label)
    confirmed = confirmed_bad(looks, expected_label)
    return ReadingFigures(
        by_two=agreement(pairs.by_two, rng=rng),
        by_one=agreement(pairs.by_one, rng=rng),
        finds_confirmed=share(*finds_looked_at_again(looks, expected_label)),
        confirmed=len(confirmed),
        confirmed_by_another=sum(find.by_another_reviewer for find in confirmed.values()),
        awaiting_second_look=len(awaiting_second_look(looks, expected_label)),
        disputed=len(disputed(looks, expected_label)),
    )


def _reviewer_of(answer: Look | Uncounted) -> str:
    return answer.reviewer


def _day_of(answer: Look | Uncounted) -> str:
    return answer.answered_at[:_DAY]


def _figures_by(
    key: Callable[[Look | Uncounted], str],
    looks: Sequence[Look],
    uncounted: Sequence[Uncounted],
    expected_label: str,
) -> dict[str, ReviewFigures]:
    """Return the figures of each group, the groups in the order of their names."""
    looks_of: dict[str, list[Look]] = {}
    uncounted_of: dict[str, list[Uncounted]] = {}
    for look in looks:
        looks_of.setdefault(key(look), []).append(look)
    for answer in uncounted:
        uncounted_of.setdefault(key(answer), []).append(answer)
    return {
        name: review_figures(looks_of.get(name, []), uncounted_of.get(name, []), expected_label)
        for name in sorted({*looks_of, *uncounted_of})
    }


def _changed(looks: Sequence[Look]) -> Share:
    """Return the share changed, without known-answer films: their ticks are drawn at random."""
    known = [look for look in looks if look.suggested is not None and look.check is None]
    return share(sum(look.called != look.suggested for look in known), len(known))
