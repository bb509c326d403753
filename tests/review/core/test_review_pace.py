import pytest

from backend.review.core.look import Call, Look, Purpose
from backend.review.core.meters import films_per_hour, pace_floor

SETTING_S = 0.02


def sheet(number, seconds, *, reviewer="r1", films=3):
    """Return the looks of one sheet; `seconds` per film."""
    facts = (f"item {number}", reviewer, f"2026-01-01T00:{number:02}:00Z", Call("upright"), None)
    return [
        Look(f"{number}-{film}", *facts, Purpose.FIRST, "", 1, seconds) for film in range(films)
    ]


def sheets(paces, **facts):
    return [one for number, pace in enumerate(paces) for one in sheet(number, pace, **facts)]


def test_four_sheets_teach_nothing_and_five_do():
    assert pace_floor(sheets([0.4] * 4), "r1", SETTING_S) == SETTING_S
    assert pace_floor(sheets([0.4] * 5), "r1", SETTING_S) == 0.1


def test_the_setting_is_never_undercut():
    assert pace_floor(sheets([0.04] * 9), "r1", SETTING_S) == SETTING_S
    assert pace_floor(sheets([0.4] * 9), "r1", 0.3) == 0.3


def test_a_slow_reader_is_not_held_to_more_than_a_quarter_of_a_second():
    assert pace_floor(sheets([30.0] * 9), "r1", SETTING_S) == 0.25


def test_only_the_last_twenty_sheets_count_whatever_their_order_here():
    looks = sheets([4.0] * 30 + [0.4] * 20)
    assert pace_floor(looks, "r1", SETTING_S) == 0.1
    assert pace_floor(looks[::-1], "r1", SETTING_S) == 0.1


def test_each_reviewer_has_a_pace_of_their_own():
    looks = sheets([0.4] * 5) + sheets([0.8] * 5, reviewer="r2")
    assert [pace_floor(looks, who, SETTING_S) for who in ("r1", "r2", "r3")] == [0.1, 0.2, 0.02]


def test_single_items_and_items_without_a_time_teach_nothing():
    assert pace_floor(sheets([5.0] * 9, films=1), "r1", SETTING_S) == SETTING_S
    assert pace_floor(sheets([None] * 9), "r1", SETTING_S) == SETTING_S


def test_one_break_within_a_sheet_does_not_move_the_floor():
    assert pace_floor(sheets([0.4] * 8 + [600.0]), "r1", SETTING_S) == 0.1


def test_films_per_hour_leave_out_what_nobody_timed():
    looks = sheets([3.6, None, 1.8])
    assert films_per_hour(looks) == pytest.approx(6 / (16.2 / 3600))
    assert films_per_hour(sheets([None])) is None
