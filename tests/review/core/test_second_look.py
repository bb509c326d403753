from dataclasses import replace

import pytest

from backend.review.core.look import Call, KnownAnswer, Look, Purpose
from backend.review.core.second_look import (
    awaiting_second_look,
    confirmed_bad,
    disputed,
    finds_looked_at_again,
    read_twice_figures,
    settled_bad,
)

UPRIGHT = "upright"
PASSED, FLAGGED, TURNED = Call(UPRIGHT), Call(UPRIGHT, denied=True), Call("turned_90")
NOT_TURNED = Call("turned_90", denied=True)
FIRST, SECOND, DOUBLE, SETTLE = Purpose.FIRST, Purpose.SECOND, Purpose.DOUBLE, Purpose.SETTLE


def history(*said, film="film"):
    """Return one look after another, each on an item of its own: (purpose, reviewer, called)."""
    return [
        Look(
            film,
            f"item {minute}",
            reviewer,
            f"2026-01-01T00:{minute:02}:00Z",
            called,
            None,
            purpose,
            "",
            1,
            0.5,
        )
        for minute, (purpose, reviewer, called) in enumerate(said)
    ]


def state(looks):
    """Return where a film stands: confirmed, awaiting and disputed."""
    return (
        "film" in confirmed_bad(looks, UPRIGHT),
        awaiting_second_look(looks, UPRIGHT) == ["film"],
        disputed(looks, UPRIGHT) == ["film"],
    )


CONFIRMED, AWAITING, DISPUTED = (True, False, False), (False, True, False), (False, False, True)
FINE = (False, False, False)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([(FIRST, "a", PASSED)], FINE),
        ([(FIRST, "a", FLAGGED)], AWAITING),
        ([(FIRST, "a", FLAGGED), (SECOND, "a", TURNED)], CONFIRMED),
        ([(FIRST, "a", FLAGGED), (SECOND, "b", TURNED)], CONFIRMED),
        # The second, larger look of the same person stands.
        ([(FIRST, "a", FLAGGED), (SECOND, "a", PASSED)], FINE),
        ([(FIRST, "a", FLAGGED), (SECOND, "b", PASSED)], DISPUTED),
        ([(FIRST, "a", FLAGGED), (SECOND, "b", PASSED), (SETTLE, "c", PASSED)], FINE),
        ([(FIRST, "a", FLAGGED), (SECOND, "b", PASSED), (SETTLE, "a", TURNED)], CONFIRMED),
        ([(FIRST, "a", PASSED), (DOUBLE, "b", PASSED)], FINE),
        ([(FIRST, "a", PASSED), (DOUBLE, "b", FLAGGED)], DISPUTED),
        ([(FIRST, "a", FLAGGED), (DOUBLE, "b", FLAGGED)], CONFIRMED),
        ([(FIRST, "a", PASSED), (DOUBLE, "b", FLAGGED), (SETTLE, "a", TURNED)], CONFIRMED),
        # Told not to be turned by 90 degrees, it may be upright or not: nobody confirmed it yet.
        ([(FIRST, "a", FLAGGED), (SECOND, "b", NOT_TURNED)], AWAITING),
        ([(FIRST, "a", NOT_TURNED)], FINE),
        # Called fine in one batch and bad in a later one.
        ([(FIRST, "a", PASSED), (FIRST, "a", FLAGGED)], AWAITING),
        ([(FIRST, "a", FLAGGED), (SECOND, "b", TURNED), (FIRST, "b", PASSED)], DISPUTED),
        ([(SETTLE, "a", PASSED), (DOUBLE, "b", FLAGGED)], DISPUTED),
    ],
)
def test_what_was_said_of_a_film_is_one_state(said, stands):
    assert state(history(*said)) == stands


def test_the_order_in_which_looks_are_listed_does_not_matter():
    looks = history((FIRST, "a", FLAGGED), (SECOND, "a", PASSED), (DOUBLE, "b", PASSED))
    assert state(looks) == state(looks[::-1]) == FINE


def test_two_answers_to_one_item_are_not_two_independent_looks():
    first, second = history((FIRST, "a", FLAGGED), (FIRST, "b", FLAGGED))
    same_item = Look(
        **{name: getattr(second, name) for name in Look.__dataclass_fields__}
        | {"item_key": first.item_key}
    )
    assert state([first, same_item]) == AWAITING


def test_a_confirmation_says_on_which_items_and_whether_by_another_reviewer():
    (own,) = confirmed_bad(history((FIRST, "a", FLAGGED), (SECOND, "a", TURNED)), UPRIGHT).values()
    assert (own.called, own.item_keys) == (TURNED, ("item 0", "item 1"))
    assert not own.by_another_reviewer
    (two,) = confirmed_bad(history((FIRST, "a", FLAGGED), (SECOND, "b", TURNED)), UPRIGHT).values()
    assert two.by_another_reviewer


def test_hidden_checks_are_nobodys_opinion():
    (plain,) = history((FIRST, "a", FLAGGED))
    facts = {name: getattr(plain, name) for name in Look.__dataclass_fields__}
    check = Look(
        **facts | {"item_key": "other", "check": KnownAnswer("film", "turned_90", ticked=True)}
    )
    assert state([plain, check]) == AWAITING
    assert read_twice_figures([plain, check], UPRIGHT).by_one == []


def test_agreement_is_measured_on_looks_that_knew_nothing_of_each_other():
    looks = [
        *history((FIRST, "a", FLAGGED), (DOUBLE, "b", PASSED), (SETTLE, "b", TURNED), film="1"),
        *history((FIRST, "a", PASSED), (FIRST, "a", FLAGGED), (DOUBLE, "c", FLAGGED), film="2"),
        *history((FIRST, "a", FLAGGED), (SECOND, "b", TURNED), film="3"),
        *history((FIRST, "a", PASSED), film="4"),
    ]
    pairs = read_twice_figures(looks, UPRIGHT)
    assert pairs.by_two == [(True, False), (False, True)]
    assert pairs.by_one == [(False, True)]


def test_second_looks_at_finds_are_counted_apart():
    looks = [
        *history((FIRST, "a", FLAGGED), (SECOND, "b", TURNED), film="1"),
        *history((FIRST, "a", FLAGGED), (SECOND, "b", PASSED), film="2"),
        *history((FIRST, "a", FLAGGED), (SECOND, "b", NOT_TURNED), film="3"),
    ]
    assert finds_looked_at_again(looks, UPRIGHT) == (1, 2)


def test_a_second_look_at_what_was_found_for_another_question_is_none_for_this_one():
    assert finds_looked_at_again(history((SECOND, "b", PASSED)), UPRIGHT) == (0, 0)


def test_a_look_whose_sheet_was_edited_for_another_film_stands_where_it_stood():
    first, second, last = history(
        (FIRST, "a", FLAGGED), (SECOND, "b", PASSED), (SETTLE, "c", PASSED)
    )
    edited = replace(first, answered_at="2026-01-02T00:00:00Z")
    assert state([edited, second, last]) != FINE
    assert state([replace(edited, called_at=first.answered_at), second, last]) == FINE


def test_a_film_that_was_called_fine_in_bulk_is_not_settled_as_bad():
    *on_screen, in_bulk = history(
        (FIRST, "a", FLAGGED), (SECOND, "b", TURNED), (DOUBLE, "c", PASSED)
    )
    in_bulk = replace(in_bulk, seconds=None)
    assert not in_bulk.on_screen
    assert settled_bad(on_screen, UPRIGHT) == {"film"}
    assert settled_bad([*on_screen, in_bulk], UPRIGHT) == set()
