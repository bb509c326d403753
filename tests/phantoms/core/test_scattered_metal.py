import numpy as np
import pytest

from backend.detectors.adapters.place_detector import BEST, GRID, WIDTH, place_summary
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.scattered_metal import with_scattered_metal


@pytest.fixture(scope="module")
def film():
    drawn = chest_phantom(np.random.default_rng(6), 256)
    return np.ascontiguousarray(drawn[:200, :200])


def scattered(film, seed):
    return with_scattered_metal(film, np.random.default_rng([2, seed]))


@pytest.mark.parametrize("seed", range(6))
def test_the_film_is_brighter_where_metal_holds_the_beam_back(film, seed):
    shown, held_back = scattered(film, seed)
    assert shown.shape == held_back.shape == film.shape
    assert 0.0 <= held_back.min() <= 0.01 < held_back.max() <= 1.0
    thick = held_back > 0.3
    assert (shown - film)[thick].mean() > 0.02
    far = held_back == 0
    assert np.abs((shown - film)[far]).mean() < 0.002


def test_metal_lies_in_every_quarter_of_the_film_at_times(film):
    seen = np.mean([scattered(film, seed)[1] > 0.3 for seed in range(60)], axis=0)
    quarters = seen.reshape(2, 100, 2, 100).mean(axis=(1, 3))
    assert quarters.min() > 0.0005


def test_the_same_seed_scatters_the_same_and_leaves_the_film_alone(film):
    before = film.copy()
    (first, _), (again, _), (other, _) = (scattered(film, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(film, before)


def test_a_black_film_can_be_drawn_on_too():
    shown, held_back = scattered(np.zeros((64, 64), np.float32), 1)
    assert shown.max() > 0.1
    assert held_back.max() > 0.1


def test_one_sure_place_outweighs_many_doubtful_ones_in_the_best_place_only():
    maps = np.full((2, 64, 64), -8.0)
    maps[0, 10, 50] = 4.0
    maps[1, :10, :10] = 0.0
    clip, haze = place_summary(maps)
    assert clip[0] > haze[0]
    assert clip[BEST.index(100)] < haze[BEST.index(100)]


def test_the_summary_tells_where_the_best_places_are():
    maps = np.full((1, 64, 64), -8.0)
    maps[0, 5, 60] = 3.0
    summary = place_summary(maps)
    assert summary.shape == (1, WIDTH)
    where = summary[0, len(BEST) :].reshape(GRID, GRID)
    assert np.argwhere(where > 1).tolist() == [[0, 3]]
