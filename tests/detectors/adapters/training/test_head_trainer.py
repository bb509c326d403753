"""Heads fitted to a few dozen films."""

import numpy as np
import pytest

from backend.detectors.adapters.head_detector import head_bytes, parse_head
from backend.detectors.adapters.training.head_trainer import Answered, cross_fit, fit_head
from backend.detectors.core.film_choice import answer_folds

pytestmark = pytest.mark.trains

WIDTH = 64


def labelled(counts, rng, apart=1.0):
    """Films of as many labels as there are counts; some patients have two films."""
    labels = np.repeat(np.arange(len(counts)), counts)
    centres = apart * np.random.default_rng(1).normal(size=(len(counts), WIDTH))
    features = centres[labels] + rng.normal(size=(len(labels), WIDTH))
    patients = np.array([f"p{label}-{n // 2}" for n, label in enumerate(labels)])
    return Answered(features.astype(np.float32), labels, patients, np.ones(len(labels)))


@pytest.fixture
def films():
    return labelled([40, 8], np.random.default_rng(3))


def cross_fitted(films, label_count=3, catch_all=2):
    folds = answer_folds(films.labels, films.patients.tolist(), 5)
    return cross_fit(films, folds, label_count, catch_all)


def test_a_head_tells_new_films_apart(films):
    new = labelled([100, 100], np.random.default_rng(4))
    said = fit_head(films, 2, 0.01).logits(new.features).argmax(axis=1)
    assert (said == new.labels).mean() > 0.97


def test_a_rare_label_is_not_drowned_by_a_common_one():
    films = labelled([300, 8], np.random.default_rng(5), apart=0.5)
    new = labelled([100, 100], np.random.default_rng(6), apart=0.5)
    said = fit_head(films, 2, 0.01).logits(new.features).argmax(axis=1)
    assert (said[100:] == 1).mean() > 0.8


def test_a_label_without_films_is_never_the_answer_of_the_head_itself(films):
    logits = fit_head(films, 3, 0.01).logits(films.features)
    assert np.isneginf(logits[:, 2]).all()


def test_every_film_is_judged_by_a_head_that_never_saw_its_patient():
    # Noise: only a head that saw the very films could tell the labels.
    films = labelled([30, 30], np.random.default_rng(7), apart=0.0)
    right = (cross_fitted(films, 2, None).sure.argmax(axis=1) == films.labels).mean()
    assert 0.25 < right < 0.75


def test_calibrated_probabilities_sum_to_one_and_leave_room_for_the_unseen(films):
    found = cross_fitted(films).calibrated
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found[:, 2] > 0).all()
    assert np.median(found[:, 2]) < 0.1


def test_a_saved_head_says_the_same(films):
    head = fit_head(films, 3, 0.01)
    again = parse_head(head_bytes(head))
    want = head.probabilities(films.features, temperature=1.5, catch_all=2)
    got = again.probabilities(films.features, temperature=1.5, catch_all=2)
    np.testing.assert_array_equal(got, want)


def test_every_fold_leaves_films_of_every_label_to_learn_from(films):
    folds = answer_folds(films.labels, films.patients.tolist(), 5)
    for fold in np.unique(folds):
        assert set(films.labels[folds != fold]) == {0, 1}


def test_films_of_a_patient_share_a_fold(films):
    folds = answer_folds(films.labels, films.patients.tolist(), 5)
    of_patient = {}
    for patient, fold in zip(films.patients, folds, strict=True):
        assert of_patient.setdefault(patient, fold) == fold
