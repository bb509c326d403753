from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.review.core.item import SHEET, SINGLE
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from tasks import detector_task

JOINT, ROTATION = detector_task("any_problem"), detector_task("rotation")
SURE = st.floats(0, 1)
# What pays most first.
ORDER = [
    (ROTATION, SINGLE, Purpose.SETTLE),
    (JOINT, SHEET, Purpose.FIRST),
    (ROTATION, SHEET, Purpose.FIRST),
    (ROTATION, SINGLE, Purpose.FIRST),
]


@given(SURE, SURE)
def test_what_pays_more_comes_first_however_sure_the_detectors_are(one, other):
    for earlier, later in pairwise(ORDER):
        assert queue_score(*earlier, one) < queue_score(*later, other)


@given(SURE, SURE)
def test_among_its_like_the_least_certain_item_comes_first(one, other):
    low, high = sorted((one, other))
    for kind in ORDER:
        assert 0 <= queue_score(*kind, low) <= queue_score(*kind, high) <= 1


def test_second_looks_of_all_tasks_stand_in_one_row_and_second_readings_beside_their_sheets():
    again = queue_score(ROTATION, SHEET, Purpose.SECOND, 0.3)
    assert again == queue_score(JOINT, SINGLE, Purpose.SETTLE, 0.3)
    double = queue_score(ROTATION, SHEET, Purpose.DOUBLE, 0.3)
    assert double == queue_score(ROTATION, SHEET, Purpose.FIRST, 0.3)
