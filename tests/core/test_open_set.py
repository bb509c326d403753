"""What was never labelled is strange; what was labelled is not."""

import numpy as np
import pytest

from backend.core.linear_head import LinearHead
from backend.core.open_set import learn_familiar

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
