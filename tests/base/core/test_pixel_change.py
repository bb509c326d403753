from itertools import product

import numpy as np
import pytest

from backend.base.core.pixel_change import UNCHANGED, PixelChange

EVERY_CHANGE = [
    PixelChange(turns, mirror, invert)
    for turns, mirror, invert in product(range(4), (False, True), (False, True))
]

every_change = pytest.mark.parametrize("change", EVERY_CHANGE, ids=str)


@pytest.fixture
def pixels():
    return np.random.default_rng(3).integers(0, 256, (2, 3, 5), dtype=np.uint8)


@every_change
def test_inverse_gives_the_pixels_back(change, pixels):
    there_and_back = change.inverse().apply(change.apply(pixels, 255), 255)
    np.testing.assert_array_equal(there_and_back, pixels)


@every_change
def test_inverse_as_one_change_is_no_change(change):
    assert change.then(change.inverse()) == UNCHANGED


@every_change
@pytest.mark.parametrize("later", EVERY_CHANGE[::3], ids=str)
def test_then_equals_one_change_after_the_other(change, later, pixels):
    one_by_one = later.apply(change.apply(pixels, 255), 255)
    np.testing.assert_array_equal(change.then(later).apply(pixels, 255), one_by_one)


def test_a_quarter_turn_is_counter_clockwise():
    film = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    assert PixelChange(turns_ccw=1).apply(film, 255).tolist() == [[2, 4], [1, 3]]


def test_apply_leaves_its_input_alone(pixels):
    before = pixels.copy()
    PixelChange(1, True, True).apply(pixels, 255)
    np.testing.assert_array_equal(pixels, before)


def test_more_than_three_turns_are_refused():
    with pytest.raises(ValueError, match="0, 1, 2 or 3, got 4"):
        PixelChange(turns_ccw=4)
