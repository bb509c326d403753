"""Which films that were sent to review are still to be shown."""

from backend.review.core.item import SINGLE, Item
from backend.review.core.look import Purpose
from backend.review.core.sent_films import films_to_show


def item(batch_id, *films, purpose=Purpose.FIRST):
    return Item(
        f"{batch_id}-{films}", 1, batch_id, 0, "rotation", SINGLE, "", films, purpose=purpose
    )


def test_a_film_is_shown_once_for_the_batch_that_it_was_sent_in():
    sent = {3: ["a", "b", "c"]}
    assert films_to_show(sent, []) == sent
    assert films_to_show(sent, [item(4, "b")]) == {3: ["a", "c"]}
    assert films_to_show(sent, [item(5, "a", "b", "c")]) == {}


def test_a_film_that_could_not_be_shown_with_its_batch_is_waited_for_no_longer():
    assert films_to_show({3: ["a", "b"], 4: ["b"]}, [item(3, "a")]) == {4: ["b"]}


def test_what_was_shown_before_it_was_sent_does_not_count():
    assert films_to_show({3: ["a"]}, [item(2, "a")]) == {3: ["a"]}


def test_an_item_of_the_grid_is_in_no_queue_and_so_does_not_count():
    labelled = item(4, "a", purpose=Purpose.CHOSEN)
    assert films_to_show({3: ["a"]}, [labelled]) == {3: ["a"]}


def test_a_film_that_was_sent_twice_is_shown_once():
    assert films_to_show({3: ["a"], 4: ["b", "a"]}, []) == {3: ["a"], 4: ["b"]}
