import numpy as np
import pytest

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.shapes import parse_result
from backend.review.adapters.screens.single_item import box_regions, read_boxes
from tasks.hip_box import TASK

LEFT, RIGHT = TASK.labels


def rectangle(label=LEFT, **changes):
    value = {"x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0, "rotation": 0}
    value |= {"rectanglelabels": [label]} | changes
    return {"from_name": TASK.name, "to_name": "radiograph", "value": value}


def test_predicted_boxes_that_are_submitted_unchanged_come_back():
    boxes = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.25, 0.3, 0.4]])
    read = read_boxes(box_regions(TASK, "radiograph", boxes, (0.9, 0.8)), TASK)
    assert [one.label for one in read] == [LEFT, RIGHT]
    assert np.allclose([one.box.as_array() for one in read], boxes)


def test_a_box_that_was_not_found_is_not_drawn():
    boxes = np.array([[np.nan] * 4, [0.5, 0.25, 0.3, 0.4]])
    (region,) = box_regions(TASK, "radiograph", boxes, (0.0, 0.8))
    assert region.as_json()["value"]["rectanglelabels"] == [RIGHT]


def test_deleting_all_boxes_is_an_answer():
    assert read_boxes((), TASK) == []


def test_regions_of_other_controls_are_passed_over():
    other = {"from_name": "comment", "value": {"text": ["blurred"]}}
    assert len(read_boxes(parse_result([other, rectangle()]), TASK)) == 1


@pytest.mark.parametrize(
    "result",
    [
        [rectangle("nose")],
        [rectangle(rotation=12)],
        [rectangle(), rectangle()],
        [rectangle(x=150)],
        [rectangle(width="wide")],
        [rectangle(rectanglelabels=[])],
        [{"from_name": TASK.name}],
    ],
)
def test_what_is_no_box_of_the_task_is_refused_with_what_to_do(result):
    with pytest.raises(LabelStudioError, match=r"expected .*(submit|draw it again)"):
        read_boxes(parse_result(result), TASK)
