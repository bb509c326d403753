import numpy as np
import pytest

from backend.archive.core.grey_mapping import GreyRules, show
from backend.archive.core.shutter import Shutter

WHOLE = (200, 160)


@pytest.fixture
def ramp():
    return np.add.outer(np.arange(200), np.arange(160)).astype(np.uint16)


def test_a_rectangle_leaves_what_lies_between_its_edges():
    is_open = Shutter(whole=WHOLE, rectangle=(30, 130, 30, 170)).open_at(*WHOLE)
    assert is_open[30:170, 30:130].all() and is_open.sum() == 140 * 100


def test_a_circle_leaves_a_disc_in_a_reduced_picture_too():
    shutter = Shutter(whole=WHOLE, circle=(100, 80, 50))
    whole, half = shutter.open_at(200, 160), shutter.open_at(100, 80)
    assert whole.sum() == pytest.approx(np.pi * 50**2, rel=0.01)
    assert half.sum() == pytest.approx(whole.sum() / 4, rel=0.03)


def test_a_polygon_leaves_its_inside():
    corners = ((20, 20), (20, 120), (120, 120), (120, 20))
    is_open = Shutter(whole=WHOLE, polygon=corners).open_at(*WHOLE)
    assert is_open[20:120, 20:120].all() and is_open.sum() == 100 * 100


def test_outside_a_shutter_a_film_is_black_even_where_it_is_inverted(ramp):
    shutter = Shutter(whole=WHOLE, rectangle=(30, 130, 30, 170))
    shown = show(ramp, GreyRules(bits_stored=12, is_monochrome1=True, shutter=shutter))
    assert not shown.pixels[:30].any() and not shown.pixels[:, 130:].any()
    assert shown.pixels[40, 40] > 200
    assert shown.steps[-1] == "shutter: shown black outside"


def test_what_lies_outside_does_not_stretch_the_greys(ramp):
    ramp[:30] = 4095
    shutter = Shutter(whole=WHOLE, rectangle=(0, 160, 30, 200))
    assert show(ramp, GreyRules(bits_stored=12, shutter=shutter)).pixels[40:].std() > 50


def test_a_shutter_that_hides_the_film_is_ignored_and_named(ramp):
    shutter = Shutter(whole=WHOLE, rectangle=(500, 600, 500, 600))
    shown = show(ramp, GreyRules(bits_stored=12, shutter=shutter))
    assert shown.pixels.std() > 50
    assert shown.steps[-1] == "shutter ignored: it would hide the film"
