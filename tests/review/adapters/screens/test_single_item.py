from xml.etree import ElementTree as ET

import numpy as np
import pytest

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.errors import LabelStudioError
from backend.base.core.task_kinds import DrawnBoxes, LearntFromAnswers
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.label_studio.shapes import parse_data, parse_result
from backend.review.adapters.screens.single_item import (
    SingleFilm,
    labels_from_single,
    read_single_answer,
    single_item,
    single_key,
    single_result,
)
from backend.review.adapters.screens.single_screen import box_config_xml

EQUAL = {"none": 0.4, "left_hip": 0.3, "right_hip": 0.3}


def a_task(kind=None, labels=("none", "left_hip", "right_hip")):
    return DetectorTask(
        name="hip",
        question="Where?",
        labels=labels,
        expected_label=labels[0],
        thresholds=Thresholds(0.7, 0.9),
        kind=kind or LearntFromAnswers(),
    )


def chosen(*labels, control="hip", field="choices"):
    return parse_result([{"from_name": control, "value": {field: [label]}} for label in labels])


def test_the_most_probable_label_is_chosen_beforehand():
    film = SingleFilm("a1", "/a1.jpg", {"none": 0.2, "left_hip": 0.7, "right_hip": 0.1}, "m1", 0.7)
    item = single_item(a_task(), film).as_json()
    (prediction,) = item["predictions"]
    assert prediction["result"][0]["value"] == {"choices": ["hip: left_hip"]}
    assert (prediction["score"], prediction["model_version"]) == (0.7, "m1")


def test_an_item_carries_what_its_answer_is_read_with():
    film = SingleFilm("a1", "/a1.jpg", {"none": 1, "left_hip": 0, "right_hip": 0}, "m1", 1.0, "why")
    data = single_item(a_task(), film).as_json()["data"]
    assert (
        data.pop("about")
        == '<div class="facts"><p class="why"><b>Why you see it:</b> why</p></div>'
    )
    assert [choice["value"] for choice in data.pop("choices")] == [
        *("hip: left_hip", "hip: right_hip", "fine", "something else")
    ]
    assert data == {
        "item_key": single_key("hip", "a1"),
        "detector_task": "hip",
        "radiograph_id": "a1",
        "radiograph": "/a1.jpg",
        "question": "Where?",
        "why": "why",
    }


def test_fields_become_columns_of_the_item():
    film = SingleFilm("a1", "/a1.jpg", EQUAL, "m1", 1.0, fields={"prediction": "none", "shard": 2})
    data = single_item(a_task(), film).as_json()["data"]
    assert (data["prediction"], data["shard"], data["radiograph_id"]) == ("none", 2, "a1")


@pytest.mark.parametrize("name", ["radiograph", "radiograph_id", "about", "item_key", "why"])
def test_a_field_may_not_replace_what_the_item_needs(name):
    film = SingleFilm("a1", "/a1.jpg", EQUAL, "m1", 1.0, fields={name: "x"})
    with pytest.raises(ValueError, match=name):
        single_item(a_task(), film)


def test_the_key_says_which_film_and_which_task():
    keys = {single_key(task, film) for task in ("hip", "metal") for film in ("a1", "a2")}
    assert len(keys) == 4


def test_every_choice_has_a_key_of_its_own_as_far_as_there_are_keys():
    many = tuple(f"label{n}" for n in range(40))
    film = SingleFilm("a1", "/a1.jpg", dict.fromkeys(many, 0.0), "m1", 0.0)
    hotkeys = [
        choice["hotkey"] for choice in single_item(a_task(labels=many), film).data["choices"]
    ]
    # One that nobody can type, where keys run out: Label Studio would choose its own otherwise.
    typed = [key for key in hotkeys if key != "f19"]
    assert len(hotkeys) == 41
    assert len(set(typed)) == len(typed) > 25
    # Label Studio's own keys for pan, move and brush.
    assert not set(typed) & set("hvb")


def test_a_box_task_asks_for_boxes_and_predicts_none():
    task = a_task(DrawnBoxes())
    assert ET.fromstring(box_config_xml(task)).find(".//RectangleLabels") is not None
    assert single_result(task, {"none": 0.1, "left_hip": 0.9, "right_hip": 0}) == ()


def test_the_chosen_label_is_read():
    assert read_single_answer(chosen("right_hip"), a_task()) == "right_hip"


@pytest.mark.parametrize(
    "result",
    [
        (),
        chosen("none", "left_hip"),
        chosen("nose"),
        chosen("none", control="other"),
        parse_result([{}]),
        parse_result(["x"]),
        parse_result("x"),
    ],
)
def test_no_label_several_or_a_strange_one_are_refused_with_what_to_do(result):
    with pytest.raises(LabelStudioError, match=r"expected .* submit"):
        read_single_answer(result, a_task())


def test_a_drawn_box_is_kept_with_the_label_and_is_no_problem_of_the_film():
    task, data = a_task(DrawnBoxes()), {"detector_task": "hip", "radiograph_id": "a1"}
    sides = np.array([[np.nan] * 4, [0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.3, 0.4]])
    sure = {"none": 0.5, "left_hip": 0.9, "right_hip": 0.8}
    drawn = single_result(task, sure, sides)
    (label,) = labels_from_single(
        parse_data(data), drawn, task, answered_at="2026-01-01", reviewer="user 7"
    )
    assert [one.label for one in label.boxes] == ["left_hip", "right_hip"]
    assert np.allclose([one.box.as_array() for one in label.boxes], sides[1:])
    assert label.label == "none"


def test_a_film_on_which_nothing_was_drawn_was_looked_at():
    task, data = a_task(DrawnBoxes()), {"detector_task": "hip", "radiograph_id": "a1"}
    (label,) = labels_from_single(
        parse_data(data), (), task, answered_at="2026-01-01", reviewer="user 7"
    )
    assert (label.label, label.boxes) == ("none", ())


def test_the_answer_becomes_one_label_of_the_reviewer():
    data = {"detector_task": "hip", "radiograph_id": "a1"}
    labels = labels_from_single(
        parse_data(data), chosen("none"), a_task(), answered_at="2026-01-01", reviewer="user 7"
    )
    assert labels == [Label("a1", "hip", "none", LabelSource.REVIEWER, "2026-01-01", "user 7")]


@pytest.mark.parametrize("data", [{}, {"detector_task": "metal", "radiograph_id": "a1"}])
def test_an_item_of_another_task_is_refused(data):
    with pytest.raises(LabelStudioError, match="single item of task 'hip'"):
        labels_from_single(parse_data(data), chosen("none"), a_task(), answered_at="", reviewer="")
