"""Single items: one film at full size, for boxes, hard cases and films flagged on a sheet."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import read_named
from backend.labels.core.box import BadBoxError, Box, Boxes, LabelledBox
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.screens.item_fields import Fields, with_fields
from backend.review.adapters.screens.single_screen import (
    ABOUT_TAG,
    IMAGE_TAG,
    StudyFilm,
    about_html,
)

RECTANGLES = "rectanglelabels"
_PERCENT = 100.0
"""Label Studio counts in percent of the picture's sides."""


def box_regions(
    task: DetectorTask, image_tag: str, boxes: Boxes, sure: Sequence[float]
) -> list[dict[str, Any]]:
    """Return a prediction's `result`: one rectangle per label that has a box.

    Args:
        task: the detector task.
        image_tag: name of the picture on the screen.
        boxes: shape (labels, 4); NaN where there is none.
        sure: for each label, how probable it is that the box is right.
    """
    return [
        {
            "from_name": task.name,
            "to_name": image_tag,
            "type": RECTANGLES,
            "value": _rectangle(Box(*map(float, row))) | {RECTANGLES: [label]},
            "score": float(one),
        }
        for label, row, one in zip(task.labels, boxes, sure, strict=True)
        if not np.isnan(row).any()
    ]


def read_boxes(result: Sequence[Mapping[str, Any]], task: DetectorTask) -> list[LabelledBox]:
    """Return what a reviewer drew, in the task's order of labels; nothing drawn is an answer, too.

    Raises:
        LabelStudioError: a rectangle lies outside the film, is turned, or has no label of the task;
            or a label was drawn twice.
    """
    found: dict[str, LabelledBox] = {}
    for region in result:
        if region.get("from_name") == task.name:
            one = _read(region, task)
            if one.label in found:
                raise LabelStudioError(
                    f"expected one box for {one.label!r}, got two; open the item in Label Studio, "
                    "delete one and submit again"
                )
            found[one.label] = one
    return [found[label] for label in task.labels if label in found]


def _rectangle(box: Box) -> dict[str, Any]:
    return {
        "x": _PERCENT * box.left,
        "y": _PERCENT * box.top,
        "width": _PERCENT * box.width,
        "height": _PERCENT * box.height,
        "rotation": 0,
    }


def _read(region: Mapping[str, Any], task: DetectorTask) -> LabelledBox:
    try:
        value = region["value"]
        (label,) = value[RECTANGLES]
        sides = [float(value[name]) / _PERCENT for name in ("x", "y", "width", "height")]
        is_turned = bool(value.get("rotation"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LabelStudioError(
            f"expected rectangles with one of {list(task.labels)} each, got something else; open "
            "the item in Label Studio, correct the answer and submit it again"
        ) from error
    if label not in task.labels or is_turned:
        what = "a turned rectangle" if is_turned else f"the label {label!r}"
        raise LabelStudioError(
            f"expected upright rectangles with one of {list(task.labels)}, got {what}; open the "
            "item in Label Studio, draw it again and submit"
        )
    try:
        return LabelledBox(str(label), Box.on_film(*sides))
    except BadBoxError as error:
        raise LabelStudioError(str(error)) from error


@dataclass(frozen=True, slots=True)
class SingleFilm:
    """A film to be looked at on its own."""

    radiograph_id: str
    image_url: str
    probabilities: Mapping[str, float]
    """Calibrated probability of each label of the task; for boxes, that each is right."""
    model_version: str
    confidence: float
    """0 to 1; Label Studio shows the lowest first."""
    reason: str = ""
    """Why a person should look, in words; plain text."""
    boxes: Boxes | None = None
    """Shape (labels, 4), for a task whose answer is a box; None where nothing was predicted."""
    report_sentence: str = ""
    """What the film's report says about it; plain text."""
    suspected: Mapping[str, float] = field(default_factory=dict)
    """For a task that sums up: what its detectors suspect, see `joint_question`."""
    study_films: tuple[StudyFilm, ...] = ()
    """The other films of the same study."""
    fields: Fields = field(default_factory=dict)
    """Columns for the Data Manager."""


def single_key(detector_task: str, radiograph_id: str) -> str:
    """Return the stable id of a single item, 20 hex digits."""
    content = json.dumps(["single", detector_task, radiograph_id])
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def single_item(task: DetectorTask, film: SingleFilm) -> dict[str, Any]:
    """Return the item as Label Studio imports it: data and one prediction.

    Raises:
        ValueError: one of the film's `fields` has a name that the item needs for itself.
    """
    data = {
        "item_key": single_key(task.name, film.radiograph_id),
        "detector_task": task.name,
        "radiograph_id": film.radiograph_id,
        IMAGE_TAG: film.image_url,
        "reason": film.reason,
        ABOUT_TAG: about_html(
            task,
            {**film.probabilities, **film.suspected},
            reason=film.reason,
            report_sentence=film.report_sentence,
            study_films=film.study_films,
        ),
    }
    prediction = {
        "model_version": film.model_version,
        "score": film.confidence,
        "result": single_result(task, film.probabilities, film.boxes),
    }
    return {"data": with_fields(data, film.fields), "predictions": [prediction]}


def single_result(
    task: DetectorTask, probabilities: Mapping[str, float], boxes: Boxes | None = None
) -> list[dict[str, Any]]:
    """Return a prediction's `result`: the most probable label chosen, or the boxes drawn.

    Nothing is chosen or drawn by a detector that has not learnt anything yet, or by several
    together: that something is wrong does not say what.
    """
    if task.answer is AnswerKind.BOX:
        sure = [probabilities[label] for label in task.labels]
        return [] if boxes is None else box_regions(task, IMAGE_TAG, boxes, sure)
    best = max(task.labels, key=lambda label: probabilities[label])
    if task.sums_up or not probabilities[best]:
        return []
    region = {
        "from_name": task.name,
        "to_name": IMAGE_TAG,
        "type": "choices",
        "value": {"choices": [best]},
        "score": probabilities[best],
    }
    return [region]


def read_single_answer(result: Sequence[Mapping[str, Any]], task: DetectorTask) -> str:
    """Return the label a reviewer chose; for box tasks the expected one, whatever was drawn.

    Of a task that sums up it is the label that follows from what was named.

    Raises:
        LabelStudioError: no label, several, or one that the task does not have.
    """
    if task.answer is AnswerKind.BOX:
        return task.expected_label
    found = _labels_of(result, task)
    if task.sums_up:
        return read_named(found, task).called
    if len(found) != 1 or not found <= set(task.labels):
        raise LabelStudioError(
            f"expected one of {list(task.labels)} for {task.name!r}, got {sorted(found)}; open the "
            "item in Label Studio, choose one and submit again"
        )
    return found.pop()


def labels_from_single(
    data: Mapping[str, Any],
    result: Sequence[Mapping[str, Any]],
    task: DetectorTask,
    *,
    answered_at: str,
    reviewer: str,
) -> list[Label]:
    """Return the reviewer's label of the one film that the item shows.

    Of a task that sums up, also those of the tasks that were named as what is wrong.

    Raises:
        LabelStudioError: data or result are not those of a single item of this task.
    """
    film = data.get("radiograph_id")
    if data.get("detector_task") != task.name or not isinstance(film, str):
        raise LabelStudioError(
            f"expected a single item of task {task.name!r} with a radiograph_id, got task "
            f"{data.get('detector_task')!r}; delete this item in Label Studio and push again"
        )
    label = read_single_answer(result, task)
    named = read_named(_labels_of(result, task), task).labels if task.sums_up else {}
    drawn = read_boxes(result, task) if task.answer is AnswerKind.BOX else ()
    source = LabelSource.REVIEWER
    own = Label(film, task.name, label, source, answered_at, reviewer, boxes=tuple(drawn))
    return [own, *(replace(own, detector_task=part, label=what) for part, what in named.items())]


def _labels_of(result: Sequence[Mapping[str, Any]], task: DetectorTask) -> set[str]:
    try:
        return {
            label
            for region in result
            if region["from_name"] == task.name
            for label in region["value"]["choices"]
        }
    except (KeyError, TypeError) as error:
        raise LabelStudioError(
            "expected regions with from_name and value.choices, got something else; open the "
            "item in Label Studio, correct the answer and submit it again"
        ) from error
