import numpy as np
import pytest

from backend.detectors.core.boxes.figures import box_figures

TRUE = np.tile(np.array([[0.2, 0.3, 0.2, 0.2], [0.6, 0.3, 0.2, 0.2]]), (10, 1, 1))
SIZE = np.tile([100, 100], (10, 1))
PATIENTS = [f"p{n}" for n in range(10)]


def measure(found, truth=TRUE):
    return box_figures(found, truth, SIZE, PATIENTS, rng=np.random.default_rng(0))


def test_a_film_is_good_only_when_all_its_boxes_are():
    found = TRUE.copy()
    found[0, 1, 0] += 0.1  # overlap a third
    figures = measure(found)
    assert figures.films_good.value == pytest.approx(0.9)
    assert figures.errors == 1
    assert figures.mean_overlap.value == pytest.approx((19 + 1 / 3) / 20)


def test_ten_films_without_an_error_are_no_proof():
    figures = measure(TRUE)
    assert figures.films_good.value == 1.0
    assert figures.films_good.low == pytest.approx(0.6915, abs=1e-4)


def test_a_box_that_is_not_on_the_film_is_not_counted():
    truth = TRUE.copy()
    truth[:5, 0] = np.nan
    figures = measure(TRUE, truth)
    assert figures.boxes == 15
    assert figures.films_good.value == 1.0


def test_the_interval_of_the_corner_error_holds_its_value():
    found = TRUE.copy()
    found[:, :, 0] += np.linspace(0, 0.05, 10)[:, None]
    error = measure(found).corner_error_px
    assert error.value == pytest.approx(2.5)
    assert error.low < 2.5 < error.high
