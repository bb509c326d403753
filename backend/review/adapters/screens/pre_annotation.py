"""The pre-annotation of an item and its score, from a model version's probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.core.boxes.answer import split_answers
from backend.review.adapters.label_studio.shapes import Result
from backend.review.adapters.screens.answer_choices import chosen_by_detectors, probable_problems
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_item import single_result
from backend.review.core.look import KnownAnswer
from backend.review.core.pre_chosen import is_doubted


@dataclass(frozen=True, slots=True)
class PreAnnotation:
    """What Label Studio shows before the reviewer has touched an item."""

    result: Result
    score: float
    """Confidence, 0 to 1; Label Studio shows low ones first."""


def suspects(
    task: DetectorTask,
    shown_label: str,
    radiograph_ids: Sequence[str],
    probabilities: NDArray[np.float32],
) -> set[str]:
    """Return the films that a sheet ticks beforehand, see `pre_chosen.is_doubted`.

    Args:
        task: the detector task.
        shown_label: what the sheet says its films are.
        radiograph_ids: its films, in order.
        probabilities: shape (films, labels); a row of NaN (no prediction) is no suspect.
    """
    shown = probabilities[:, task.labels.index(shown_label)]
    return {
        film
        for film, probability in zip(radiograph_ids, shown, strict=True)
        if is_doubted(task, float(probability))
    }


def sheet_confidence(
    task: DetectorTask, shown_label: str, probabilities: NDArray[np.float32]
) -> float:
    """Return the probability of the least certain film to be as shown; 0 if one is unknown.

    The least and not the mean, so that the sheet with the most doubtful film comes first.
    """
    shown = probabilities[:, task.labels.index(shown_label)]
    return float(np.nan_to_num(shown, nan=0.0).min(initial=1.0))


def pre_annotate_sheet(
    task: DetectorTask,
    shown_label: str,
    radiograph_ids: Sequence[str],
    probabilities: NDArray[np.float32],
    checks: Mapping[str, KnownAnswer] = MappingProxyType({}),
) -> PreAnnotation:
    """Tick a sheet's suspects; the first four arguments are those of `suspects`.

    Args:
        task: the detector task.
        shown_label: what the sheet says its films are.
        radiograph_ids: its films, in the order of their ids.
        probabilities: shape (films, labels).
        checks: by shown id, its films whose answer is known; a coin has decided their ticks.
    """
    ticked = suspects(task, shown_label, radiograph_ids, probabilities)
    ticked |= {shown for shown, check in checks.items() if check.ticked}
    shown_ids = sorted([*radiograph_ids, *checks]) if checks else radiograph_ids
    return PreAnnotation(
        sheet_result(shown_ids, ticked),
        sheet_confidence(task, shown_label, probabilities),
    )


def pre_annotate_single(
    task: DetectorTask,
    answer: NDArray[np.float32],
    suspected: Mapping[str, float] = MappingProxyType({}),
) -> PreAnnotation:
    """Choose what the detectors suspect of one film, or draw its boxes.

    The score is the probability of what is shown; of boxes that of the least sure one.

    Args:
        task: the detector task.
        answer: shape (labels,), or for boxes (labels, 5) as `detectors.core.boxes.answer`
            describes it; NaN (no prediction) shows nothing, with a score of 0.
        suspected: for a task that sums up, what its detectors suspect; see `joint_question`.
    """
    if np.isnan(answer).any():
        return PreAnnotation((), 0.0)
    is_box = task.answer is AnswerKind.BOX
    sure, boxes = split_answers(answer) if is_box else (answer, None)
    by_label = dict(zip(task.labels, map(float, sure), strict=True))
    score = min(by_label.values()) if is_box else max(by_label.values())
    if is_box:
        return PreAnnotation(single_result(task, by_label, boxes), score)
    probable = probable_problems(task, by_label) | dict(suspected)
    return PreAnnotation(chosen_by_detectors(task, probable), score)
