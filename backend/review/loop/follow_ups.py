"""Films that need another look: finds, films whose class is not known yet, and disputes.

A film that one look called bad goes on to a second, independent one: on a sheet of its suspected
class where there are enough of them, else alone and large. Two reviewers who disagree are settled
by a third look, and so is an answer that a detector doubts.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.model_folder import read_card
from backend.detectors.adapters.versions.registry import COLD_START
from backend.detectors.core.label_doubts import Doubt, still_in_doubt
from backend.detectors.loop.film_predictions import film_probabilities
from backend.labels.core.labels import LabelSource, Verdict, verdicts
from backend.review.core.batch_plan import PlannedSheet, next_shard, plan_second_looks
from backend.review.core.look import Purpose
from backend.review.core.second_look import awaiting_second_look, disputed
from backend.review.loop.planning_material import PlanningMaterial
from backend.review.loop.review_state import ReviewState


def label_doubts(material: PlanningMaterial) -> list[Doubt]:
    """Return the labels in doubt that one look alone gave, the most doubtful first.

    The version in use wrote its doubts down when it was trained, by heads that had not learnt from
    the film. A second look settles a doubt, whatever it says. At most `doubted_films` are returned.
    """
    task, state, version = material.task, material.state, material.model_version
    is_learnt = not task.sums_up and task.rule is None and task.answer is not AnswerKind.BOX
    if version == COLD_START or not is_learnt:
        return []
    doubts = read_card(material.predictions.files.models, version).training.doubts or {}
    kept = doubts.get(task.name)
    if not kept:
        return []
    items = defaultdict(set)
    for look in state.own_looks:
        items[look.radiograph_id].add((look.item_key, look.reviewer))
    of_reviewers = (label for label in state.labels if label.source is LabelSource.REVIEWER)
    standing = {film: verdict.label for film, verdict in verdicts(of_reviewers, task).items()}
    once = {film for film, seen in items.items() if len(seen) == 1}
    return still_in_doubt(kept, standing, once, material.settings.doubted_films)


_FIRST_LOOKS = (Purpose.FIRST, Purpose.DOUBLE)


def follow_ups(material: PlanningMaterial) -> list[PlannedSheet]:
    """Return what has to be looked at again and is not being asked yet.

    While first looks of its own batch still wait, a film is held back where it is one of few finds
    of a class, so that more may join it on a sheet, or where a detector doubts the answer. Finds of
    a joint question have no class, and wait for their own second reader only. Where there are
    several reviewers, each film goes to another tab than the one that showed it last.
    """
    task, state, settings = material.task, material.state, material.settings
    if task.answer is AnswerKind.BOX:
        return []
    later = [item for item in state.open_items if item.purpose not in _FIRST_LOOKS]
    asked = {film for item in later for film in item.radiograph_ids}
    held_back = _of_unfinished_batches(state)
    doubted = {doubt.radiograph_id for doubt in label_doubts(material)} - held_back
    disputes = doubted.union(disputed(state.own_looks, task.expected_label)) - asked
    again = _to_look_at_again(task, state) - asked - disputes
    tab = _other_tabs(state, settings.reviewers)
    settling = [
        PlannedSheet("", (film,), Purpose.SETTLE, tab.get(film)) for film in sorted(disputes)
    ]
    suspected = _suspected_classes(material, sorted(again))
    ready = again - (_awaiting_first_look(state) if task.sums_up else held_back)
    return [*settling, *_second_looks(task, suspected, tab, settings, ready)]


def _suspected_classes(material: PlanningMaterial, films: Sequence[str]) -> dict[str, str]:
    """Return by film the class that it is thought to be of; empty where nobody can tell."""
    task, state = material.task, material.state
    # Only somebody who sees a film of a joint find large can say what is wrong.
    if task.sums_up or not films:
        return dict.fromkeys(films, "")
    answers = film_probabilities(material.predictions, task, material.model_version, films)
    return {
        film: _suspected_class(task, state.verdicts.get(film), row)
        for film, row in zip(films, answers, strict=True)
    }


def _awaiting_first_look(state: ReviewState) -> set[str]:
    """Return the films that wait for a first reader, or for a second one of the same batch."""
    waiting = (item for item in state.open_items if item.purpose in _FIRST_LOOKS)
    return {film for item in waiting for film in item.radiograph_ids}


def _of_unfinished_batches(state: ReviewState) -> set[str]:
    """Return the films that were seen in a batch of which first looks still wait."""
    unfinished = {item.batch_id for item in state.open_items if item.purpose in _FIRST_LOOKS}
    return {look.radiograph_id for look in state.own_looks if look.batch_id in unfinished}


def _to_look_at_again(task: DetectorTask, state: ReviewState) -> set[str]:
    """Return finds of one look, and films of which the exact class is not known."""
    unsure = {film for film, verdict in state.verdicts.items() if verdict.needs_exact_class}
    return unsure.union(awaiting_second_look(state.own_looks, task.expected_label))


def _second_looks(
    task: DetectorTask,
    suspected: Mapping[str, str],
    tab: Mapping[str, int | None],
    settings: Settings,
    ready: Container[str],
) -> list[PlannedSheet]:
    """Lay films out for a second look, each on a tab that did not show it last.

    Args:
        task: the detector task.
        suspected: by film, the class it is thought to be of; empty where nobody can tell.
        tab: by film, the tab it goes to.
        settings: how many films make a sheet.
        ready: films that need not wait for other finds.
    """
    planned: list[PlannedSheet] = []
    for shard in sorted({tab.get(film) for film in suspected}, key=lambda number: number or 0):
        mine = {film: label for film, label in suspected.items() if tab.get(film) == shard}
        sheets = plan_second_looks(
            mine,
            task,
            fewest=settings.second_sheet_films,
            sheet_films=settings.sheet_films,
            ready=ready,
        )
        planned += [replace(sheet, shard=shard) for sheet in sheets]
    return planned


def _other_tabs(state: ReviewState, reviewers: int) -> dict[str, int | None]:
    """Return by film a tab (a shard) in which it was not shown last."""
    shard_of = {item.item_key: item.shard for item in state.items}
    return {
        look.radiograph_id: next_shard(shard_of.get(look.item_key), reviewers)
        for look in state.own_looks
    }


def _suspected_class(task: DetectorTask, known: Verdict | None, row: NDArray[np.float32]) -> str:
    if known and known.label:
        return known.label
    left = [label for label in task.labels if not (known and label in known.denied)]
    if np.isnan(row).any() or not left:
        return ""
    return max(left, key=lambda label: float(row[task.labels.index(label)]))
