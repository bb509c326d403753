from dataclasses import replace

import numpy as np

from backend.review.core.batch_plan import plan_second_looks, plan_sheets, read_twice, shared_out
from backend.review.core.look import KnownAnswer, Purpose
from tasks import detector_task

ROTATION = detector_task("rotation")


def test_suspected_classes_come_before_the_expected_one():
    predicted = {"a": "upright", "b": "turned_180", "c": "upright", "d": "turned_90"}
    shown = [sheet.shown_label for sheet in plan_sheets(predicted, ROTATION, 48)]
    assert shown == ["turned_90", "turned_180", "upright"]


def test_no_sheet_holds_more_films_than_allowed_and_none_is_lost():
    predicted = {f"film{number:02d}": "upright" for number in range(50)}
    sheets = plan_sheets(predicted, ROTATION, 24)
    assert [len(sheet.radiograph_ids) for sheet in sheets] == [24, 24, 2]
    assert {film for sheet in sheets for film in sheet.radiograph_ids} == set(predicted)


def test_films_stand_in_the_order_of_their_ids_whatever_the_order_of_the_batch():
    sheets = plan_sheets({"c": "upright", "a": "upright", "b": "upright"}, ROTATION, 48)
    assert sheets[0].radiograph_ids == ("a", "b", "c")


def test_finds_of_one_class_go_on_to_a_sheet_of_that_class_and_few_of_them_alone():
    suspected = {f"film{number}": "turned_90" for number in range(7)} | {
        "a": "turned_180",
        "b": "",
    }
    planned = plan_second_looks(suspected, ROTATION, fewest=6, sheet_films=48, ready=suspected)
    assert [(one.shown_label, len(one.radiograph_ids)) for one in planned] == [
        ("", 1),
        ("turned_90", 7),
        ("", 1),
    ]
    assert {film for one in planned for film in one.radiograph_ids} == set(suspected)
    assert {one.purpose for one in planned} == {Purpose.SECOND}


def test_few_finds_are_held_back_while_more_may_come():
    suspected = {f"film{number}": "turned_90" for number in range(6)} | {"a": "turned_180"}
    planned = plan_second_looks(suspected, ROTATION, fewest=6, sheet_films=48, ready=())
    assert [one.shown_label for one in planned] == ["turned_90"]


def test_a_sheet_that_is_read_twice_goes_to_another_reviewer_without_its_checks():
    check = KnownAnswer("known", "turned_90", ticked=False)
    sheets = [
        replace(one, checks={"shown": check})
        for one in plan_sheets({f"film{n:03d}": "upright" for n in range(200)}, ROTATION, 4)
    ]
    dealt = shared_out(sheets, 3)
    again = read_twice(dealt, 0.3, 3, np.random.default_rng(0))
    assert 5 <= len(again) <= 25
    first = {one.radiograph_ids: one.shard for one in dealt}
    assert all(one.shard != first[one.radiograph_ids] and not one.checks for one in again)
    assert {one.purpose for one in again} == {Purpose.DOUBLE}


def test_one_reviewer_reads_nothing_twice():
    sheets = shared_out(plan_sheets({"a": "upright"}, ROTATION, 4), 1)
    assert [one.shard for one in sheets] == [None]
    assert read_twice(sheets, 1.0, 1, np.random.default_rng(0)) == []
