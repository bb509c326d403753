import numpy as np
import pytest
from scipy import ndimage

from backend.phantoms.core.metal_exposure import Exposure, exposed, transmission

NO_SCATTER = Exposure(scatter=0.0, blur_mm=0.0)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def flat(grey):
    return np.full((120, 120), grey, np.float32)


def plate(through):
    """Metal over the right half."""
    return np.where(np.arange(120)[None] >= 60, through, 1.0).repeat(120, axis=0).astype(np.float32)


def test_metal_takes_its_share_of_what_would_have_reached_the_film(rng):
    shown = exposed(flat(0.2), plate(np.exp(-1.5)), 1.0, NO_SCATTER, rng)
    assert shown[60, 110] == pytest.approx(1 - 0.8 * np.exp(-1.5), abs=1e-3)


def test_a_film_without_metal_stays_as_it_is(rng):
    film = rng.random((120, 120), np.float32)
    np.testing.assert_array_equal(exposed(film, plate(1.0), 1.0, Exposure(0.4, 0.3), rng), film)


def test_scatter_leaves_thick_metal_grey(rng):
    shown = exposed(flat(0.5), plate(0.0), 1.0, Exposure(scatter=0.4, blur_mm=0.0), rng)
    assert shown[60, 110] == pytest.approx(1 - 0.4 * 0.5, abs=0.01)


def test_thick_metal_without_scatter_is_white_and_no_whiter(rng):
    shown = exposed(flat(0.9), plate(0.0), 1.0, NO_SCATTER, rng)
    assert shown.max() == pytest.approx(1.0)


def test_thick_metal_hides_what_lies_behind(rng):
    film = flat(0.3)
    film[::8] = 0.6
    shown = exposed(film, plate(0.0), 1.0, Exposure(scatter=0.3, blur_mm=0.0), rng)
    assert shown[20:100, 100].std() < 0.1 * film[20:100, 100].std()


@pytest.mark.parametrize(("blur_mm", "fewest"), [(0.5, 2), (3.0, 8)])
def test_the_edge_of_metal_is_as_blurred_as_the_film(rng, blur_mm, fewest):
    shown = exposed(flat(0.2), plate(0.1), 1.0, Exposure(0.1, blur_mm), rng)
    between = (shown[60] > 0.25) & (shown[60] < 0.85)
    assert between.sum() >= fewest
    assert np.all(np.diff(shown[60]) >= -1e-6)


def test_grain_is_less_where_less_gets_through_but_not_in_proportion(rng):
    film = (0.5 + 0.02 * rng.standard_normal((120, 120))).astype(np.float32)
    shown = exposed(film, plate(0.25), 1.0, NO_SCATTER, rng)
    before, behind = film[:, 70:].std(), shown[:, 70:].std()
    assert 0.25 * before * 1.5 < behind < 0.7 * before


def test_a_wire_thinner_than_a_pixel_holds_back_less():
    depth = np.zeros((8, 8), np.float32)
    depth[:, 1] = 5.0
    through = transmission(depth, 4)
    np.testing.assert_allclose(through[:, 0], 0.75 + 0.25 * np.exp(-5.0), rtol=1e-6)
    np.testing.assert_array_equal(through[:, 1], 1.0)


def test_exposures_differ_within_their_limits(rng):
    drawn = [Exposure.draw(rng) for _ in range(50)]
    assert 0.04 <= min(one.scatter for one in drawn) < max(one.scatter for one in drawn) <= 0.65
    assert ndimage.standard_deviation([one.blur_mm for one in drawn]) > 0.05
