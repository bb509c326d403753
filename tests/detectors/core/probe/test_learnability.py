import numpy as np
import pytest

from backend.base.core.figures import binary_figures, clopper_pearson
from backend.detectors.core.probe.learnability import (
    ProbeAdvice,
    correction_load,
    disputed,
    learnability,
    review_load,
    share_learnability,
    views_to_prove,
)

TARGET = 0.999


def figures(*, hits, misses, false_alarms, passed):
    is_bad = np.repeat([True, True, False, False], [hits, misses, false_alarms, passed])
    p_bad = np.repeat([0.9, 0.1, 0.9, 0.1], [hits, misses, false_alarms, passed])
    patients = [str(place) for place in range(len(is_bad))]
    return binary_figures(is_bad, p_bad, patients, rng=np.random.default_rng(0))


def without_error(views):
    return figures(hits=views, misses=0, false_alarms=0, passed=views)


# what was judged wrong | the advice
ADVICE = {
    "nothing, of many": (without_error(330), ProbeAdvice.GO),
    "nothing, of 72": (without_error(72), ProbeAdvice.GO),
    "nothing, but of 71": (without_error(71), ProbeAdvice.UNCLEAR),
    "one false alarm of 330": (
        figures(hits=330, misses=0, false_alarms=1, passed=329),
        ProbeAdvice.GO,
    ),
    "every tenth good film": (
        figures(hits=330, misses=0, false_alarms=33, passed=297),
        ProbeAdvice.NO_GO,
    ),
    "every tenth bad film": (
        figures(hits=297, misses=33, false_alarms=0, passed=330),
        ProbeAdvice.NO_GO,
    ),
    "every view": (figures(hits=0, misses=200, false_alarms=200, passed=0), ProbeAdvice.NO_GO),
    "every bad view: nothing is called bad": (
        figures(hits=0, misses=200, false_alarms=0, passed=200),
        ProbeAdvice.NO_GO,
    ),
    "one of a handful": (figures(hits=4, misses=1, false_alarms=0, passed=5), ProbeAdvice.UNCLEAR),
    "good views only": (figures(hits=0, misses=0, false_alarms=0, passed=300), ProbeAdvice.UNCLEAR),
    "bad views only": (figures(hits=300, misses=0, false_alarms=0, passed=0), ProbeAdvice.UNCLEAR),
}


@pytest.mark.parametrize(("measured", "answer"), ADVICE.values(), ids=ADVICE)
def test_the_advice_follows_from_the_limits(measured, answer):
    assert learnability(measured, TARGET).answer is answer


def test_precision_is_the_one_where_half_of_the_films_are_bad_whatever_the_mix():
    rare = figures(hits=20, misses=0, false_alarms=20, passed=1980)
    shares = learnability(rare, TARGET).rests_on
    assert rare.precision.value == 0.5
    assert shares["precision where half are bad"].value == pytest.approx(1 / 1.01)


def test_go_is_not_proven_until_the_lower_limits_are_there():
    assert not learnability(without_error(3687), TARGET).proven
    assert learnability(without_error(views_to_prove(TARGET)), TARGET).proven


def test_a_no_go_names_the_share_that_is_too_low():
    bad_precision = figures(hits=330, misses=0, false_alarms=33, passed=297)
    bad_recall = figures(hits=297, misses=33, false_alarms=0, passed=330)
    assert (
        "precision where half are bad is at most 0.9" in learnability(bad_precision, 0.999).reason
    )
    assert "recall is at most 0.9" in learnability(bad_recall, 0.999).reason


def test_a_lower_target_asks_for_less_recall_and_fewer_films():
    measured = figures(hits=95, misses=5, false_alarms=5, passed=95)
    assert learnability(measured, TARGET).answer is ProbeAdvice.NO_GO
    assert learnability(measured, 0.85).answer is ProbeAdvice.GO
    assert learnability(measured, 0.85).proven


def test_the_share_of_good_boxes_is_compared_alike():
    assert share_learnability("share of good boxes", clopper_pearson(20, 20), 0.9).answer is (
        ProbeAdvice.UNCLEAR
    )
    assert share_learnability("share of good boxes", clopper_pearson(300, 300), 0.9).proven
    refused = share_learnability("share of good boxes", clopper_pearson(10, 20), 0.9)
    assert (refused.answer, refused.reason[:19]) == (ProbeAdvice.NO_GO, "share of good boxes")


def test_films_nobody_looked_at_can_only_take_an_advice_back():
    good = learnability(without_error(330), TARGET)
    bad = learnability(figures(hits=330, misses=0, false_alarms=9, passed=321), TARGET)
    assert disputed(good, good, 3) == good
    doubtful = disputed(good, bad, 9)
    assert doubtful.answer is ProbeAdvice.UNCLEAR
    assert "go without the 9 films that look bad" in doubtful.reason
    assert "no-go if nothing is wrong with them" in doubtful.reason


def test_review_load_counts_bad_films_found_and_false_alarms():
    measured = figures(hits=90, misses=10, false_alarms=2, passed=98)
    load = review_load(measured, 0.01)
    assert load.value == pytest.approx(100_000 * (0.01 * 0.9 + 0.99 * 0.02))
    assert load.low < load.value < load.high


def test_review_load_is_unknown_where_one_kind_of_view_is_missing():
    load = review_load(figures(hits=10, misses=0, false_alarms=0, passed=0), 0.0)
    assert (load.value, load.low, load.high) == (None, 0.0, 100_000)


@pytest.mark.parametrize(("prevalence", "flagged"), [(0.0, 2000), (1.0, 90_000)])
def test_review_load_at_the_ends(prevalence, flagged):
    measured = figures(hits=90, misses=10, false_alarms=2, passed=98)
    assert review_load(measured, prevalence).value == pytest.approx(flagged)


def test_films_to_correct_are_those_that_are_not_good():
    load = correction_load(clopper_pearson(9, 10))
    assert load.value == pytest.approx(10_000)
    assert load.low < load.value < load.high
    assert correction_load(clopper_pearson(0, 0)).value is None
