import warnings

import numpy as np
import pytest

from backend.detectors.core.uncertainty import (
    entropy,
    least_confidence,
    margin_uncertainty,
    mutual_information,
    vote_entropy,
)


@pytest.fixture(scope="module")
def oracle():
    """scikit-activeml's pool, which has the same measures under other names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("skactiveml.pool", reason="scikit-activeml is not installed")


def drawn(*shape):
    return np.random.default_rng(4).dirichlet(np.full(shape[-1], 0.5), shape[:-1])


@pytest.mark.parametrize("labels", [2, 3, 9])
def test_least_confidence_margin_and_entropy_are_those_of_scikit_activeml(oracle, labels):
    p = drawn(200, labels)
    assert least_confidence(p) == pytest.approx(oracle.uncertainty_scores(p))
    theirs = oracle.uncertainty_scores(p, method="margin_sampling")
    assert margin_uncertainty(p) == pytest.approx(theirs)
    assert entropy(p) * np.log(labels) == pytest.approx(
        oracle.uncertainty_scores(p, method="entropy")
    )


@pytest.mark.parametrize("labels", [2, 5])
def test_mutual_information_is_scikit_activemls_mean_divergence_from_the_consensus(oracle, labels):
    members = drawn(7, 100, labels)
    theirs = oracle.average_kl_divergence(members)
    assert mutual_information(members) * np.log(labels) == pytest.approx(theirs, abs=1e-6)


def test_vote_entropy_is_that_of_scikit_activeml(oracle):
    members = drawn(7, 100, 3)
    theirs = oracle.vote_entropy(members.argmax(axis=2).T, classes=np.arange(3))
    assert vote_entropy(members) * np.log(3) == pytest.approx(theirs)


@pytest.mark.parametrize("measure", [least_confidence, margin_uncertainty, entropy])
def test_a_film_nobody_predicted_has_no_uncertainty(measure):
    p = np.array([[0.4, 0.6], [np.nan, np.nan]])
    assert np.isnan(measure(p)).tolist() == [False, True]


@pytest.mark.parametrize("measure", [mutual_information, vote_entropy])
def test_a_film_that_one_member_did_not_predict_has_no_disagreement(measure):
    members = drawn(3, 4, 2)
    members[1, 2] = np.nan
    assert np.isnan(measure(members)).tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    "measure", [least_confidence, margin_uncertainty, mutual_information, vote_entropy]
)
def test_one_label_leaves_nothing_to_be_unsure_between(measure):
    axes = 3 if measure in {mutual_information, vote_entropy} else 2
    with pytest.raises(ValueError, match="2 or more labels"):
        measure(np.ones((2,) * (axes - 1) + (1,)))


def test_no_films_have_no_uncertainty():
    assert margin_uncertainty(np.zeros((0, 2))).shape == (0,)
    assert mutual_information(np.zeros((3, 0, 2))).shape == (0,)
