import numpy as np
import pytest

from backend.review.core.ranking.outlying import outlying_features, outlying_pixels, stranger_than


def test_a_film_unlike_the_rest_is_the_farthest_out():
    rng = np.random.default_rng(8)
    gradient = np.linspace(40, 200, 256)
    sketches = np.clip(gradient + rng.normal(0, 8, (120, 256)), 0, 255).astype(np.uint8)
    sketches[77] = sketches[77][::-1]
    assert outlying_pixels(sketches).argmax() == 77


def test_features_unlike_the_rest_are_the_farthest_out():
    features = np.random.default_rng(3).normal(5, 1, (200, 40)).astype(np.float32)
    features[31] += 4
    strange = outlying_features(features)
    assert strange.argmax() == 31
    assert np.median(strange) == pytest.approx(1, abs=0.15)


def test_brightness_and_contrast_alone_make_no_outlier():
    rng = np.random.default_rng(8)
    sketches = np.clip(rng.normal(120, 20, (120, 256)), 0, 255)
    darker = np.r_[sketches, 0.5 * sketches[:1] + 3].astype(np.uint8)
    found = outlying_pixels(darker)
    assert found[-1] == pytest.approx(found[0], rel=0.05)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_films_to_compare_are_all_ordinary(count):
    assert outlying_pixels(np.zeros((count, 256), dtype=np.uint8)).tolist() == [0.0] * count
    assert outlying_features(np.zeros((count, 9), dtype=np.float32)).tolist() == [0.0] * count


def test_identical_films_are_all_ordinary():
    assert outlying_pixels(np.full((9, 256), 7, dtype=np.uint8)).tolist() == [0.0] * 9


def test_a_film_that_is_strange_in_two_ways_comes_before_one_that_is_strange_in_one():
    one = np.array([1.0, 5.0, 4.0, 0.9])
    other = np.array([1.0, 0.5, 9.0, 0.9])
    assert stranger_than(one, other).argmax() == 2


def test_films_that_are_strange_alike_share_their_place():
    assert stranger_than(np.zeros(5)).tolist() == [0.0] * 5


def test_no_film_is_stranger_than_none():
    assert stranger_than(np.zeros(0)).shape == (0,)
