import pytest

from backend.base.adapters.activity import Activity
from backend.review.adapters.batch_store import WaitingItems
from backend.service.loop.overview import Overview, state_line, what_runs, what_waits

NOW = 1000.0
TRAINS = Activity("train rotation", started_at=NOW - 60, done=20, to_do=60)


def overview(waiting=(), doing=(), films=240, reviewed=48, url="http://studio"):
    return Overview(films, reviewed, waiting, doing, url)


def test_what_waits_is_counted_by_kind():
    waiting = [WaitingItems(3, "sheet", 4), WaitingItems(5, "single", 1)]
    assert what_waits(overview(waiting)) == "4 sheets and 1 single film wait for you"
    assert what_waits(overview(waiting[1:])) == "1 single film waits for you"


def test_a_training_is_told_beside_what_waits_and_never_instead_of_it():
    line = state_line(overview([WaitingItems(3, "sheet", 2)], [TRAINS]), NOW)
    assert line == "2 sheets wait for you; now: train rotation (33 %, about 2 min left)"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (overview(films=0, reviewed=0), "no film is indexed yet"),
        (overview(doing=[TRAINS], reviewed=0), "the next sheets come when this is done"),
        (overview(reviewed=0), "nothing waits for you yet"),
        (overview(), "end with `radsieve audit`"),
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
