"""Do the forecast's limits hold? Tried on films drawn from curves that are known."""

import math
from itertools import pairwise

import numpy as np
import pytest

from backend.detectors.core.probe.learning_curve import (
    FOLDS,
    CurveForecast,
    Point,
    PowerLaw,
    forecast,
    learning_sizes,
)


def simulated(rng, law, *, films, rounds=1, same_films_hard=0.0, trainings_differ=0.0, pairs=False):
    """Return trainings as a probe makes them.

    Every film has two views. With `same_films_hard` the films misjudged at one size are more or
    less those of the others; with `pairs` a film's two views are right or wrong together.
    """
    hardness, points = rng.random((films, 2)), []
    for repeat in range(rounds * FOLDS):
        if repeat % FOLDS == 0:
            fold = rng.permutation(films) % FOLDS
        own = hardness[fold == repeat % FOLDS]
        for size, count in enumerate(learning_sizes(films * 2 // 3)):
            luck = np.exp(rng.normal(0, trainings_differ))
            drawn = np.where(rng.random(own.shape) < same_films_hard, own, rng.random(own.shape))
            wrong = (drawn[:, [0, 0]] if pairs else drawn) < law.at(count) * luck
            points.append(
                Point(repeat, size, count, tuple(wrong.sum(axis=0).tolist()), (len(own),) * 2)
            )
    return points


def counted(wrong_by_size, *, judged=(100, 100), sizes=(10, 20, 40, 80), repeats=3):
    """Return trainings whose every repeat has the same counts."""
    return [
        Point(repeat, size, films, wrong, judged)
        for repeat in range(repeats)
        for size, (films, wrong) in enumerate(zip(sizes, wrong_by_size, strict=True))
    ]


def foreseen(points, target=0.01, seed=0):
    return forecast(points, target, np.random.default_rng(seed))


FALLING = PowerLaw(0.0, 2.0, 0.8)
SLOW = PowerLaw(0.0, 1.0, 0.5)
STOPS = PowerLaw(0.05, 1.0, 0.6)
# the true curve | target | how the films and trainings behave
CURVES = {
    "falling, all by chance": (FALLING, 0.02, {}),
    "falling, the same films always hard": (FALLING, 0.02, {"same_films_hard": 1.0}),
    "falling, trainings differ": (
        FALLING,
        0.02,
        {"same_films_hard": 0.7, "trainings_differ": 0.2},
    ),
    "falling, pairs, three rounds": (
        FALLING,
        0.02,
        {"same_films_hard": 0.7, "trainings_differ": 0.2, "pairs": True, "rounds": 3},
    ),
    "slow": (SLOW, 0.05, {"same_films_hard": 1.0}),
    "never": (STOPS, 0.04, {"same_films_hard": 1.0}),
}
TIMES = 40


@pytest.mark.parametrize(("law", "target", "how"), CURVES.values(), ids=CURVES)
def test_forecasts_of_known_curves_hold_the_truth_as_often_as_they_say(law, target, how):
    rng = np.random.default_rng(20180424)
    held, ahead = 0, 0
    for _ in range(TIMES):
        found = forecast(simulated(rng, law, films=330, **how), target, rng)
        held += holds(found, law.films_for(target))
        twice = sorted(found.at)[-4]
        ahead += found.at[twice].low <= law.at(twice) <= found.at[twice].high
    # 95 % of 40 are 38; fewer than 34 come by chance once in a hundred times.
    assert held >= 34
    assert ahead >= 34


def holds(found: CurveForecast, truth: float) -> bool:
    low, high = (math.inf if one is None else one for one in (found.needed.low, found.needed.high))
    seen = math.ceil(truth) if truth <= found.horizon else math.inf
    return low <= seen <= high


def test_with_many_films_the_forecast_is_narrow_enough_to_plan_by():
    points = simulated(np.random.default_rng(1), FALLING, films=4000)
    found = foreseen(points, target=0.02)
    assert found.reliable
    assert 200 < found.needed.low < 316 < found.needed.high < 500  # 316 by the true curve


def test_a_curve_without_noise_is_found_again():
    law = PowerLaw(0.02, 3.0, 1.0)
    sizes = (20, 40, 80, 160, 320)
    wrong = [(round(1e6 * law.at(films)),) * 2 for films in sizes]
    found = foreseen(counted(wrong, judged=(10**6, 10**6), sizes=sizes), target=0.025)
    assert found.law.floor == pytest.approx(0.02, abs=1e-3)
    assert found.law.power == pytest.approx(1.0)
    assert found.needed.value == pytest.approx(600, rel=0.02)
    assert found.at[3200].value == pytest.approx(law.at(3200), rel=0.02)


def test_an_error_below_the_floor_is_never_reached():
    assert PowerLaw(0.02, 1.0, 0.5).films_for(0.02) == math.inf
    assert PowerLaw(0.02, 1.0, 0.5).films_for(0.03) == pytest.approx(10_000)


@pytest.mark.parametrize("films", [1, 10, 1000])
def test_no_more_than_everything_is_judged_wrong(films):
    assert 0 <= PowerLaw(0.1, 50.0, 1.0).at(films) <= 1


def test_no_error_at_all_needs_no_more_than_the_smallest_training_but_proves_little():
    found = foreseen(counted([(0, 0)] * 4), target=0.001)
    assert (found.needed.value, found.needed.low, found.needed.high) == (10, 10, None)
    assert not found.reliable
    assert "0 of 2400 judgements were wrong, too few to see them fall" in found.doubts
    assert found.at[80].low == found.at[80].value == 0.0
    assert found.at[80].high > 0.001


def test_no_error_among_many_films_is_enough_for_a_modest_target():
    found = foreseen(counted([(0, 0)] * 4, judged=(2000, 2000)), target=0.02)
    assert found.needed.high == 10


def test_errors_everywhere_never_get_better():
    found = foreseen(counted([(100, 100)] * 4))
    assert (found.needed.value, found.needed.low, found.needed.high) == (None, None, None)
    assert found.at[800].value == pytest.approx(1.0)
    assert "the errors do not clearly fall with more films" in found.doubts


def test_errors_that_rise_are_taken_for_a_level():
    found = foreseen(counted([(5, 5), (10, 10), (15, 15), (20, 20)]))
    assert found.law.scale == 0.0
    assert found.needed.value is None
    assert "the errors do not clearly fall with more films" in found.doubts


def test_what_was_seen_without_an_error_is_not_ruled_out_by_the_shape_of_the_curve():
    # From 30 % to none within two doublings: steeper than any curve that is tried.
    wrong = [(30, 30), (30, 30), (12, 12), (0, 0)]
    found = foreseen(counted(wrong), target=0.001)
    assert found.needed.low == 80


def test_three_sizes_are_doubted():
    found = foreseen(counted([(40, 40), (20, 20), (10, 10)], sizes=(10, 20, 40)))
    assert "3 sizes are too few for a curve of three numbers" in found.doubts


def test_one_size_is_no_curve():
    with pytest.raises(ValueError, match="two or more sizes, got 1"):
        foreseen(counted([(1, 1)], sizes=(10,)))


def test_a_need_without_an_upper_limit_is_doubted():
    found = foreseen(counted([(9, 9), (6, 6), (4, 4), (2, 2)], judged=(30, 30)), target=0.03)
    assert found.needed.low is not None
    assert found.needed.high is None
    assert f"it may take {found.needed.low} films or more than can be foreseen" in found.doubts


def test_every_limit_holds_its_value():
    rng = np.random.default_rng(3)
    for _ in range(20):
        points = simulated(rng, PowerLaw(0.0, 3.0, 1.2), films=60)
        found = forecast(points, 0.01, rng)
        for figure in found.at.values():
            assert figure.low <= figure.value <= figure.high
        value, low, high = (
            math.inf if one is None else one
            for one in (found.needed.value, found.needed.low, found.needed.high)
        )
        assert min(found.at) <= low <= value <= high


def test_every_kind_of_view_counts_alike_however_many_there_are():
    assert Point(0, 0, 10, (1, 10), (1000, 20)).error == pytest.approx((0.001 + 0.5) / 2)
    assert Point(0, 0, 10, (3,), (12,)).error == 0.25


def test_one_kind_of_view_will_do():
    found = foreseen(counted([(40,), (25,), (15,), (9,)], judged=(100,)), target=0.05)
    assert found.needed.value == pytest.approx(180, rel=0.3)


def test_views_judged_in_several_rounds_are_the_same_views():
    once = foreseen(counted([(40, 40), (25, 25), (15, 15), (9, 9)], repeats=3), target=0.05)
    thrice = foreseen(counted([(40, 40), (25, 25), (15, 15), (9, 9)], repeats=9), target=0.05)

    def width(one):
        return one.at[800].high - one.at[800].low

    assert width(thrice) > 0.8 * width(once)


def test_a_size_that_some_repeats_lack_is_used_as_far_as_it_goes():
    points = counted([(40, 40), (25, 25), (15, 15), (9, 9)])
    found = foreseen([one for one in points if one.repeat != 1 or one.size > 0], target=0.05)
    assert min(found.at) == 10
    assert found.needed.low <= found.needed.value


@pytest.mark.parametrize("most", [1, 8, 9, 24, 63, 64, 220, 666])
def test_sizes_rise_to_the_most_and_no_step_is_wider_than_a_doubling(most):
    sizes = learning_sizes(most)
    assert sizes[-1] == most
    assert sizes == sorted(set(sizes))
    assert all(larger <= 2 * smaller for smaller, larger in pairwise(sizes))
    assert len(sizes) >= 4 or most < 12
