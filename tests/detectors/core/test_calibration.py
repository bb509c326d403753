import numpy as np
import pytest

from backend.base.core.figures import expected_calibration_error
from backend.detectors.core.calibration import COLDEST, HOTTEST, fit_temperature, softmax


def honest(seed, labels=3, views=4000, sharpness=1.5):
    """Logits whose softmax is the chance of each label, and labels drawn accordingly."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=sharpness, size=(views, labels))
    chances = softmax(logits).cumsum(axis=1)
    return logits, (rng.random((views, 1)) > chances).sum(axis=1).clip(max=labels - 1)


@pytest.mark.parametrize("seed", range(4))
def test_honest_logits_keep_their_temperature(seed):
    logits, truth = honest(seed)
    assert fit_temperature(logits, truth) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("boast", [0.5, 2.0, 4.0])
@pytest.mark.parametrize("labels", [2, 4])
def test_temperature_undoes_overconfidence(boast, labels):
    logits, truth = honest(1, labels)
    assert fit_temperature(boast * logits, truth) == pytest.approx(boast, rel=0.12)


def test_calibrated_error_is_not_larger():
    logits, truth = honest(2)
    boasting = 3 * logits
    calm = softmax(boasting, fit_temperature(boasting, truth))
    before = expected_calibration_error(softmax(boasting), truth)
    assert expected_calibration_error(calm, truth) < before / 3


@pytest.mark.parametrize("temperature", [COLDEST, 0.7, HOTTEST])
def test_no_temperature_changes_which_label_is_first(temperature):
    logits, _ = honest(3)
    chances = softmax(logits, temperature)
    np.testing.assert_array_equal(chances.argmax(axis=1), logits.argmax(axis=1))
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)


@pytest.mark.parametrize("margin", [0.01, 5.0, 50.0, 1e4])
def test_views_without_an_error_do_not_end_in_certainty(margin):
    truth = np.arange(60) % 2
    logits = margin * np.eye(2)[truth]
    temperature = fit_temperature(logits, truth)
    assert COLDEST * 0.999 <= temperature <= HOTTEST * 1.001


def test_views_without_an_error_are_as_sure_as_one_more_of_each_label_would_make_them():
    truth = np.arange(60) % 2
    logits = 5.0 * np.eye(2)[truth]
    # Within the limits of the temperature: sure to (n + 1) / (n + 2), n being 30.
    sure = softmax(logits, fit_temperature(logits, truth))
    assert sure.max() == pytest.approx(31 / 32, abs=1e-3)


def test_huge_logits_give_finite_probabilities():
    chances = softmax(np.array([[1e5, -1e5, 0.0]], dtype=np.float32))
    assert np.isfinite(chances).all()


def test_no_views_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        fit_temperature(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
