import numpy as np
import pytest

from backend.detectors.core.suspects import has_learnt, hidden_label
from tasks import detector_task

ROTATION, INVERSION = detector_task("rotation"), detector_task("inversion")


def said_of(truth, certainty=0.97):
    """What a good network says of the four views of a film turned `truth` times before."""
    views = np.full((4, 4), (1 - certainty) / 3)
    for view in range(4):
        views[view, (view + truth) % 4] = certainty
    return np.log(views)


@pytest.mark.parametrize("truth", range(4))
def test_a_film_that_was_turned_before_is_recognised_by_its_views(truth):
    assert hidden_label(said_of(truth)[None], ROTATION).tolist() == [truth]


def test_one_view_that_is_judged_wrong_makes_no_suspect():
    views = said_of(0)
    views[0] = said_of(2)[0]
    assert hidden_label(views[None], ROTATION).tolist() == [0]


def test_a_weak_network_that_calls_everything_turned_suspects_nothing():
    always = np.log(np.tile([0.05, 0.85, 0.05, 0.05], (30, 4, 1)))
    assert hidden_label(always, ROTATION).tolist() == [0] * 30


def test_an_inverted_film_is_found_among_normal_ones():
    normal, inverted = np.log([[0.9, 0.1], [0.2, 0.8]]), np.log([[0.1, 0.9], [0.8, 0.2]])
    assert hidden_label(np.stack([normal, inverted, normal]), INVERSION).tolist() == [0, 1, 0]


def test_no_films_give_no_suspects():
    assert hidden_label(np.zeros((0, 4, 4)), ROTATION).tolist() == []


@pytest.mark.parametrize(("right", "trusted"), [(16, True), (15, False), (20, True), (0, False)])
def test_networks_are_trusted_from_four_views_right_in_five(right, trusted):
    views = np.tile(np.eye(4), (5, 1, 1))
    wrong = views.reshape(20, 4)[right:]
    wrong[:] = np.roll(wrong, 1, axis=1)
    assert has_learnt(views) == trusted


def test_networks_that_judged_no_film_are_not_trusted():
    assert not has_learnt(np.zeros((0, 4, 4)))
