from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.tiny_network import shrink
from backend.detectors.adapters.training.view_painter import paint
from backend.detectors.core.augment import Changes, draw_views

ALL_CHANGES = [
    PixelChange(turns, mirror, invert)
    for turns in range(4)
    for mirror in (False, True)
    for invert in (False, True)
]
AS_IT_IS = draw_views(1, frozenset(), np.random.default_rng(0))


@pytest.fixture
def film():
    return np.random.default_rng(0).integers(0, 256, (1, 32, 32), dtype=np.uint8)


def as_arrays(change):
    return Changes(*(np.array([part]) for part in (change.turns_ccw, change.mirror, change.invert)))


def painted(film, look=AS_IT_IS, change=ALL_CHANGES[0]):
    large = torch.from_numpy(film)[:, None].float() / 255
    return paint(large, look, as_arrays(change))[0, 0].numpy()


def look(**values):
    return replace(AS_IT_IS, **{name: np.array([value]) for name, value in values.items()})


@pytest.mark.parametrize("change", ALL_CHANGES, ids=str)
def test_a_changed_film_is_painted_as_the_detector_will_see_it(film, change):
    seen = shrink(change.apply(film, white=255), 16)[0, 0].numpy()
    np.testing.assert_allclose(painted(film, change=change), seen, atol=1e-6)


@pytest.fixture
def spot():
    """A black film with a bright spot near the upper left corner."""
    film = np.zeros((1, 64, 64), dtype=np.uint8)
    film[0, 14:18, 14:18] = 255
    return film


def brightest(picture):
    return np.unravel_index(picture.argmax(), picture.shape)


def test_a_shift_moves_right_and_down(spot):
    row, column = brightest(painted(spot, look(shift_right=0.25, shift_down=0.125)))
    assert (row, column) == pytest.approx((7.5 + 4, 7.5 + 8), abs=1)


def test_zoom_below_one_shows_more_border(spot):
    row, column = brightest(painted(spot, look(zoom=0.5)))
    assert (row, column) == pytest.approx((11.5, 11.5), abs=1)
    assert painted(spot, look(zoom=0.5, border=1.0))[0, 0] == pytest.approx(1.0)


def test_a_tilt_turns_counter_clockwise(spot):
    turned = brightest(painted(spot, look(tilt_ccw_degrees=90.0)))
    quarter = brightest(painted(spot, change=PixelChange(turns_ccw=1)))
    assert turned == pytest.approx(quarter, abs=1)


def test_mirroring_comes_before_the_turn(spot):
    mirrored = painted(spot, look(mirror=True), PixelChange(turns_ccw=1))
    changed = painted(spot, change=PixelChange(turns_ccw=1, mirror=True))
    np.testing.assert_allclose(mirrored, changed, atol=1e-6)


def test_exposure_comes_before_inversion(film):
    washed_out = painted(film, look(gain=0.3, offset=0.5), PixelChange(invert=True))
    assert washed_out.min() >= 1 - (0.3 + 0.5) - 1e-6
    assert washed_out.max() <= 1 - 0.5 + 1e-6


def test_grey_stays_between_black_and_white(film):
    picture = painted(film, look(gain=1.3, offset=0.15, gamma=0.5))
    assert picture.min() >= 0.0
    assert picture.max() <= 1.0
