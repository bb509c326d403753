"""How a batch is laid out on contact sheets and single items, and who gets which."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.review.core.look import KnownAnswer, Purpose


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """Films that are shown together because they are thought to be of one class."""

    shown_label: str
    """Empty: a single item, which asks for the class."""
    radiograph_ids: tuple[str, ...]
    purpose: Purpose = Purpose.FIRST
    shard: int | None = None
    """Which reviewer's tab shows it, from 1; None: everybody's."""
    checks: Mapping[str, KnownAnswer] = field(default_factory=dict)
    """By shown id, films whose answer is known."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Film -> the film that it resembles, which is shown beside it."""


def plan_sheets(
    predicted: Mapping[str, str], task: DetectorTask, sheet_films: int
) -> list[PlannedSheet]:
    """Return the sheets of a batch, suspected classes before the expected one.

    Films stand in the order of their ids, which are hashes: a reviewer cannot tell from its place
    whether a film was picked by the detector or drawn for the audit.

    Args:
        predicted: radiograph id -> most probable label.
        task: the detector task.
        sheet_films: at most so many films on a sheet.
    """
    order = sorted(task.labels, key=lambda label: label == task.expected_label)
    return [
        PlannedSheet(label, tuple(some))
        for label in order
        for some in in_chunks(_films_of(label, predicted), sheet_films)
    ]


def plan_second_looks(
    suspected: Mapping[str, str],
    task: DetectorTask,
    *,
    fewest: int,
    sheet_films: int,
    ready: Container[str],
) -> list[PlannedSheet]:
    """Return where finds go on to: a sheet per suspected class, or single items.

    Args:
        suspected: radiograph id -> the class it is thought to be of; empty where nothing says so.
        task: the detector task.
        fewest: a class with fewer finds goes on as single items.
        sheet_films: at most so many films on a sheet.
        ready: films that need not wait for more finds of their class to join them on a sheet.
    """
    planned = []
    for label in ("", *task.labels):
        some = _films_of(label, suspected)
        if label and len(some) >= fewest:
            planned += [PlannedSheet(label, tuple(few)) for few in in_chunks(some, sheet_films)]
        else:
            planned += [PlannedSheet("", (film,)) for film in some if film in ready]
    return [replace(sheet, purpose=Purpose.SECOND) for sheet in planned]


def shared_out(sheets: Sequence[PlannedSheet], reviewers: int) -> list[PlannedSheet]:
    """Deal sheets to reviewers in turn; one reviewer gets them all, unmarked.

    >>> sheets = [PlannedSheet("upright", (film,)) for film in "abc"]
    >>> [sheet.shard for sheet in shared_out(sheets, 2)]
    [1, 2, 1]
    """
    if reviewers == 1:
        return list(sheets)
    return [replace(sheet, shard=1 + turn % reviewers) for turn, sheet in enumerate(sheets)]


def read_twice(
    sheets: Sequence[PlannedSheet], share: float, reviewers: int, rng: np.random.Generator
) -> list[PlannedSheet]:
    """Return the same sheets once more for the next reviewer, a share of them drawn at random.

    A second reader must be another person: with one reviewer there is none. The repeated sheet
    has no checks of its own.
    """
    if reviewers == 1:
        return []
    drawn = rng.random(len(sheets)) < share
    return [
        replace(sheet, purpose=Purpose.DOUBLE, shard=next_shard(sheet.shard, reviewers), checks={})
        for sheet, chosen in zip(sheets, drawn, strict=True)
        if chosen
    ]


def next_shard(shard: int | None, reviewers: int) -> int | None:
    """Return another reviewer's shard, for a look that is to be independent.

    >>> next_shard(2, 2), next_shard(1, 3), next_shard(None, 3), next_shard(1, 1)
    (1, 2, None, None)
    """
    if shard is None or reviewers == 1:
        return None
    return 1 + shard % reviewers


def freest_shard(load: Mapping[int | None, int], reviewers: int, *, but_not: Container[int]) -> int:
    """Return the tab on which least waits, if it can be one that has not shown the films yet.

    >>> freest_shard({1: 4, 2: 1}, 3, but_not=()), freest_shard({1: 4, 2: 1}, 3, but_not={3})
    (3, 2)
    >>> freest_shard({}, 2, but_not={1, 2})
    1
    """
    everybody = range(1, reviewers + 1)
    others = [shard for shard in everybody if shard not in but_not]
    return min(others or everybody, key=lambda shard: (load.get(shard, 0), shard))


def _films_of(label: str, predicted: Mapping[str, str]) -> Sequence[str]:
    return sorted(film for film, its_label in predicted.items() if its_label == label)
