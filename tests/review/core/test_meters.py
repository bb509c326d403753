import json

import numpy as np
import pytest

from backend.review.core.look import Call, KnownAnswer, Look, LookOutcome, Purpose
from backend.review.core.meters import Uncounted, review_meters

UPRIGHT, TURNED = "upright", "turned_90"
FINE, FLAGGED = Call(UPRIGHT), Call(UPRIGHT, denied=True)


def look(film, called=FINE, **facts):
    known = {
        "item_key": "item 1",
        "reviewer": "r1",
        "answered_at": "2026-01-01T08:00:00Z",
        "suggested": FINE,
        "purpose": Purpose.FIRST,
        "slice": "likely",
        "batch_id": 1,
        "seconds": 0.5,
    }
    return Look(radiograph_id=film, called=called, **(known | facts))


def meters(looks, uncounted=()):
    return review_meters(looks, uncounted, UPRIGHT, rng=np.random.default_rng(0))


def morning():
    """Return two sheets of r1, the next day a single item of r2."""
    evening = {"item_key": "item 2", "answered_at": "2026-01-01T23:59:59Z", "seconds": 1.0}
    other = {
        "item_key": "item 3",
        "reviewer": "r2",
        "answered_at": "2026-01-02T00:00:01Z",
        "suggested": None,
        "purpose": Purpose.SECOND,
        "seconds": None,
    }
    return [
        *(look(film) for film in "abc"),
        look("d", FLAGGED),
        look("e", **evening),
        look("f", FLAGGED, suggested=FLAGGED, **evening),
        look("known", FLAGGED, check=KnownAnswer("known", TURNED, ticked=False), **evening),
        look("d", Call(TURNED), **other),
    ]


def test_the_total_is_what_was_counted_by_hand():
    total = meters(morning()).total
    assert (total.films, total.sheets, total.single_items, total.untimed_films) == (8, 2, 1, 1)
    assert total.hours == pytest.approx(5.0 / 3600)
    assert total.films_per_hour == pytest.approx(7 * 3600 / 5.0)
    # The hidden check does not count: its tick is drawn by a coin.
    assert (total.changed.count, total.changed.of) == (1, 6)
    assert (total.checks.missed.count, total.checks.missed.of) == (0, 1)


def test_reviewers_and_days_add_up_to_the_total():
    lost = [
        Uncounted("r1", "2026-01-02T09:00:00Z", LookOutcome.TOO_FAST),
        Uncounted("r3", "2026-01-03T09:00:00Z", LookOutcome.SKIPPED),
        Uncounted("r3", "2026-01-03T09:00:01Z", LookOutcome.UNREADABLE),
    ]
    found = meters(morning(), lost)
    assert list(found.by_reviewer) == ["r1", "r2", "r3"]
    assert list(found.by_day) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    for groups in (found.by_reviewer, found.by_day):
        for name in ("films", "sheets", "single_items", "untimed_films", "too_fast", "skipped"):
            assert sum(getattr(one, name) for one in groups.values()) == getattr(found.total, name)
        assert sum(one.changed.of for one in groups.values()) == found.total.changed.of
    assert (found.total.too_fast, found.total.skipped) == (1, 1)


def test_two_answers_to_one_sheet_are_two_sheets_of_work():
    looks = [look(film, reviewer=who) for who in ("r1", "r2") for film in "ab"]
    assert meters(looks).total.sheets == 2


def test_finds_and_disputes_are_counted():
    readings = meters(morning()).readings
    assert (readings.confirmed, readings.confirmed_by_another) == (1, 1)
    assert (readings.awaiting_second_look, readings.disputed) == (1, 0)
    assert (readings.finds_confirmed.count, readings.finds_confirmed.of) == (1, 1)


def test_nothing_reviewed_is_empty_and_says_so_without_dividing_by_nothing():
    found = meters([])
    assert found.is_empty
    assert found.total.films_per_hour is None
    assert found.readings.by_two.kappa.value is None
    assert not meters([], [Uncounted("r1", "2026-01-01T00:00:00Z", LookOutcome.SKIPPED)]).is_empty


def test_the_meters_are_plain_values():
    found = meters(morning())
    there_and_back = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert there_and_back["total"]["changed"] == {
        "count": 1,
        "of": 6,
        "figure": {
            "value": 1 / 6,
            "low": found.total.changed.figure.low,
            "high": found.total.changed.figure.high,
            "interval": "exact (Clopper-Pearson)",
        },
    }
