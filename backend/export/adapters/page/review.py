"""Who reviewed, how fast and how carefully, as tables of the archive report."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.base.core.figures import Figure, Share
from backend.export.adapters.page.words import (
    NOT_MEASURED,
    Table,
    figure_words,
    optional,
    share_words,
)
from backend.export.core.fact_sentences import looked_words
from backend.export.core.report import TaskReport
from backend.review.core.check_figures import AutomationBias
from backend.review.core.meters import ReadingFigures, ReviewFigures, ReviewMeters

_HEADS = (
    "Who",
    "Looks at films",
    "Hours",
    "Films an hour",
    "Prediction changed",
    "Hidden bad films passed",
    "Good films called bad",
    "Too fast, not counted",
)


@dataclass(frozen=True, slots=True)
class ReviewedTask:
    """The tables of one task that somebody reviewed."""

    name: str
    looked: str
    """How much was looked at, in sentences."""
    speed: Table
    ticks: Table | None
    """None where no tick was hidden yet."""
    readings: Table
    by_day: Table | None
    """None where everything happened on one day."""


def reviewed_tasks(tasks: Sequence[TaskReport]) -> list[ReviewedTask]:
    """Return the tables of every task that anybody reviewed."""
    return [_reviewed(task, task.meters) for task in tasks if task.meters]


def _reviewed(task: TaskReport, meters: ReviewMeters) -> ReviewedTask:
    rows = [_row("all", meters.total)]
    if len(meters.by_reviewer) > 1:
        rows += [_row(name, figures) for name, figures in meters.by_reviewer.items()]
    elif meters.by_reviewer:
        rows = [_row(next(iter(meters.by_reviewer)), meters.total)]
    ticks = _ticks(meters.total.ticks)
    by_day = [_row(day, figures) for day, figures in meters.by_day.items()]
    return ReviewedTask(
        name=task.called,
        looked=looked_words(task.facts.seen, of_one_task=True),
        speed=Table("Speed and slips", _HEADS, rows),
        ticks=Table("Do reviewers follow the ticks?", ("Hidden films", "Figure"), ticks)
        if ticks
        else None,
        readings=Table("Looks at the same film", ("What", "Figure"), _readings(meters.readings)),
        by_day=Table("By day (UTC)", ("Day", *_HEADS[1:]), by_day) if len(by_day) > 1 else None,
    )


def _row(who: str, figures: ReviewFigures) -> tuple[str, ...]:
    timed = figures.films > figures.untimed_films
    return (
        who,
        f"{figures.films:,}",
        _hours(figures.hours) if timed else optional(None),
        optional(figures.films_per_hour),
        share_words(figures.changed),
        share_words(figures.checks.missed),
        share_words(figures.checks.false_alarms),
        f"{figures.too_fast:,}",
    )


def _hours(hours: float) -> str:
    return f"{hours:.2f}" if hours >= 0.1 else f"{hours:.2g}"


def _ticks(found: AutomationBias) -> list[tuple[str, str]]:
    """Return what was measured: there may have been no wrong tick yet, or no missing one."""
    figures: list[tuple[str, Share | Figure]] = [
        ("Good film, wrongly ticked: the tick was believed", found.wrong_tick_accepted),
        ("Good film without a tick: called bad all the same", found.no_tick_called_bad),
        ("Difference: false alarms that the wrong tick adds", found.more_false_alarms),
        ("Bad film, its tick missing: left as good", found.missing_tick_left),
        ("Bad film, rightly ticked: the tick was taken away", found.right_tick_removed),
        ("Difference: slips that the missing tick adds", found.more_slips),
    ]
    return [(what, words) for what, one in figures if (words := _measured(one))]


def _measured(one: Share | Figure) -> str:
    words = share_words(one) if isinstance(one, Share) else figure_words(one)
    return "" if words == NOT_MEASURED else words


def _readings(found: ReadingFigures) -> list[tuple[str, str]]:
    return [
        ("Two people called it the same", share_words(found.by_two.same)),
        ("Their agreement beyond chance (kappa)", _kappa(found)),
        ("One person called it the same twice", share_words(found.by_one.same)),
        ("Finds that a second look confirmed", share_words(found.finds_confirmed)),
        ("Films called bad on two items, in bulk or on a screen", f"{found.confirmed:,}"),
        ("Those of them by two people", f"{found.confirmed_by_another:,}"),
        ("Called bad once, second look to come", f"{found.awaiting_second_look:,}"),
        ("In dispute", f"{found.disputed:,}"),
    ]


def _kappa(found: ReadingFigures) -> str:
    return figure_words(found.by_two.kappa, "") if found.by_two.same.of else optional(None)
