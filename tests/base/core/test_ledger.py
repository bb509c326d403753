from dataclasses import replace

import pytest

from backend.base.core.ledger import (
    ChainCheck,
    Event,
    EventKind,
    Fault,
    Head,
    chained,
    difference,
    row_text,
)
from backend.labels.core.ledger_replay import (
    LabelFacts,
    labels_by_task,
    standing_digest,
    standing_rows,
)


def first_fault(rows):
    check = ChainCheck()
    for _ in check.passing(rows):
        pass
    return check.fault


def labelled(number, film, label="inverted", **facts):
    said = {
        "label_id": number,
        "label": label,
        "source": "REVIEWER",
        "reviewer": "user 1",
        "answered_at": "2026-01-01T10:00",
    }
    return Event(EventKind.LABEL, said | facts, "inversion", film)


def withdrawn(number, film):
    return Event(EventKind.WITHDRAWN, {"label_id": number, "why": "deleted"}, "inversion", film)


@pytest.fixture
def rows():
    events = [
        Event(EventKind.BEGIN, {"labels": 0}),
        *(labelled(n, f"film{n}") for n in range(1, 9)),
    ]
    return chained(events, Head(), "2026-01-01T10:00")


def test_a_chain_that_grew_in_several_steps_holds(rows):
    more = chained([withdrawn(3, "film3")], Head(rows[-1].seq, rows[-1].digest), "2026-01-02")
    assert first_fault([*rows, *more]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"label": "normal"}},
        {"at": "2025-12-31T10:00"},
        {"kind": "withdrawn"},
        {"detector_task": "rotation"},
        {"radiograph_id": "film9"},
        {"previous": "0" * 64},
        {"digest": "f" * 64},
    ],
)
def test_a_row_that_was_changed_is_named(rows, change):
    rows[4] = replace(rows[4], **change)
    assert first_fault(rows).seq == 5


def test_a_row_that_was_changed_and_sealed_anew_gives_itself_away_at_the_next(rows):
    before = Head(rows[3].seq, rows[3].digest)
    (rows[4],) = chained([labelled(4, "film4", "normal")], before, rows[4].at)
    assert first_fault(rows) == Fault(6, "does not follow on row 5")


def test_two_rows_that_changed_places_are_named(rows):
    rows[4], rows[5] = rows[5], rows[4]
    assert first_fault(rows).seq == 5
    moved = [*rows[:4], replace(rows[4], seq=5), replace(rows[5], seq=6), *rows[6:]]
    assert first_fault(moved).seq == 5


def test_a_row_taken_out_of_the_middle_is_named(rows):
    assert first_fault([*rows[:4], *rows[5:]]) == Fault(5, "is missing")


def test_a_row_that_stands_twice_is_named(rows):
    assert first_fault([*rows[:5], *rows[4:]]).seq == 5


def test_a_tail_cut_off_shows_against_a_copy_alone(rows):
    kept = [vars_of(row) for row in rows]
    assert first_fault(rows[:-2]) is None
    assert difference(kept, rows[:-2]).seq == 8
    assert difference(kept, rows) is None
    assert difference(kept[:-2], rows) is None


def test_a_ledger_written_anew_from_some_row_on_shows_against_a_copy(rows):
    kept = [vars_of(row) for row in rows]
    forged = rows[:5] + chained([labelled(9, "x")], Head(5, rows[4].digest), "2026-01-01T10:00")
    assert first_fault(forged) is None
    assert difference(kept, forged).seq == 6


def test_the_same_row_has_the_same_line_whatever_the_order_of_its_facts(rows):
    facts = dict(reversed(list(rows[3].facts.items())))
    assert row_text(replace(rows[3], facts=facts)) == row_text(rows[3])


def test_labels_stand_until_they_are_withdrawn():
    box = ["left_hip", 0.1, 0.2, 0.3, 0.4]
    events = [
        labelled(1, "a"),
        labelled(2, "b", denied=True, confidence=0.9, run=7),
        withdrawn(1, "a"),
        labelled(3, "a", "normal", boxes=[box]),
    ]
    standing = standing_rows(chained(events, Head(), "2026"))
    b, a = labels_by_task(standing)["inversion"]
    assert (b.radiograph_id, b.label, b.denied, b.confidence) == ("b", "inverted", True, 0.9)
    assert (a.radiograph_id, a.label, a.confidence) == ("a", "normal", 1.0)
    assert (a.boxes[0].label, a.boxes[0].box.height) == ("left_hip", 0.4)


def test_a_label_of_no_confidence_at_all_is_replayed_as_one():
    facts = LabelFacts(1, "inverted", "REPORT", "rule", "2026-01-01", confidence=0.0).as_json()
    event = Event(EventKind.LABEL, facts, "inversion", "a")
    (label,) = labels_by_task(chained([event], Head(), "2026"))["inversion"]
    assert label.confidence == 0.0


def test_how_a_label_came_about_is_no_part_of_the_digest_of_labels():
    assert standing_digest([labelled(1, "a", run=3)]) == standing_digest([labelled(1, "a")])
    assert standing_digest([labelled(1, "a")]) != standing_digest([labelled(1, "b")])


def vars_of(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}
