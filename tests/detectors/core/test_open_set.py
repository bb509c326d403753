"""What was never labelled is strange; what was labelled is not."""

import numpy as np
import pytest

from backend.detectors.core.linear_head import LinearHead
from backend.detectors.core.open_set import learn_familiar

WIDTH = 40


def cluster(centre, count, rng):
    return np.asarray(centre + 0.3 * rng.normal(size=(count, WIDTH)), dtype=np.float32)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def centres(rng):
    return rng.normal(size=(3, WIDTH))


@pytest.fixture
def two_known(centres, rng):
    features = np.concatenate([cluster(centres[0], 60, rng), cluster(centres[1], 12, rng)])
    labels = np.repeat([0, 1], [60, 12])
    return features, labels, [f"p{number}" for number in range(72)]


@pytest.fixture
def familiar(two_known):
    return learn_familiar(*two_known, label_count=3)


def test_new_films_of_a_label_are_familiar(familiar, centres, rng):
    new = cluster(centres[0], 200, rng)
    assert (familiar.familiarity(new, np.zeros(200, dtype=np.int64)) < 0.5).mean() < 0.06


def test_a_label_with_a_dozen_films_does_not_refuse_its_own(familiar, centres, rng):
    new = cluster(centres[1], 200, rng)
    assert (familiar.familiarity(new, np.ones(200, dtype=np.int64)) < 0.5).mean() < 0.06


@pytest.mark.parametrize("label", [0, 1])
def test_films_of_a_kind_never_seen_are_unfamiliar_whatever_they_are_called(
    familiar, centres, rng, label
):
    strange = cluster(centres[2], 100, rng)
    assert familiar.familiarity(strange, np.full(100, label)).max() < 0.1


def test_a_label_without_films_makes_everything_unfamiliar(familiar, centres, rng):
    films = cluster(centres[0], 5, rng)
    np.testing.assert_array_equal(familiar.familiarity(films, np.full(5, 2)), 0)


def test_the_stated_share_of_good_films_is_held_up(centres, rng):
    films = cluster(centres[0], 400, rng)
    known = learn_familiar(films, np.zeros(400, np.int64), [str(n) for n in range(400)], 1)
    new = cluster(centres[0], 4000, rng)
    held_up = (known.familiarity(new, np.zeros(4000, np.int64)) < 0.7).mean()
    assert 0.01 < held_up < 0.04


def test_what_lies_between_two_labelled_kinds_of_one_label_is_strange(centres, rng):
    # Frontal and lateral films are both chests: their mean is like neither.
    both = np.concatenate([cluster(centres[0], 40, rng), cluster(centres[1], 40, rng)])
    known = learn_familiar(both, np.zeros(80, np.int64), [str(n) for n in range(80)], 1)
    between = cluster((centres[0] + centres[1]) / 2, 50, rng)
    new = np.concatenate([cluster(centres[0], 50, rng), cluster(centres[1], 50, rng)])
    label = np.zeros(100, np.int64)
    assert known.familiarity(between, label[:50]).max() < 0.7
    assert (known.familiarity(new, label) < 0.7).mean() < 0.06
    # It is the nearest films that tell.
    farther = known.to_nearest(between, label[:50]).mean() / known.to_nearest(new, label).mean()
    assert farther > 1.5
    assert known.to_middle(between, label[:50]).mean() < 1.1 * known.to_middle(new, label).mean()


def test_a_small_step_where_films_never_differ_is_strange(rng):
    # Every film of the label lies far out along the first axis, and near 0 along the second.
    spread = np.full(WIDTH, 0.3)
    spread[0], spread[1] = 3.0, 0.02
    films = (10 + spread * rng.normal(size=(120, WIDTH))).astype(np.float32)
    known = learn_familiar(films, np.zeros(120, np.int64), [str(n) for n in range(120)], 1)
    near = (10 + spread * rng.normal(size=(50, WIDTH))).astype(np.float32)
    far = near.copy()
    near[:, 0] += 1.5
    far[:, 1] += 1.5
    label = np.zeros(50, np.int64)
    assert (known.familiarity(near, label) < 0.7).mean() < 0.15
    assert (known.familiarity(far, label) < 0.7).mean() > 0.9
    step = known.to_nearest(far, label).mean() / known.to_nearest(near, label).mean()
    assert step < 1.5


def test_a_single_film_can_be_learnt_from_and_says_nothing():
    film = np.ones((1, WIDTH), dtype=np.float32)
    known = learn_familiar(film, np.zeros(1, np.int64), ["a"], 1)
    assert known.familiarity(film, np.zeros(1, np.int64)) == 0.5


def test_films_of_the_same_patient_do_not_make_each_other_familiar(centres, rng):
    films = np.repeat(cluster(centres[0], 10, rng), 2, axis=0)
    labels = np.zeros(20, dtype=np.int64)
    together = learn_familiar(films, labels, [str(n // 2) for n in range(20)], 1)
    apart = learn_familiar(films, labels, [str(n) for n in range(20)], 1)
    assert together.usual[0, 0] > apart.usual[0, 0] + 0.2


def test_with_three_films_of_a_label_nobody_can_say(centres, rng):
    familiar = learn_familiar(
        cluster(centres[0], 3, rng), np.zeros(3, dtype=np.int64), ["a", "b", "c"], 1
    )
    assert familiar.familiarity(cluster(centres[0], 1, rng), np.zeros(1, np.int64)) == 0.5


def head(familiar, centres):
    return LinearHead(
        centre=np.zeros(WIDTH, np.float32),
        scale=np.ones(WIDTH, np.float32),
        weights=np.concatenate([centres[:2], np.zeros((1, WIDTH))]).astype(np.float32),
        intercept=np.array([0, 0, -np.inf], np.float32),
        familiar=familiar,
    )


def test_the_catch_all_label_gets_what_was_never_seen(familiar, centres, rng):
    strange, known = cluster(centres[2], 30, rng), cluster(centres[0], 30, rng)
    one = head(familiar, centres)
    said = one.probabilities(np.concatenate([strange, known]), temperature=1.0, catch_all=2)
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert (said[:30].argmax(axis=1) == 2).all()
    assert (said[30:].argmax(axis=1) == 0).mean() > 0.9


def test_without_a_catch_all_what_was_never_seen_becomes_undecided(familiar, centres, rng):
    strange = cluster(centres[2], 30, rng)
    said = head(familiar, centres).probabilities(strange, temperature=1.0, catch_all=None)
    np.testing.assert_allclose(said, 1 / 3, atol=0.1)
