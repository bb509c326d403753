from collections import Counter

import numpy as np

from backend.detectors.core.film_choice import choose_films

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
