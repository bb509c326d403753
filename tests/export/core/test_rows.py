import numpy as np
import pytest

from backend.base.core.pixel_change import PixelChange
from backend.detectors.core.augment import merged_change
from backend.export.core.rows import (
    correction_of,
    correction_rows,
    corrections_of,
    exclusion_reason,
    second_copies,
    wrong_films,
)
from backend.labels.core.labels import Label, LabelSource, verdicts
from tasks import load_detector_tasks

TASKS = load_detector_tasks()


def bad(task, text, denied=False):
    label = Label("film", task, text, LabelSource.REVIEWER, "2026-01-01", denied=denied)
    return verdicts([label], TASKS[task])["film"]


def test_a_film_turned_counter_clockwise_is_turned_on_until_upright():
    assert correction_of([bad("rotation", "turned_90")], TASKS) == PixelChange(turns_ccw=3)


def test_a_film_both_turned_and_inverted_gets_one_correction_for_both():
    wrong = [bad("rotation", "turned_270"), bad("inversion", "inverted")]
    assert correction_of(wrong, TASKS) == PixelChange(turns_ccw=1, invert=True)


def test_a_film_whose_exact_class_is_not_known_has_no_correction():
    wrong = [bad("rotation", "upright", denied=True), bad("inversion", "inverted")]
    assert correction_of(wrong, TASKS) is None


def test_every_file_of_a_film_gets_its_row_in_the_order_of_the_names():
    turned = {"film": PixelChange(turns_ccw=2)}
    rows = correction_rows(turned, {"film": ["/b.png", "/a.png"]})
    assert [(row.file, row.turns_ccw) for row in rows] == [("/a.png", 2), ("/b.png", 2)]


def test_the_reason_names_what_is_known():
    task = TASKS["rotation"]
    assert exclusion_reason(task, "turned_90") == "rotation: turned_90"
    assert exclusion_reason(task, None) == ("rotation: not upright")


def test_of_files_with_the_same_bytes_all_but_the_first_are_left_out():
    task = TASKS["quality"]
    files = {"film": ["/b.png", "/a.png", "/c.png"], "other": ["/d.png"]}
    rows = second_copies(files, task, {})
    assert [(row.file, row.reason) for row in rows] == [
        ("/a.png", f"{task.name}: the same bytes as /b.png"),
        ("/c.png", f"{task.name}: the same bytes as /b.png"),
    ]


@pytest.mark.parametrize("turned", TASKS["rotation"].labels)
@pytest.mark.parametrize("mirrored", TASKS["mirror"].labels)
@pytest.mark.parametrize("inverted", TASKS["inversion"].labels)
def test_every_mixture_of_problems_is_put_right_whichever_is_named_first(
    turned, mirrored, inverted
):
    answers = {"rotation": turned, "mirror": mirrored, "inversion": inverted}
    film = np.arange(12, dtype=np.uint8).reshape(3, 4)
    spoilt = merged_change([TASKS[task].made_by[label] for task, label in answers.items()])
    wrong = [bad(task, label) for task, label in answers.items()]
    wrong = [verdict for verdict in wrong if verdict.is_bad(TASKS[verdict.detector_task])]
    for order in (wrong, wrong[::-1]):
        change = correction_of(order, TASKS) or PixelChange()
        np.testing.assert_array_equal(change.apply(spoilt.apply(film, white=255), 255), film)


def test_a_problem_that_a_detector_has_named_is_that_problem_and_can_be_put_right():
    known = {
        "rotation": {"film": bad("rotation", "turned_90")},
        "any_problem": {
            "film": bad("any_problem", "problem"),
            "other": bad("any_problem", "problem"),
        },
    }
    wrong = wrong_films(TASKS, known)
    assert {name: set(found) for name, found in wrong.items() if found} == {
        "rotation": {"film"},
        "any_problem": {"other"},
    }
    assert corrections_of(wrong, TASKS) == {"film": PixelChange(turns_ccw=3)}
