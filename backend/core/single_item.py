"""Single items: one film at full size, for boxes, hard cases and films flagged on a sheet."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import read_named
from backend.core.box_item import box_regions, read_boxes
from backend.core.item_data import Fields, with_fields
from backend.core.single_screen import ABOUT_TAG, IMAGE_TAG, StudyFilm, about_html
from backend.labels.core.box import Boxes
from backend.labels.core.labels import Label, LabelSource


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
