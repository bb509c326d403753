from backend.core.batch_plan import plan_sheets
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
