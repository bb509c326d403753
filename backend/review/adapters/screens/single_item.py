"""Single items: one film at full size, for boxes, hard cases and films flagged on a sheet."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import Named, read_named
from backend.labels.core.box import BadBoxError, Box, Boxes, LabelledBox
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.label_studio.shapes import (
    ItemData,
    NewItem,
    Prediction,
    Rectangle,
    Result,
    ResultRegion,
    chosen,
)
from backend.review.adapters.screens.answer_choices import (
    CHOICES_FIELD,
    answer_choices,
    chosen_by_detectors,
    is_new_answer,
    picked,
    probable_problems,
)
from backend.review.adapters.screens.item_fields import QUESTION_FIELD, WHY, Fields, with_fields
from backend.review.adapters.screens.single_screen import (
    ABOUT_TAG,
    IMAGE_TAG,
    StudyFilm,
    ToldOfFilm,
    about_html,
)
from backend.review.core.asked import Asked

_PERCENT = 100.0
"""Label Studio counts in percent of the picture's sides."""


def box_regions(task: DetectorTask, image_tag: str, boxes: Boxes, sure: Sequence[float]) -> Result:
    """Return a prediction's `result`: one rectangle per label that has a box.

    Args:
        task: the detector task.
        image_tag: name of the picture on the screen.
        boxes: shape (labels, 4); NaN where there is none.
        sure: for each label, how probable it is that the box is right.
    """
    return tuple(
        ResultRegion(
            task.name,
            image_tag,
            rectangle=_rectangle(label, Box(*map(float, row))),
            score=float(probability),
        )
        for label, row, probability in zip(task.labels, boxes, sure, strict=True)
        if not np.isnan(row).any()
    )


def read_boxes(result: Result, task: DetectorTask) -> list[LabelledBox]:
    """Return the boxes that a reviewer drew, in the task's order of labels; none is an answer, too.

    Raises:
        LabelStudioError: a rectangle lies outside the film, is turned, or has no label of the task;
            or a label was drawn twice.
    """
    drawn: dict[str, LabelledBox] = {}
    for region in result:
        if region.control != task.name:
            continue
        box = _labelled_box(region, task)
        if box.label in drawn:
            raise LabelStudioError(
                f"expected one box for {task.words(box.label)!r}, got two; open the item in Label "
                "Studio, delete one and submit again"
            )
        drawn[box.label] = box
    return [drawn[label] for label in task.labels if label in drawn]


def _rectangle(label: str, box: Box) -> Rectangle:
    return Rectangle(
        label,
        x=_PERCENT * box.left,
        y=_PERCENT * box.top,
        width=_PERCENT * box.width,
        height=_PERCENT * box.height,
    )


def _all_words(task: DetectorTask) -> list[str]:
    """Return the labels as the screen shows them."""
    return [task.words(label) for label in task.labels]


def _labelled_box(region: ResultRegion, task: DetectorTask) -> LabelledBox:
    drawn = region.rectangle
    if drawn is None:
        raise LabelStudioError(
            f"expected rectangles with one of {_all_words(task)} each, got {region.came}; open "
            "the item in Label Studio, correct the answer and submit it again"
        )
    if drawn.label not in task.labels or drawn.is_turned:
        what = "a turned rectangle" if drawn.is_turned else f"the label {drawn.label!r}"
        raise LabelStudioError(
            f"expected upright rectangles with one of {_all_words(task)}, got {what}; open the "
            "item in Label Studio, draw it again and submit"
        )
    sides = (drawn.x, drawn.y, drawn.width, drawn.height)
    try:
        return LabelledBox(drawn.label, Box.on_film(*(side / _PERCENT for side in sides)))
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
    asked: Asked | None = None
    """What fine means here; None where nothing is said of it."""
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


def single_item(task: DetectorTask, film: SingleFilm) -> NewItem:
    """Return the item to import: data and one prediction.

    Raises:
        ValueError: one of the film's `fields` has a name that the item needs for itself.
    """
    is_box = task.answer is AnswerKind.BOX
    probable = {} if is_box else probable_problems(task, film.probabilities) | dict(film.suspected)
    choices = {} if is_box else {CHOICES_FIELD: answer_choices(task, probable)}
    data = {
        "item_key": single_key(task.name, film.radiograph_id),
        "detector_task": task.name,
        "radiograph_id": film.radiograph_id,
        IMAGE_TAG: film.image_url,
        QUESTION_FIELD: task.question,
        **choices,
        WHY: film.reason,
        ABOUT_TAG: about_html(
            task,
            film.probabilities,
            ToldOfFilm(film.asked, film.reason, film.report_sentence, film.study_films),
        ),
    }
    if is_box:
        result = single_result(task, film.probabilities, film.boxes)
    else:
        result = chosen_by_detectors(task, probable)
    prediction = Prediction(film.model_version, film.confidence, result)
    return NewItem(with_fields(data, film.fields), prediction)


def single_result(
    task: DetectorTask, probabilities: Mapping[str, float], boxes: Boxes | None = None
) -> Result:
    """Return a prediction's `result`: the most probable label chosen, or the boxes drawn.

    A detector that has learnt nothing yet chooses nothing; neither do several together of which
    nobody says what they suspect.
    """
    if task.answer is AnswerKind.BOX:
        sure = [probabilities[label] for label in task.labels]
        return () if boxes is None else box_regions(task, IMAGE_TAG, boxes, sure)
    return chosen_by_detectors(task, probable_problems(task, probabilities))


def plain_result(task: DetectorTask, probabilities: Mapping[str, float]) -> Result:
    """Return a prediction's `result` for a screen whose control is named after the task."""
    best = max(task.labels, key=lambda label: probabilities[label])
    if task.sums_up or not probabilities[best]:
        return ()
    return (ResultRegion(task.name, IMAGE_TAG, (best,), score=probabilities[best]),)


def read_single_answer(result: Result, task: DetectorTask) -> str:
    """Return the label a reviewer chose; for box tasks the expected one, whatever was drawn.

    Raises:
        LabelStudioError: no label, several, or one that the task does not have.
    """
    return task.expected_label if task.answer is AnswerKind.BOX else _named(result, task).called


def _named(result: Result, task: DetectorTask) -> Named:
    """Parse what was chosen, on the screen that all tasks share or on one of the task's own.

    Earlier versions of radsieve made the latter, with a control that is named after the task.
    """
    if is_new_answer(result):
        return read_named(picked(result), task)
    labels = chosen(result, task.name)
    if task.sums_up:
        return read_named(labels, task)
    if len(labels) != 1 or not labels <= set(task.labels):
        raise LabelStudioError(
            f"expected one of {list(task.labels)} for {task.name!r}, got {sorted(labels)}; open "
            "the item in Label Studio, choose one and submit again"
        )
    (label,) = labels
    return Named(label, {})


def labels_from_single(
    data: ItemData,
    result: Result,
    task: DetectorTask,
    *,
    answered_at: str,
    reviewer: str,
) -> list[Label]:
    """Return the reviewer's label of the one film that the item shows.

    Also those of the other tasks that were named as what is wrong.

    Raises:
        LabelStudioError: data or result are not those of a single item of this task.
    """
    film, name = (data.texts.get(field) for field in ("radiograph_id", "detector_task"))
    if name != task.name or film is None:
        raise LabelStudioError(
            f"expected a single item of task {task.name!r} with a radiograph_id, got task "
            f"{name!r}; delete this item in Label Studio and push again"
        )
    is_box = task.answer is AnswerKind.BOX
    label = read_single_answer(result, task)
    named = {} if is_box else _named(result, task).labels
    drawn = read_boxes(result, task) if is_box else ()
    source = LabelSource.REVIEWER
    own = Label(film, task.name, label, source, answered_at, reviewer, boxes=tuple(drawn))
    return [own, *(replace(own, detector_task=part, label=what) for part, what in named.items())]
