"""Single items: one film at full size, for boxes, hard cases and films flagged on a sheet."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from xml.etree import ElementTree as ET

from backend.core.box import Boxes
from backend.core.box_item import box_regions, read_boxes
from backend.core.detector_task import AnswerKind, DetectorTask
from backend.core.errors import LabelStudioError
from backend.core.labels import Label, LabelSource

IMAGE_TAG = "radiograph"
_HOTKEYS = "123456789qwertyuiop"
_IMAGE = {
    "name": IMAGE_TAG,
    "value": f"${IMAGE_TAG}",
    "zoom": "true",
    "brightnessControl": "true",
    "contrastControl": "true",
    # All of the window but Label Studio's own two bars.
    "maxHeight": "calc(100vh - 125px)",
}

# The film fills the window; question and answers stand beside it, so that none is ever below it.
_STYLE = """
.lsf-main-view__annotation {padding:8px !important}
.single {display:flex; gap:16px}
.single .film {flex:1 1 auto; min-width:0}
.single .ask {flex:0 0 280px}
"""
_NO_PANELS = """
.lsf-sidepanels__wrapper {display:none !important}
.lsf-sidepanels {padding:0 !important}
"""


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


def single_key(detector_task: str, radiograph_id: str) -> str:
    """Return the stable id of a single item, 20 hex digits."""
    content = json.dumps(["single", detector_task, radiograph_id])
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def single_config_xml(task: DetectorTask) -> str:
    """Return the XML that Label Studio shows the reviewer.

    The control is named after the task, so a prediction request tells us which task it is for.
    """
    view = ET.Element("View", className="single")
    ET.SubElement(view, "Style").text = _STYLE + _NO_PANELS * (task.answer is AnswerKind.CHOICE)
    film = ET.SubElement(view, "View", className="film")
    ET.SubElement(film, "Image", _IMAGE)
    ask = ET.SubElement(view, "View", className="ask")
    ET.SubElement(ask, "Header", value=task.question)
    ET.SubElement(ask, "Header", value="$reason", size="6")
    _add_answers(ask, task)
    return ET.tostring(view, encoding="unicode")


def _add_answers(parent: ET.Element, task: DetectorTask) -> None:
    control, option = {
        AnswerKind.CHOICE: ("Choices", "Choice"),
        AnswerKind.BOX: ("RectangleLabels", "Label"),
    }[task.answer]
    answers = ET.SubElement(parent, control, name=task.name, toName=IMAGE_TAG)
    if task.answer is AnswerKind.CHOICE:
        answers.attrib.update(choice="single", required="true")
    else:
        answers.attrib.update(canRotate="false")
    for label, hotkey in zip_longest(task.labels, _HOTKEYS[: len(task.labels)]):
        ET.SubElement(answers, option, {"value": label} | ({"hotkey": hotkey} if hotkey else {}))


def single_item(task: DetectorTask, film: SingleFilm) -> dict[str, Any]:
    """Return the item as Label Studio imports it: data and one prediction."""
    data = {
        "item_key": single_key(task.name, film.radiograph_id),
        "detector_task": task.name,
        "radiograph_id": film.radiograph_id,
        IMAGE_TAG: film.image_url,
        "reason": film.reason,
    }
    prediction = {
        "model_version": film.model_version,
        "score": film.confidence,
        "result": single_result(task, film.probabilities, film.boxes),
    }
    return {"data": data, "predictions": [prediction]}


def single_result(
    task: DetectorTask, probabilities: Mapping[str, float], boxes: Boxes | None = None
) -> list[dict[str, Any]]:
    """Return a prediction's `result`: the most probable label chosen, or the boxes drawn.

    Nothing is chosen or drawn by a detector that has not learnt anything yet.
    """
    if task.answer is AnswerKind.BOX:
        sure = [probabilities[label] for label in task.labels]
        return [] if boxes is None else box_regions(task, IMAGE_TAG, boxes, sure)
    best = max(task.labels, key=lambda label: probabilities[label])
    if not probabilities[best]:
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

    Raises:
        LabelStudioError: no label, several, or one that the task does not have.
    """
    if task.answer is AnswerKind.BOX:
        return task.expected_label
    found = _labels_of(result, task)
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
    drawn = read_boxes(result, task) if task.answer is AnswerKind.BOX else ()
    source = LabelSource.REVIEWER
    return [Label(film, task.name, label, source, answered_at, reviewer, boxes=tuple(drawn))]


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
