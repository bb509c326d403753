import warnings
from dataclasses import replace

import numpy as np
import pytest

from backend.review.core.ranking import scores
from backend.review.core.ranking.pool import Pool


@pytest.fixture(scope="module")
def oracle():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("skactiveml.pool", reason="scikit-activeml is not installed")


def pool_of(probabilities, **rest):
    probabilities = np.asarray(probabilities, dtype=float)
    ids = [f"film{number}" for number in range(len(probabilities))]
    strange = np.linspace(0, 0.9, len(ids))
    return Pool(ids, ids, probabilities, strange, ("good", "bad"), "good", **rest)


def spread(films=40, width=6):
    features = np.random.default_rng(9).normal(size=(films, width)).astype(np.float32)
    return pool_of(np.full((films, 2), 0.5), features=features)


TWO = [[0.9, 0.1], [0.45, 0.55], [0.2, 0.8], [np.nan, np.nan]]


def test_positive_first_is_the_probability_of_anything_but_the_expected_label():
    assert scores.positive_first(pool_of(TWO))[:3] == pytest.approx([0.1, 0.55, 0.8])


def test_likely_finds_are_more_probably_bad_than_not():
    found = scores.likely_finds(pool_of(TWO))
    assert np.isnan(found).tolist() == [True, False, False, True]


def test_of_likely_finds_the_most_ambiguous_one_can_come_first():
    found = scores.ambiguous_finds(pool_of(TWO))
    assert found[1] > found[2]
    assert np.isnan(found).tolist() == [True, False, False, True]


def test_farthest_first_takes_the_films_that_scikit_activemls_core_set_takes(oracle):
    pool = spread()
    known = np.full(40, np.nan)
    known[[3, 17]] = 0
    chosen = oracle.CoreSet(random_state=0).query(pool.features, known, batch_size=12)
    free = np.setdiff1d(np.arange(40), [3, 17])
    ours = scores.farthest_first(
        replace(pool, features=pool.features[free], looked_features=pool.features[[3, 17]])
    )
    assert free[np.argsort(-ours)[:12]].tolist() == chosen.tolist()


def test_a_films_score_is_its_distance_to_all_that_come_before_it():
    pool = spread()
    pool = replace(pool, looked_features=pool.features[:1] + 0.5)
    found = scores.farthest_first(pool)
    before = pool.looked_features
    for film in np.argsort(-found):
        nearest = np.linalg.norm(before - pool.features[film], axis=1).min()
        assert found[film] == pytest.approx(nearest, rel=1e-5)
        before = np.r_[before, pool.features[film][None]]


def test_spread_at_random_draws_far_films_more_often_than_near_ones():
    features = np.r_[np.zeros((90, 2)), np.full((10, 2), 5.0)].astype(np.float32)
    pool = pool_of(np.full((100, 2), 0.5), features=features, looked_features=features[:1])
    far = [
        scores.spread_at_random(pool, np.random.default_rng(seed), 1)[90:] > 0 for seed in range(50)
    ]
    assert np.any(far, axis=1).all()


def test_spread_at_random_scores_as_many_films_as_asked_for_and_each_once():
    found = scores.spread_at_random(spread(), np.random.default_rng(1), 8)
    assert sorted(found[~np.isnan(found)]) == pytest.approx(np.arange(1, 9) / 8)


def test_identical_films_are_drawn_too():
    pool = pool_of(np.full((6, 2), 0.5), features=np.ones((6, 3), dtype=np.float32))
    assert not np.isnan(scores.spread_at_random(pool, np.random.default_rng(1), 6)).any()


@pytest.mark.parametrize(
    "strategy", [scores.farthest_first, scores.mutual_information, scores.vote_entropy]
)
def test_a_strategy_says_what_it_needs(strategy):
    with pytest.raises(ValueError, match="this strategy needs"):
        strategy(pool_of(TWO))


def test_an_empty_pool_has_no_scores():
    pool = pool_of(np.zeros((0, 2)), features=np.zeros((0, 4), dtype=np.float32))
    for strategy in (scores.margin, scores.likely_finds, scores.farthest_first):
        assert strategy(pool).shape == (0,)
