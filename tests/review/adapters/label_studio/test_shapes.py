"""Label Studio's JSON as types: what is made is parsed back, and what is broken is refused."""

import pytest

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.project_shapes import parse_project, parse_tabs
from backend.review.adapters.label_studio.shapes import (
    Rectangle,
    ResultRegion,
    chosen,
    parse_data,
    parse_item,
    parse_items,
    parse_result,
    result_json,
)

ANNOTATION = {
    "id": 5,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:01Z",
    "completed_by": 7,
    "was_cancelled": False,
    "lead_time": 3,
    "parent_prediction": None,
    "draft_created_at": None,
    "result": None,
}
ITEM = {"id": 3, "data": {"sheet_key": "k"}, "total_annotations": 1, "annotations": [ANNOTATION]}


@pytest.mark.parametrize(
    "region",
    [
        ResultRegion("rotation", "radiograph", ("upright",), score=0.9),
        ResultRegion("rotation", "sheet", ()),
        ResultRegion(
            "hip", "radiograph", rectangle=Rectangle("left", 1.0, 2.0, 3.5, 4.0), score=0.5
        ),
    ],
)
def test_a_region_that_is_made_is_parsed_back(region):
    assert parse_result(result_json([region])) == (region,)


def test_a_region_is_named_as_label_studio_names_it():
    assert ResultRegion("hip", "radiograph", rectangle=Rectangle("left", 1, 2, 3, 4)).as_json() == {
        "from_name": "hip",
        "to_name": "radiograph",
        "type": "rectanglelabels",
        "value": {
            "x": 1,
            "y": 2,
            "width": 3,
            "height": 4,
            "rotation": 0,
            "rectanglelabels": ["left"],
        },
    }


def test_a_broken_region_of_another_control_is_passed_over():
    comment = {"from_name": "comment", "value": {"text": ["blurred"]}}
    choice = {"from_name": "rotation", "value": {"choices": ["upright"]}}
    assert chosen(parse_result([comment, choice]), "rotation") == {"upright"}


@pytest.mark.parametrize(
    ("raw", "came"),
    [
        ("x", "got str"),
        (["x"], "got str for a region"),
        ([{"value": {"choices": ["a"]}}], r"got a region with \['value'\]"),
        ([{"from_name": "rotation", "value": {"choices": [1]}}], "a value with .'choices'."),
        ([{"from_name": "rotation"}], r"got a region with .* and a value with \[\]"),
    ],
)
def test_a_broken_region_says_what_came(raw, came):
    with pytest.raises(LabelStudioError, match=f"expected regions .*{came}.* submit it again"):
        chosen(parse_result(raw), "rotation")


def test_data_is_read_as_texts_and_films():
    data = parse_data({"item_key": "k", "turn": 3, "films": [{"value": "a"}, {"value": "b"}]})
    assert (data.key, data.films, data.names) == ("k", ("a", "b"), {"item_key", "turn", "films"})
    assert data.texts == {"item_key": "k"}


@pytest.mark.parametrize("films", [None, "ab", [None], [{"html": ""}], [{"value": 3}]])
def test_data_without_a_list_of_films_has_none(films):
    assert parse_data({"films": films}).films is None


@pytest.mark.parametrize(("by", "number"), [(7, 7), ({"id": 7}, 7), (None, None)])
def test_an_item_is_parsed_with_its_annotations(by, number):
    annotation = ANNOTATION | {"completed_by": by}
    item = parse_item(ITEM | {"annotations": [annotation]})
    assert (item.number, item.data.key, item.is_answered, item.predictions) == (3, "k", True, ())
    (parsed,) = item.annotations
    assert (parsed.number, parsed.completed_by, parsed.lead_time_s, parsed.result) == (
        5,
        number,
        3.0,
        (),
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "expected an item as a JSON object, got nothing"),
        (ITEM | {"id": None}, "expected a whole number in 'id', got nothing"),
        (ITEM | {"data": []}, "expected an item's data as a JSON object, got list"),
        (ITEM | {"annotations": {}, "predictions": 5}, "expected a list in 'predictions', got int"),
        (
            ITEM | {"annotations": [ANNOTATION | {"updated_at": 5}]},
            "a text in 'updated_at', got int",
        ),
    ],
)
def test_an_item_of_another_form_is_refused_with_what_was_expected(raw, message):
    with pytest.raises(LabelStudioError, match=message):
        parse_item(raw)


def test_pages_of_another_form_are_refused():
    with pytest.raises(LabelStudioError, match="expected a page of items as a JSON object"):
        parse_items([])
    with pytest.raises(LabelStudioError, match="expected a text in 'title', got nothing"):
        parse_project({"id": 1})
    with pytest.raises(LabelStudioError, match="expected a tab's data as a JSON object"):
        parse_tabs([{"id": 1}])


def test_a_tab_s_rule_is_its_filter_and_order_alone():
    rule = {
        "filters": {
            "conjunction": "and",
            "items": [{"filter": "f", "operator": "equal", "type": "Number", "value": 0, "id": 9}],
        },
        "ordering": ["tasks:id"],
    }
    first, second = parse_tabs(
        [{"id": 1, "data": rule | {"title": "A"}}, {"id": 2, "data": rule | {"title": "B"}}]
    )
    assert first.rule == second.rule == ("and", [("f", "equal", "Number", "0")], ["tasks:id"])
    assert parse_tabs([{"id": 3, "data": {}}])[0].rule == (None, [], [])
