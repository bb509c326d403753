"""Films that need another look: finds, films whose class is not known yet, and disputes.

A film that one look called bad goes on to a second, independent one: on a sheet of its suspected
class where there are enough of them, else alone and large. Two reviewers who disagree are settled
by a third look, and so is an answer that a detector doubts.
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.model_folder import read_card
from backend.detectors.adapters.versions.registry import published_version, version_in_use
from backend.detectors.core.label_doubts import Doubt, still_in_doubt
from backend.detectors.loop.film_predictions import film_probabilities
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource, Verdict, verdicts
from backend.review.adapters.batch_store import open_items, task_items
from backend.review.core.batch_plan import PlannedSheet, next_shard, plan_second_looks
from backend.review.core.look import Look, Purpose
from backend.review.core.second_look import awaiting_second_look, disputed
from backend.review.loop.looks import looks


def label_doubts(workspace: Workspace, task: DetectorTask) -> list[Doubt]:
    """Return the labels in doubt that one look alone gave, the most doubtful first.

    The version in use wrote its doubts down when it was trained, by heads that had not learnt from
    the film. A second look settles a doubt, whatever it says. At most `doubted_films` are returned.
    """
    version = published_version(workspace.database, task.name)
    if version is None or task.answer is AnswerKind.BOX:
        return []
    doubts = read_card(workspace.models, version).training.doubts or {}
    kept = doubts.get(task.name)
    if not kept:
        return []
    items = defaultdict(set)
    for look in looks(workspace, task):
        if look.check is None:
            items[look.radiograph_id].add((look.item_key, look.reviewer))
    of_reviewers = standing_labels(workspace.database, task.name, source=LabelSource.REVIEWER)
    standing = {film: one.label for film, one in verdicts(of_reviewers, task).items()}
    once = {film for film, seen in items.items() if len(seen) == 1}
    return still_in_doubt(kept, standing, once, workspace.settings.doubted_films)


_FIRST_LOOKS = (Purpose.FIRST, Purpose.DOUBLE)


def follow_ups(workspace: Workspace, task: DetectorTask) -> list[PlannedSheet]:
    """Return what has to be looked at again and is not being asked yet.

    While first looks of the batch still wait, finds of a class with few of them are held back, so
    that more may join them on a sheet, and so are answers that a detector doubts which did not
    learn from them. Where there are several reviewers, each film goes to
    another tab than the one that showed it last.
    """
    if task.answer is AnswerKind.BOX:
        return []
    waiting = open_items(workspace.database, task.name)
    later = [item for item in waiting if item.purpose not in _FIRST_LOOKS]
    asked = {film for item in later for film in item.radiograph_ids}
    seen = [look for look in looks(workspace, task) if not look.check]
    known = verdicts(standing_labels(workspace.database, task.name), task)
    all_seen = len(later) == len(waiting)
    disputes = set(disputed(seen, task.expected_label)) - asked
    if all_seen:
        disputes |= {doubt.radiograph_id for doubt in label_doubts(workspace, task)} - asked
    unsure = {film for film, found in known.items() if found.needs_exact_class}
    again = (unsure | set(awaiting_second_look(seen, task.expected_label))) - asked - disputes
    suspected = _suspected(workspace, task, sorted(again), known)
    tab = _other_tabs(workspace, task, seen)
    planned = [
        PlannedSheet("", (film,), Purpose.SETTLE, tab.get(film)) for film in sorted(disputes)
    ]
    for shard in sorted({tab.get(film) for film in again}, key=lambda one: one or 0):
        mine = {film: label for film, label in suspected.items() if tab.get(film) == shard}
        sheets = plan_second_looks(
            mine,
            task,
            fewest=workspace.settings.second_sheet_films,
            sheet_films=workspace.settings.sheet_films,
            singles=all_seen,
        )
        planned += [replace(sheet, shard=shard) for sheet in sheets]
    return planned


def _other_tabs(
    workspace: Workspace, task: DetectorTask, seen: list[Look]
) -> dict[str, int | None]:
    """Return by film a tab (a shard) in which it was not shown last."""
    shard_of = {item.item_key: item.shard for item in task_items(workspace.database, task.name)}
    reviewers = workspace.settings.reviewers
    return {look.radiograph_id: next_shard(shard_of.get(look.item_key), reviewers) for look in seen}


def _suspected(
    workspace: Workspace, task: DetectorTask, again: list[str], known: dict[str, Verdict]
) -> dict[str, str]:
    """Return the class each film is thought to be of: as called, else the likeliest one left."""
    version = version_in_use(workspace.database, task)
    if not again:
        return {}
    if task.sums_up:
        # Only somebody who sees it large can say what is wrong.
        return dict.fromkeys(again, "")
    rows = film_probabilities(workspace, task, version, again)
    return {
        film: _suspected_class(task, known.get(film), row)
        for film, row in zip(again, rows, strict=True)
    }


def _suspected_class(task: DetectorTask, known: Verdict | None, row: NDArray[np.float32]) -> str:
    if known and known.label:
        return known.label
    left = [label for label in task.labels if not (known and label in known.denied)]
    if np.isnan(row).any() or not left:
        return ""
    return max(left, key=lambda label: float(row[task.labels.index(label)]))
