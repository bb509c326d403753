from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.detectors.core.film_choice import nested_subsets, shuffled_folds

LABELS = np.array([0] * 80 + [1] * 12 + [2] * 8)
PATIENTS = [f"p{film % 60}" for film in range(100)]
"""Sixty patients; forty have two films."""
SEEDS = st.integers(0, 2**32 - 1)


def rng(seed=0):
    return np.random.default_rng(seed)


def patients_of(films):
    return {PATIENTS[film] for film in films}


@given(SEEDS)
def test_larger_sets_hold_the_smaller_and_no_patient_is_split(seed):
    subsets = nested_subsets(LABELS, PATIENTS, [10, 20, 40, 80], rng(seed))
    for smaller, larger in pairwise(subsets):
        assert set(smaller.tolist()) < set(larger.tolist())
    for films in subsets:
        others = np.setdiff1d(np.arange(100), films)
        assert not patients_of(films) & patients_of(others)


@given(SEEDS)
def test_sizes_are_met_up_to_the_last_patient(seed):
    for size, films in zip(
        [10, 20, 40], nested_subsets(LABELS, PATIENTS, [10, 20, 40], rng(seed)), strict=True
    ):
        assert size <= len(films) <= size + 1


@given(SEEDS)
def test_every_set_has_about_the_mix_of_all_films(seed):
    alone = [str(film) for film in range(100)]
    for films in nested_subsets(LABELS, alone, [25, 50], rng(seed)):
        shares = np.bincount(LABELS[films], minlength=3) / len(films)
        np.testing.assert_allclose(shares, [0.8, 0.12, 0.08], atol=0.05)


def test_another_seed_takes_other_patients_first():
    first, second = (nested_subsets(LABELS, PATIENTS, [10], rng(seed))[0] for seed in (1, 2))
    assert first.tolist() != second.tolist()


def test_a_size_beyond_all_films_takes_them_all():
    (films,) = nested_subsets(LABELS, PATIENTS, [1000], rng())
    assert films.tolist() == list(range(100))


def test_one_patient_with_everything_comes_whole():
    (films,) = nested_subsets(np.zeros(9, dtype=np.int64), ["only"] * 9, [2], rng())
    assert len(films) == 9


@given(SEEDS)
def test_folds_keep_patients_whole_and_spread_every_label(seed):
    folds = shuffled_folds(LABELS, PATIENTS, 3, rng(seed))
    for fold in range(3):
        assert not patients_of(np.flatnonzero(folds == fold)) & patients_of(
            np.flatnonzero(folds != fold)
        )
        assert (np.bincount(LABELS[folds == fold], minlength=3) > 0).all()


def test_folds_are_drawn_anew_each_time():
    one_after_another = rng()
    first, second = (shuffled_folds(LABELS, PATIENTS, 3, one_after_another) for _ in range(2))
    assert (first != second).any()
