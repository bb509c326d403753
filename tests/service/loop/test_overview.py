import pytest

from backend.base.adapters.activity import Activity
from backend.review.adapters.batch_store import WaitingItems
from backend.service.loop.overview import (
    Overview,
    state_line,
    what_runs,
    what_to_do,
    what_waits,
)

NOW = 1000.0
TRAINS = Activity("train rotation", started_at=NOW - 60, done=20, to_do=60)


BEGIN = "http://here/start"


def overview(waiting=(), doing=(), films=240, reviewed=48, url="http://studio", boxes=()):
    return Overview(films, reviewed, waiting, doing, url, boxes)


def test_what_waits_is_counted_by_kind():
    waiting = [WaitingItems(3, "sheet", 4), WaitingItems(5, "single", 1)]
    assert what_waits(overview(waiting)) == "4 sheets and 1 single film wait for you"
    assert what_waits(overview(waiting[1:])) == "1 single film waits for you"


def test_a_training_is_told_beside_what_waits_and_never_instead_of_it():
    line = state_line(overview([WaitingItems(3, "sheet", 2)], [TRAINS]), NOW, BEGIN)
    assert line == (
        "2 sheets wait for you: open http://here/start; now: train rotation (33 %, about 2 min "
        "left)"
    )


def test_the_line_says_where_to_go_on_as_long_as_anything_waits():
    line = state_line(overview([WaitingItems(5, "single", 12)]), NOW, BEGIN)
    assert line == "12 single films wait for you: open http://here/start"
    assert BEGIN not in state_line(overview(), NOW, BEGIN)


def test_it_is_told_how_that_is_answered_which_the_button_leads_to():
    sheet, single, box = (
        WaitingItems(3, "sheet", 1),
        WaitingItems(5, "single", 9),
        WaitingItems(7, "single", 50),
    )
    sheets, go_on = what_to_do(overview([sheet, single]))
    assert sheets.startswith("Click every film that does not belong")
    assert "come back to this page" in go_on
    (singles,) = what_to_do(overview([single]))
    assert singles.startswith("One film at a time")
    (boxes,) = what_to_do(overview([box], boxes={7}))
    assert boxes.startswith("Correct the boxes")
    first, _ = what_to_do(overview([single, box], boxes={7}))
    assert first == singles
    assert what_to_do(overview()) == []


def test_films_that_wait_for_boxes_are_not_called_single_films():
    state = overview([WaitingItems(5, "single", 2), WaitingItems(7, "single", 1)], boxes={7})
    assert what_waits(state) == "2 single films and 1 film to draw boxes on wait for you"


def test_what_is_nearly_done_is_not_called_done():
    nearly = Activity("train rotation", started_at=NOW - 60, done=1999, to_do=2000)
    assert what_runs(nearly, NOW).startswith("train rotation (99 %")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (overview(films=0, reviewed=0), "no film is indexed yet"),
        (overview(doing=[TRAINS], reviewed=0), "the next sheets come when this is done"),
        (overview(reviewed=0), "nothing waits for you yet"),
        (overview(), "right now: what is left comes by itself"),
        (overview(), "end with `radsieve audit`"),
        (overview(reviewed=240), "nothing waits for you: end with `radsieve audit`"),
    ],
)
def test_where_nothing_waits_the_sentence_says_why(state, words):
    assert words in what_waits(state)


def test_of_what_has_not_counted_its_steps_the_time_so_far_is_told():
    assert what_runs(Activity("push", started_at=NOW - 5), NOW) == "push (5 s so far)"


def test_the_button_leads_to_sheets_before_single_films_and_nowhere_without_either():
    single, sheet = WaitingItems(5, "single", 9), WaitingItems(3, "sheet", 1)
    both = overview([single, sheet])
    assert both.queue_url == "http://studio/projects/3/data?labeling=1"
    assert overview([single]).queue_url == "http://studio/projects/5/data?labeling=1"
    assert overview().queue_url is None
    assert overview([sheet], url="").queue_url is None
