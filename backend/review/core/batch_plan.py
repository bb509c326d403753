"""Lay a batch out on contact sheets and single items, and deal these to reviewers."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.review.core.look import KnownAnswer, Purpose


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """Films that are shown together because a detector gives them the same label."""

    shown_label: str
    """The label that the sheet states; empty for a single item, which asks for the label."""
    radiograph_ids: tuple[str, ...]
    purpose: Purpose = Purpose.FIRST
    shard: int | None = None
    """Number of the reviewer's tab that shows the sheet, from 1; None: all tabs."""
    checks: Mapping[str, KnownAnswer] = field(default_factory=dict)
    """By shown id, known-answer films."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Film -> the similar film that is shown beside it."""


def plan_sheets(
    predicted: Mapping[str, str], task: DetectorTask, sheet_films: int
) -> list[PlannedSheet]:
    """Return the sheets of a batch, suspected classes before the expected one.

    Films are sorted by their ids, which are hashes: the position of a film does not tell a reviewer
    whether the detector picked it or chance drew it for the audit.

    Args:
        predicted: radiograph id -> most probable label.
        task: the detector task.
        sheet_films: the most films on a sheet.
    """
    order = sorted(task.labels, key=lambda label: label == task.expected_label)
    return [
        PlannedSheet(label, tuple(films))
        for label in order
        for films in in_chunks(_films_of(label, predicted), sheet_films)
    ]


def plan_second_looks(
    suspected: Mapping[str, str],
    task: DetectorTask,
    *,
    fewest: int,
    sheet_films: int,
    ready: Container[str],
) -> list[PlannedSheet]:
    """Return the items for second looks at finds: sheets of a suspected label, or single items.

    Args:
        suspected: radiograph id -> its suspected label; empty where no label is suspected.
        task: the detector task.
        fewest: the fewest finds of a label that make a sheet; fewer become single items.
        sheet_films: the most films on a sheet.
        ready: films that may become single items now, without waiting for a sheet of their label.
    """
    planned = []
    for label in ("", *task.labels):
        finds = _films_of(label, suspected)
        if label and len(finds) >= fewest:
            sheets = in_chunks(finds, sheet_films)
            planned += [PlannedSheet(label, tuple(films)) for films in sheets]
        else:
            planned += [PlannedSheet("", (film,)) for film in finds if film in ready]
    return [replace(sheet, purpose=Purpose.SECOND) for sheet in planned]


def shared_out(sheets: Sequence[PlannedSheet], reviewers: int) -> list[PlannedSheet]:
    """Deal sheets to reviewers in turn; a single reviewer gets all, without a tab's number.

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
    """Return copies of randomly drawn sheets, for a second reader.

    The second reader is the next reviewer: with a single reviewer no sheet is repeated. A repeated
    sheet has no known-answer films.

    Args:
        sheets: the sheets of a batch.
        share: chance of each sheet to be repeated, 0 to 1.
        reviewers: number of reviewers.
        rng: draws the sheets.
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
    """Return the tab of the next reviewer, for an independent look; None where there is none.

    >>> next_shard(2, 2), next_shard(1, 3), next_shard(None, 3), next_shard(1, 1)
    (1, 2, None, None)
    """
    if shard is None or reviewers == 1:
        return None
    return 1 + shard % reviewers


def freest_shard(load: Mapping[int | None, int], reviewers: int, *, but_not: Container[int]) -> int:
    """Return the tab with the fewest waiting items; one that showed the films only if all did.

    Args:
        load: tab -> its number of waiting items.
        reviewers: number of tabs.
        but_not: tabs that have shown the films already.

    >>> freest_shard({1: 4, 2: 1}, 3, but_not=()), freest_shard({1: 4, 2: 1}, 3, but_not={3})
    (3, 2)
    >>> freest_shard({}, 2, but_not={1, 2})
    1
    """
    tabs = range(1, reviewers + 1)
    others = [shard for shard in tabs if shard not in but_not]
    return min(others or tabs, key=lambda shard: (load.get(shard, 0), shard))


def _films_of(label: str, predicted: Mapping[str, str]) -> Sequence[str]:
    return sorted(film for film, its_label in predicted.items() if its_label == label)
