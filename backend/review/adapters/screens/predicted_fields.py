"""The fields of an item that say what detectors predict: they change with the version in use.

An item is made with them, and gets them anew when its predictions change. Otherwise a page would
show the probabilities of one version beside what another one has chosen.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.core.boxes.answer import split_answers
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.screens.answer_choices import (
    CHOICES_FIELD,
    answer_choices,
    probable_problems,
)
from backend.review.adapters.screens.contact_sheet import ticked_films
from backend.review.adapters.screens.pre_annotation import PreAnnotation
from backend.review.adapters.screens.tabs import (
    FLAGGED,
    NO,
    PREDICTED,
    PROBABILITY,
    SUSPECTS,
    YES,
)
from backend.review.core.item import SHEET, Item
from backend.review.core.look import Purpose

Columns = dict[str, str | int | float]
"""Of the Data Manager."""


def by_label(task: DetectorTask, answer: NDArray[np.float32]) -> dict[str, float]:
    """Return a film's probabilities by label, 0 where nothing is predicted.

    Args:
        task: the detector task.
        answer: shape (labels,), or for boxes (labels, 5) as `detectors.core.boxes.answer` says.
    """
    sure = split_answers(answer)[0] if task.answer is AnswerKind.BOX else answer
    return dict(zip(task.labels, map(float, np.nan_to_num(sure)), strict=True))


def sheet_columns(task: DetectorTask, item: Item, shown: PreAnnotation) -> Columns:
    """Return the columns of a sheet that follow its ticks."""
    ticked = ticked_films(shown.result)
    is_suspected = item.shown_label != task.expected_label
    return {SUSPECTS: len(ticked), FLAGGED: _yes(bool(ticked) or is_suspected)}


def single_columns(task: DetectorTask, item: Item, probabilities: Mapping[str, float]) -> Columns:
    """Return the columns of a single film that follow its probabilities by label."""
    best = max(probabilities, key=probabilities.__getitem__)
    is_box = task.answer is AnswerKind.BOX
    is_bad = not is_box and best != task.expected_label
    return {
        PREDICTED: "" if is_box or not probabilities[best] else task.words(best),
        PROBABILITY: round(probabilities[best], 4),
        FLAGGED: _yes(item.purpose is Purpose.SECOND or is_bad),
    }


def predicted_fields(
    task: DetectorTask,
    item: Item,
    shown: PreAnnotation,
    answers: NDArray[np.float32],
    suspected: Mapping[str, float] = MappingProxyType({}),
) -> JsonObject:
    """Return all fields of an item's data that follow the predictions.

    Args:
        task: the detector task.
        item: the item.
        shown: what is ticked, chosen or drawn on it.
        answers: shape (films, labels), of its films; for boxes (films, labels, 5).
        suspected: of a single film, for a task that sums up: what its detectors suspect.
    """
    if item.kind == SHEET:
        return sheet_columns(task, item, shown)
    probabilities = by_label(task, answers[0])
    columns = single_columns(task, item, probabilities)
    if task.answer is AnswerKind.BOX:
        return columns
    probable = probable_problems(task, probabilities) | dict(suspected)
    return {**columns, CHOICES_FIELD: answer_choices(task, probable)}


def _yes(true: bool) -> str:
    return YES if true else NO
