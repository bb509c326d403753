import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from backend.base.core.figures import (
    average_precision,
    binary_figures,
    clopper_pearson,
    expected_calibration_error,
    patient_bootstrap,
    precision_at_prevalence,
    roc_auc,
)

# Four bad and four good views; at 0.5 two bad ones are found and one good one is flagged.
IS_BAD = np.array([True, True, True, True, False, False, False, False])
P_BAD = np.array([0.9, 0.6, 0.4, 0.1, 0.7, 0.3, 0.2, 0.1])
PATIENTS = ["a", "a", "b", "b", "c", "c", "d", "d"]


def figures(p_bad=P_BAD, is_bad=IS_BAD, patients=PATIENTS, seed=0):
    return binary_figures(is_bad, p_bad, patients, rng=np.random.default_rng(seed))


def test_counts_at_one_half_are_those_counted_by_hand():
    found = figures()
    assert (found.true_positives, found.false_negatives) == (2, 2)
    assert (found.false_positives, found.true_negatives) == (1, 3)
    assert found.errors == 3
    assert found.accuracy.value == 5 / 8
    assert found.precision.value == 2 / 3
    assert found.recall.value == 1 / 2
    assert found.false_positive_rate.value == 1 / 4


def test_auc_is_the_share_of_pairs_in_the_right_order():
    # 0.9 beats 4 good views, 0.6 beats 3, 0.4 beats 3, 0.1 ties with one: 10.5 of 16 pairs.
    assert figures().auc.value == pytest.approx(10.5 / 16)


def test_average_precision_is_the_mean_precision_at_each_bad_view():
    # From the top: bad (1/1), good, bad (2/3), bad (3/4), good, good, then a tie (4/8).
    assert figures().auprc.value == pytest.approx((1 + 2 / 3 + 3 / 4 + 4 / 8) / 4)


# Whether a view is bad, its score in twelfths, so that many tie, and its weight.
WEIGHTED_VIEWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 4)), min_size=2, max_size=60
)


@given(WEIGHTED_VIEWS)
def test_areas_agree_with_scikit_learn_with_ties_and_weights(views):
    # Neither area is defined where one of the two kinds has no weight.
    assume({is_bad for is_bad, _, weight in views if weight} == {True, False})
    is_bad, twelfths, weight = (np.array(column) for column in zip(*views, strict=True))
    score, weights = twelfths / 12, weight.astype(float)
    assert roc_auc(is_bad, score, weights) == pytest.approx(
        roc_auc_score(is_bad, score, sample_weight=weights)
    )
    assert average_precision(is_bad, score, weights) == pytest.approx(
        average_precision_score(is_bad, score, sample_weight=weights)
    )


def test_exact_interval_of_no_error_is_the_rule_of_three():
    figure = clopper_pearson(300, 300)
    assert figure.high == 1.0
    assert figure.low == pytest.approx(0.025 ** (1 / 300))


def test_exact_interval_matches_the_published_example():
    # Clopper and Pearson 1934: 1 of 10 gives 0.0025 to 0.4450.
    figure = clopper_pearson(1, 10)
    assert (round(figure.low, 4), round(figure.high, 4)) == (0.0025, 0.4450)


def test_exact_intervals_are_those_of_scipy():
    for successes, trials in [(0, 1), (1, 1), (3, 7), (40, 40), (17, 300), (12_345, 100_000)]:
        figure = clopper_pearson(successes, trials)
        theirs = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
        assert (figure.low, figure.high) == pytest.approx((theirs.low, theirs.high), abs=1e-11)


def test_a_share_of_nothing_is_unknown_rather_than_a_number():
    figure = clopper_pearson(0, 0)
    assert (figure.value, figure.low, figure.high) == (None, 0.0, 1.0)


def test_intervals_hold_the_estimate_and_say_how_they_were_made():
    found = figures()
    for figure in (found.accuracy, found.precision, found.recall, found.auc, found.auprc):
        assert figure.low <= figure.value <= figure.high
    assert "Clopper-Pearson" in found.accuracy.interval
    assert "patients" in found.auc.interval


def test_bootstrap_draws_whole_patients():
    weights = patient_bootstrap(["a", "b", "a", "c"], np.random.default_rng(0), rounds=50)
    assert weights.shape == (50, 4)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)


def test_interval_is_wider_when_films_of_one_patient_are_alike():
    rng = np.random.default_rng(0)
    is_bad, noise = np.tile([True, False], 50), rng.normal(size=100)
    score = 1 / (1 + np.exp(-(is_bad + noise)))
    one_each = [str(number) for number in range(400)]
    four_times = [str(number % 100) for number in range(400)]
    apart, together = (
        figures(np.tile(score, 4), np.tile(is_bad, 4), who).auc for who in (one_each, four_times)
    )
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_figures_repeat_for_the_same_seed():
    assert figures(seed=3) == figures(seed=3)


def test_precision_falls_where_bad_films_are_rare():
    found = figures()
    # Recall 1/2, false alarms 1/4 of the good: 0.01 * 0.5 / (0.01 * 0.5 + 0.99 * 0.25).
    assert precision_at_prevalence(found, 0.01).value == pytest.approx(0.005 / 0.2525)


def test_no_false_alarm_leaves_the_precision_in_the_archive_uncertain():
    found = figures(np.where(IS_BAD, 0.9, 0.1))
    rare = precision_at_prevalence(found, 0.001)
    assert rare.value == 1.0
    assert rare.low < 0.01


def test_calibration_error_is_the_gap_between_said_and_true():
    said = np.array([[0.8, 0.2]] * 10)
    truth = np.array([0] * 6 + [1] * 4)
    assert expected_calibration_error(said, truth) == pytest.approx(0.2)


@pytest.mark.parametrize("confidence", [(0.90, 0.96), (0.90, 1.0), (0.84, 0.90)])
def test_neighbouring_bins_of_confidence_do_not_make_up_for_one_another(confidence):
    # Ten views too cautious in one of the fifteen bins, ten too bold in the next.
    low, high = confidence
    said = np.repeat([[low, 1 - low], [high, 1 - high]], 10, axis=0)
    truth = np.repeat([0, 1], 10)
    gaps = 10 * (1 - low), 10 * high
    assert expected_calibration_error(said, truth) == pytest.approx(sum(gaps) / 20)


def test_perfect_confidence_has_no_calibration_error():
    said, truth = np.eye(3)[[0, 1, 2]], np.array([0, 1, 2])
    assert expected_calibration_error(said, truth) == 0.0
