"""Which tabs a project gets, and which items of a queue each of them shows."""

import pytest

from backend.labels.core.labels import Slice
from backend.review.adapters.screens.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.review.adapters.screens.item_fields import WHY
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.adapters.screens.tabs import (
    ASKS,
    BY_CONFIDENCE,
    FLAGGED,
    PICTURE,
    PREDICTED,
    PROBABILITY,
    PURPOSE,
    REVIEWER,
    SHOWS,
    SLICES,
    SUPERSEDED,
    TabKind,
    review_tabs,
    reviewer_tab,
    slice_words,
)
from backend.review.core.look import Purpose
from tasks import detector_task

KINDS = pytest.mark.parametrize("kind", TabKind)
ITEM = {SLICES: "likely", REVIEWER: "1", SUPERSEDED: "no", FLAGGED: "no"}


def shows(tab, item, *, answered=False):
    """Whether a tab shows an item, by Label Studio's own rules for these three filters."""
    return (
        tab.answered == answered
        and all(item.get(field) == value for field, value in tab.data_equals.items())
        and all(item[field] != value for field, value in tab.data_differs.items())
        and all(value in item.get(field, "") for field, value in tab.data_contains.items())
    )


def titles(item, *, reviewers=1, answered=False):
    """Return the titles of the tabs that show an item."""
    tabs = review_tabs(TabKind.LIST, reviewers)
    return [tab.title for tab in tabs if shows(tab, item, answered=answered)]


@KINDS
def test_one_reviewer_has_six_tabs_and_lands_on_review(kind):
    names = [tab.title for tab in review_tabs(kind, 1)]
    assert names == ["Review", "Flagged", "Uncertain", "Audit", "Conflicts", "Done"]


@KINDS
def test_several_reviewers_have_a_tab_each_after_the_common_ones(kind):
    names = [tab.title for tab in review_tabs(kind, 3)]
    assert names[:1] == ["Review"]
    assert names[6:] == ["Reviewer 1", "Reviewer 2", "Reviewer 3"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["Review"]),
        ({FLAGGED: "yes"}, ["Review", "Flagged"]),
        ({SLICES: "likely uncertain"}, ["Review", "Uncertain"]),
        ({SLICES: "audit likely"}, ["Review", "Audit"]),
        ({SLICES: "report_audit"}, ["Review", "Audit"]),
        ({SLICES: "conflict"}, ["Review", "Conflicts"]),
        ({SUPERSEDED: "yes", FLAGGED: "yes", SLICES: "audit conflict uncertain"}, []),
    ],
)
def test_an_item_that_waits_is_on_the_tabs_it_belongs_to(fields, expected):
    assert titles(ITEM | fields) == expected


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (Purpose.SETTLE, ["Review", "Conflicts"]),
        (Purpose.SECOND, ["Review"]),
        (Purpose.DOUBLE, ["Review"]),
    ],
)
def test_what_people_or_a_detector_disagree_about_is_on_the_tab_of_conflicts(purpose, expected):
    assert titles(ITEM | {SLICES: slice_words([Slice.FOLLOW_UP], purpose)}) == expected


@pytest.mark.parametrize("superseded", ["yes", "no"])
def test_an_answered_item_is_only_on_done(superseded):
    answered = ITEM | {FLAGGED: "yes", SUPERSEDED: superseded, SLICES: "audit"}
    assert titles(answered, reviewers=2, answered=True) == ["Done"]


def test_no_item_is_on_the_tabs_of_two_reviewers():
    for number in range(1, 12):
        found = titles(ITEM | {REVIEWER: str(number)}, reviewers=11)
        assert found == ["Review", f"Reviewer {number}"]


def test_what_is_for_everybody_is_on_no_reviewers_own_tab():
    assert titles(ITEM | {REVIEWER: ""}, reviewers=3) == ["Review"]


def test_every_word_the_tabs_look_for_is_a_slice_and_part_of_no_other_but_its_own_audit():
    words = [
        word
        for tab in review_tabs(TabKind.LIST, 1)
        for field, word in tab.data_contains.items()
        if field == SLICES
    ]
    assert len(words) == 3
    found = {word: {one for one in Slice if word in one.value} for word in words}
    assert found[Slice.AUDIT] == {Slice.AUDIT, Slice.REPORT_AUDIT}
    assert [len(found[word]) for word in (Slice.UNCERTAIN, Slice.CONFLICT)] == [1, 1]


@KINDS
def test_what_waits_is_ordered_by_the_current_model_and_what_is_done_by_time(kind):
    for tab in review_tabs(kind, 2):
        assert tab.order_by == ("-tasks:completed_at" if tab.answered else BY_CONFIDENCE)


@KINDS
def test_prediction_probability_and_reason_are_always_shown(kind):
    for tab in review_tabs(kind, 2):
        for field in (SHOWS, PREDICTED, PROBABILITY, ASKS, PICTURE, WHY):
            assert f"tasks:data.{field}" not in tab.hidden_columns


@KINDS
def test_what_only_radsieve_reads_is_never_shown(kind):
    for tab in review_tabs(kind, 2):
        for field in ("item_key", "sheet_key", "films", "sheet", SUPERSEDED, "radiograph_id"):
            assert f"tasks:data.{field}" in tab.hidden_columns


def test_no_markup_and_no_key_of_an_item_is_ever_shown():
    task = detector_task("rotation")
    sure = dict.fromkeys(task.labels, 0.25)
    films = (SheetFilm("a1", "/t.jpg", "/l.jpg"),)
    items = [
        sheet_item(ContactSheet(task, "upright", films, "m1", 0.5)),
        single_item(task, SingleFilm("a1", "/a1.jpg", sure, "m1", 0.25)),
    ]
    for tab in review_tabs(TabKind.LIST, 2) + review_tabs(TabKind.GRID, 2):
        for item in items:
            shown = {key for key in item.data if f"tasks:data.{key}" not in tab.hidden_columns}
            assert shown <= {IMAGE_TAG, WHY}


def test_a_card_leaves_room_for_the_film():
    hidden = reviewer_tab(TabKind.GRID, 1).hidden_columns
    assert {f"tasks:data.{field}" for field in (SLICES, PURPOSE, REVIEWER)} <= set(hidden)
