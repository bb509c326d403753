import numpy as np
import pytest

from backend.review.core.check_figures import automation_bias, check_figures, misses
from backend.review.core.look import Call, KnownAnswer, Look, Purpose

UPRIGHT, TURNED = "upright", "turned_90"
FINE, BAD = Call(UPRIGHT), Call(UPRIGHT, denied=True)
NOT_TURNED = Call(TURNED, denied=True)


def look(called, check=None, suggested=FINE):
    facts = ("item", "r1", "2026-01-01T00:00:00Z", called, suggested)
    return Look("film", *facts, Purpose.FIRST, "", 1, 0.5, check)


def known(called, truth, *, ticked=False, made=False):
    """Return a check on a sheet of upright films."""
    suggested = BAD if ticked else FINE
    return look(called, KnownAnswer("film", truth, ticked, made), suggested)


def test_only_films_whose_answer_is_known_are_counted():
    found = check_figures([look(FINE), look(BAD)], UPRIGHT)
    assert (found.missed.of, found.false_alarms.of) == (0, 0)
    assert found.missed.figure.value is None


def test_slips_and_false_alarms_are_those_counted_by_hand():
    looks = [
        known(FINE, TURNED),
        known(BAD, TURNED),
        known(BAD, TURNED, made=True),
        known(FINE, TURNED, made=True),
        known(Call("turned_270"), TURNED),
        known(BAD, UPRIGHT),
        known(FINE, UPRIGHT),
        known(FINE, UPRIGHT),
    ]
    found = check_figures(looks, UPRIGHT)
    assert (found.missed.count, found.missed.of) == (2, 5)
    assert (found.missed_synthetic.count, found.missed_synthetic.of) == (1, 2)
    assert (found.false_alarms.count, found.false_alarms.of) == (1, 3)
    assert misses(looks, UPRIGHT) == (2, 5)


def test_on_a_sheet_of_another_label_only_the_denial_of_the_true_one_is_a_slip():
    looks = [
        look(NOT_TURNED, KnownAnswer("film", TURNED, ticked=False), Call(TURNED)),
        look(NOT_TURNED, KnownAnswer("film", "turned_180", ticked=False), Call(TURNED)),
        look(Call(TURNED), KnownAnswer("film", UPRIGHT, ticked=False), Call(TURNED)),
        look(NOT_TURNED, KnownAnswer("film", UPRIGHT, ticked=False), Call(TURNED)),
    ]
    found = check_figures(looks, UPRIGHT)
    assert (found.missed.count, found.missed.of, found.undecided) == (1, 1, 1)
    assert (found.false_alarms.count, found.false_alarms.of) == (1, 2)


def test_the_four_ways_to_follow_a_tick_are_told_apart():
    looks = [
        *[known(BAD, UPRIGHT, ticked=True)] * 3,
        *[known(FINE, UPRIGHT, ticked=True)] * 1,
        *[known(BAD, UPRIGHT)] * 1,
        *[known(FINE, UPRIGHT)] * 4,
        *[known(FINE, TURNED)] * 2,
        *[known(BAD, TURNED)] * 4,
        *[known(FINE, TURNED, ticked=True)] * 1,
        *[known(BAD, TURNED, ticked=True)] * 6,
    ]
    found = automation_bias(looks, UPRIGHT)
    cells = (
        found.wrong_tick_accepted,
        found.no_tick_called_bad,
        found.missing_tick_left,
        found.right_tick_removed,
    )
    assert [(cell.count, cell.of) for cell in cells] == [(3, 4), (1, 5), (2, 6), (1, 7)]
    assert found.more_false_alarms.value == pytest.approx(3 / 4 - 1 / 5)
    assert found.more_slips.value == pytest.approx(2 / 6 - 1 / 7)


def test_a_tick_is_known_from_the_check_where_the_pre_annotation_was_not_kept():
    ticked = look(BAD, KnownAnswer("film", UPRIGHT, ticked=True), None)
    plain = look(FINE, KnownAnswer("film", UPRIGHT, ticked=False), None)
    found = automation_bias([ticked, plain], UPRIGHT)
    assert (found.wrong_tick_accepted.count, found.wrong_tick_accepted.of) == (1, 1)
    assert (found.no_tick_called_bad.count, found.no_tick_called_bad.of) == (0, 1)


def reviewed(rng, checks, slip, alarm, trust=0.0):
    """Simulate a reviewer, who with probability `trust` does not look and takes what is ticked."""
    for _ in range(checks):
        bad, ticked = rng.random() < 0.7, rng.random() < 0.5
        says = rng.random() >= slip if bad else rng.random() < alarm
        if rng.random() < trust:
            says = ticked
        yield known(BAD if says else FINE, TURNED if bad else UPRIGHT, ticked=ticked)


@pytest.mark.parametrize("slip", [0.0, 0.01, 0.05, 0.3])
def test_the_intervals_hold_a_reviewers_true_slip_and_alarm_rates(slip):
    held, alarm = np.zeros(2), 0.04
    for seed in range(400):
        looks = reviewed(np.random.default_rng(seed), 120, slip, alarm)
        found = check_figures(looks, UPRIGHT)
        for number, (part, true) in enumerate(((found.missed, slip), (found.false_alarms, alarm))):
            held[number] += part.figure.low <= true <= part.figure.high
    assert (held >= 380).all()


def test_trust_in_ticks_is_seen_where_there_is_some_and_not_where_there_is_none():
    seen = {}
    for trust in (0.0, 0.4):
        found = [
            automation_bias(reviewed(np.random.default_rng(seed), 300, 0.05, 0.05, trust), UPRIGHT)
            for seed in range(100)
        ]
        seen[trust] = [
            sum(getattr(one, gap).low > 0 for one in found)
            for gap in ("more_slips", "more_false_alarms")
        ]
    assert max(seen[0.0]) <= 6
    assert min(seen[0.4]) >= 95
