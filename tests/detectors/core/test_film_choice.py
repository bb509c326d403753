from collections import Counter

import numpy as np
import pytest

from backend.detectors.core.film_choice import answer_folds, choose_films

KEY = b"archive key"
# Patient 0 has 30 films, the nine others have two each.
FILMS = [(f"film{i}", "p0") for i in range(30)] + [
    (f"film{30 + i}", f"p{1 + i // 2}") for i in range(18)
]


def choose(films, count, purpose="train", key=KEY):
    places = choose_films(films, count, purpose=purpose, archive_key=key)
    return [films[place] for place in places]


def test_every_patient_gives_a_film_before_any_gives_a_second():
    assert Counter(patient for _, patient in choose(FILMS, 10)) == {f"p{i}": 1 for i in range(10)}
    counts = Counter(patient for _, patient in choose(FILMS, 20))
    assert set(counts.values()) == {2}


def test_all_films_are_chosen_where_there_are_few():
    assert choose(FILMS, 1000) == FILMS


def test_none_are_chosen_of_none_or_where_none_are_wanted():
    assert choose([], 5) == []
    assert choose(FILMS, 0) == []


def test_the_choice_does_not_depend_on_the_order_of_the_films():
    shuffled = [FILMS[i] for i in np.random.default_rng(0).permutation(len(FILMS))]
    assert set(choose(FILMS, 15)) == set(choose(shuffled, 15))


def test_other_films_are_chosen_for_another_purpose_or_with_another_key():
    assert choose(FILMS, 15) != choose(FILMS, 15, purpose="judge")
    assert choose(FILMS, 15) != choose(FILMS, 15, key=b"another")


def test_a_film_that_comes_later_displaces_at_most_one():
    before = set(choose(FILMS, 15))
    after = set(choose([*FILMS, ("new", "p99")], 15))
    assert len(before - after) <= 1


def folds_of_label(labels, patients, folds):
    """Return by label the folds of its films, for labels of several patients."""
    dealt = answer_folds(labels, patients, folds)
    return {
        label: set(dealt[labels == label].tolist())
        for label in set(labels.tolist())
        if len({patients[film] for film in np.flatnonzero(labels == label)}) > 1
    }


@pytest.mark.parametrize("folds", [3, 5])
def test_no_label_of_several_patients_lies_in_one_fold(folds):
    alone = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        films, people = int(rng.integers(6, 40)), int(rng.integers(3, 15))
        labels = rng.choice(4, films, p=[0.7, 0.15, 0.1, 0.05])
        patients = [f"p{number}" for number in rng.integers(0, people, films)]
        alone += sum(len(where) < 2 for where in folds_of_label(labels, patients, folds).values())
    assert alone == 0


def test_folds_that_spread_every_label_are_not_changed():
    labels, patients = np.array([0, 0, 0, 1, 1, 0]), ["a", "b", "b", "c", "d", "e"]
    assert answer_folds(labels, patients, 2).tolist() == [0, 1, 1, 0, 1, 0]
