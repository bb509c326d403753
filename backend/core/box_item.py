"""Boxes as Label Studio knows them: rectangles on the picture of a single item."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.labels.core.box import BadBoxError, Box, Boxes, LabelledBox

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
