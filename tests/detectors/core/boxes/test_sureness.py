import numpy as np

from backend.detectors.core.boxes.sureness import learn_sureness, spread_of

TRUE = np.array([0.3, 0.3, 0.2, 0.2])


def opinions(films, wobble, rng):
    """Return six opinions a film on one box; the more they wobble, the more they are wrong."""
    off = rng.normal(0, 1, (films, 1, 1, 2)) * wobble
    apart = rng.normal(0, 1, (films, 6, 1, 2)) * wobble
    boxes = np.tile(TRUE, (films, 6, 1, 1))
    boxes[..., :2] += off + apart
    return boxes


def learnt(films=60):
    rng = np.random.default_rng(3)
    both = np.concatenate([opinions(films, 0.003, rng), opinions(films, 0.08, rng)])
    return learn_sureness(both, np.tile(TRUE, (len(both), 1, 1))), rng


def test_heads_that_agree_are_believed_and_heads_that_differ_are_not():
    sureness, rng = learnt()
    agreeing, differing = (
        sureness.probabilities(spread_of(opinions(40, wobble, rng))).mean()
        for wobble in (0.003, 0.08)
    )
    assert agreeing > 0.9
    assert differing < 0.3


def test_a_dozen_right_boxes_do_not_make_it_certain():
    rng = np.random.default_rng(0)
    few = opinions(12, 0.002, rng)
    sureness = learn_sureness(few, np.tile(TRUE, (12, 1, 1)))
    stated = sureness.probabilities(spread_of(few))
    assert np.median(stated) > 0.8
    assert stated.max() <= 13 / 14


def test_heads_that_are_further_apart_than_ever_are_not_believed_even_without_a_known_error():
    rng = np.random.default_rng(0)
    sureness = learn_sureness(opinions(40, 0.002, rng), np.tile(TRUE, (40, 1, 1)))
    assert sureness.probabilities(np.array([1.0])) < 0.3


def test_wider_spread_is_never_surer():
    sureness, _ = learnt()
    stated = sureness.probabilities(np.geomspace(1e-5, 1.0, 40))
    assert (np.diff(stated) <= 0).all()


def test_spread_is_a_share_of_the_box():
    small = opinions(5, 0.01, np.random.default_rng(1))
    assert np.allclose(spread_of(2 * small), spread_of(small))
