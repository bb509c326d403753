from itertools import pairwise

import numpy as np
import pytest

from backend.base.core.progress import step_counter
from backend.detectors.core.film_choice import NOTHING
from backend.detectors.loop.probe.learners import SaidOfViews
from backend.detectors.loop.probe.trials import (
    Effort,
    Trial,
    TrialOutcome,
    cross_validation,
    curve_points,
    doubted_films,
    plan_trials,
    run_trials,
)

FILMS = 60
PATIENTS = [f"p{film // 2}" for film in range(FILMS)]
ONE_LABEL = np.zeros(FILMS, dtype=np.int64)
RARE = np.where(np.arange(FILMS) < 6, 1, 0)


class Echo:
    """Learns nothing: says how many films it was trained on, and with which seed."""

    patients = PATIENTS
    labels = ONE_LABEL

    def __init__(self, *, one_at_a_time=False):
        self.one_at_a_time = one_at_a_time

    def held_out(self, training, testing, *, seed):
        return said_of(testing, doubted=testing[:1])


def said_of(testing, *, wrong=(), doubted=NOTHING):
    """Return what is said of films that are judged as they are and made bad; some all wrongly."""
    films = np.tile(testing, 2)
    is_bad = np.repeat([False, True], len(testing))
    return SaidOfViews(films, is_bad, np.where(np.isin(films, wrong), ~is_bad, is_bad), doubted)


def outcome(testing, *, repeat=0, size=0, training=10, **more):
    trial = Trial(repeat, size, np.arange(training), np.array(testing))
    return TrialOutcome(trial, said_of(trial.testing, **more))


def patients_of(positions):
    return {PATIENTS[film] for film in positions}


def test_each_round_holds_every_film_out_once_at_every_size():
    trials = plan_trials(ONE_LABEL, PATIENTS, Effort(rounds=2))
    for round_ in range(2):
        repeats = range(3 * round_, 3 * round_ + 3)
        for size in range(4):
            held = [one.testing for one in trials if one.repeat in repeats and one.size == size]
            assert sorted(np.concatenate(held).tolist()) == list(range(FILMS))


def test_nobody_is_both_trained_on_and_judged():
    for trial in plan_trials(RARE, PATIENTS, Effort(rounds=1)):
        assert not patients_of(trial.training) & patients_of(trial.testing)


def test_larger_trainings_of_a_repeat_hold_the_smaller_and_the_last_takes_all_there_are():
    trials = plan_trials(ONE_LABEL, PATIENTS, Effort(rounds=1))
    for repeat in range(3):
        own = [one for one in trials if one.repeat == repeat]
        for smaller, larger in pairwise(own):
            assert set(smaller.training.tolist()) < set(larger.training.tolist())
        assert len(own[-1].training) + len(own[-1].testing) == FILMS


def test_a_training_with_one_label_only_is_passed_over():
    labels = np.where(np.arange(FILMS) < 2, 1, 0)
    labels[4] = 1
    trials = plan_trials(labels, PATIENTS, Effort(rounds=3))
    assert all(len(np.unique(labels[one.training])) > 1 for one in trials)
    assert len(trials) < 3 * 3 * 4


def test_the_smallest_size_can_be_chosen():
    smallest = min(plan_trials(ONE_LABEL, PATIENTS, Effort(1, 4)), key=lambda one: one.size)
    assert len(smallest.training) <= 6


@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_all_trials_are_run_in_order_and_progress_reaches_its_end(one_at_a_time):
    seen = []
    trials = plan_trials(ONE_LABEL, PATIENTS, Effort(rounds=1))
    tick = step_counter(lambda *counts: seen.append(counts), len(trials))
    outcomes = run_trials(Echo(one_at_a_time=one_at_a_time), trials, tick)
    assert [one.trial for one in outcomes] == trials
    assert seen == [(done, len(trials)) for done in range(1, len(trials) + 1)]


def test_figures_come_from_the_largest_size_of_the_first_round():
    trials = plan_trials(ONE_LABEL, PATIENTS, Effort(rounds=2))
    said = cross_validation(run_trials(Echo(), trials))
    assert sorted(np.concatenate([one.film for one in said]).tolist()) == sorted(
        [*range(FILMS), *range(FILMS)]
    )


def test_doubted_films_are_those_of_the_cross_validation():
    outcomes = [
        outcome([0, 1], size=1, doubted=np.array([1])),
        outcome([2, 3], repeat=1, size=1),
        outcome([0, 1], size=0, doubted=np.array([0])),
    ]
    assert doubted_films(outcomes).tolist() == [1]


def test_a_point_counts_false_alarms_and_misses_of_films_that_are_not_left_out():
    (point,) = curve_points([outcome([4, 5, 6, 7], wrong=[5, 6])], np.array([6]))
    assert (point.wrong, point.judged, point.films) == ((1, 1), (3, 3), 10)


def test_a_training_that_judged_one_kind_of_view_only_is_no_point():
    views = SaidOfViews(np.array([1]), np.array([True]), np.array([0.7]))
    trial = Trial(0, 0, np.arange(4), np.array([1]))
    assert curve_points([TrialOutcome(trial, views)], NOTHING) == []
