from collections import Counter

import numpy as np

from backend.labels.core.labels import Slice
from backend.review.core.ranking.choice import Caps, Choice, tie_keys
from backend.review.core.ranking.pool import Pool


def pool_of(films, patients=None, groups=None):
    ids = [f"film{number}" for number in range(films)]
    return Pool(
        ids, patients or ids, np.zeros((films, 2)), np.zeros(films), ("a", "b"), "a",
        copy_groups=groups,
    )  # fmt: skip


def taken(pool, scores, count, seed=1, caps=Caps(99)):  # noqa: B008
    choice = Choice(pool, caps, seed=seed)
    choice.take(np.asarray(scores, dtype=float), count, Slice.LIKELY, str)
    return [pick.radiograph_id for pick in choice.picks]


def test_the_highest_scores_are_taken_first():
    assert taken(pool_of(3), [0.1, 0.9, 0.5], 2) == ["film1", "film2"]


def test_films_without_a_score_are_passed_over():
    assert taken(pool_of(3), [np.nan, 0.9, np.nan], 3) == ["film1"]


def test_ties_fall_to_every_film_alike_and_not_to_its_position():
    first = Counter(taken(pool_of(10), np.zeros(10), 1, seed=seed)[0] for seed in range(2000))
    # 200 expected of each, standard deviation 13: six of them on either side.
    assert len(first) == 10
    assert 120 < min(first.values()) <= max(first.values()) < 280


def test_the_same_seed_breaks_ties_in_the_same_way():
    assert taken(pool_of(9), np.zeros(9), 9) == taken(pool_of(9), np.zeros(9), 9)
    assert taken(pool_of(9), np.zeros(9), 9) != taken(pool_of(9), np.zeros(9), 9, seed=2)


def test_any_seed_is_good_for_ties():
    for seed in (0, -1, 2**62, 2**100):
        assert len(tie_keys(["film"], seed)) == 1


def test_a_patient_gets_no_more_films_than_the_cap_over_all_slices():
    pool = pool_of(6, patients=["one"] * 5 + ["two"])
    choice = Choice(pool, Caps(2), seed=1)
    choice.take(np.array([9, 8, 7, 6, 5, 4.0]), 1, Slice.LIKELY, str)
    choice.take(np.array([9, 8, 7, 6, 5, 4.0]), 5, Slice.OUTLIER, str)
    assert [pick.radiograph_id for pick in choice.picks] == ["film0", "film1", "film5"]


def test_of_a_group_of_copies_the_first_one_is_taken():
    assert taken(pool_of(3, groups=[7, 7, 8]), [0.5, 0.6, 0.1], 3) == ["film1", "film2"]


def test_nothing_is_taken_from_an_empty_pool_or_where_nothing_is_asked_for():
    assert taken(pool_of(0), [], 5) == []
    assert taken(pool_of(3), [1, 2, 3], 0) == []
    assert taken(pool_of(3), [1, 2, 3], -2) == []


def test_the_reason_is_told_of_the_film_that_was_taken():
    choice = Choice(pool_of(2), Caps(1), seed=1)
    choice.take(np.array([0.1, 0.2]), 1, Slice.UNCERTAIN, lambda index: f"place {index}")
    assert choice.picks[0].reason == "place 1"
