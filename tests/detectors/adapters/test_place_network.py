"""Place heads, on phantoms: rods of metal are found where they were drawn."""

import numpy as np
import pytest
import torch

from backend.detectors.adapters.place_detector import (
    PLACES,
    WIDTH,
    PlaceHead,
    PlaceHeads,
    parse_places,
    place_backbone,
    place_bytes,
)
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.adapters.training.place_trainer import (
    PaintedFilms,
    draw_on,
    drawings,
    fit_places,
    ticks,
)
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.metal_exposure import Exposure, exposed, transmission
from backend.phantoms.core.metal_pieces import STEEL, Bar, Raster, total_depth

pytestmark = pytest.mark.trains

FILMS = 4


def with_a_rod(film, rng):
    """Draw one thick rod anywhere: what a head learns in a few steps."""
    height_mm = 400.0
    middle, angle = rng.uniform(100, 300, 2), rng.uniform(0, np.pi)
    half = 60 * np.array([np.cos(angle), np.sin(angle)])
    rod = Bar(np.stack([middle - half, middle + half]), 12.0, per_mm=STEEL)
    mm_per_px = height_mm / len(film)
    raster = Raster(len(film), film.shape[1], mm_per_px, column_px=0.0)
    through = transmission(total_depth([rod], raster), 1)
    shown = exposed(film, through, mm_per_px, Exposure(scatter=0.1, blur_mm=0.3), rng)
    return shown, 1 - through


@pytest.fixture(scope="module", autouse=True)
def one_core():
    with one_core_each():
        yield


@pytest.fixture(scope="module")
def thumbnails():
    films = [chest_phantom(np.random.default_rng([3, n]), 300)[:256, :256] for n in range(FILMS)]
    return (np.stack(films) * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def drawn(thumbnails):
    return draw_on(thumbnails, with_a_rod)


@pytest.fixture(scope="module")
def head(drawn):
    return fit_places(drawn, place_backbone("cpu"))


def test_few_films_are_drawn_on_several_times_and_many_once():
    assert drawings(10) == 60
    assert drawings(700) == 700
    assert drawings(0) == 0


def test_places_that_hold_something_are_marked(thumbnails, drawn):
    assert drawn.thumbnails.shape == (drawings(len(thumbnails)), 256, 256)
    assert drawn.there.shape == (len(drawn.thumbnails), PLACES, PLACES)
    before = thumbnails[np.arange(len(drawn.thumbnails)) % len(thumbnails)]
    changed = (drawn.thumbnails != before).reshape(-1, PLACES, 4, PLACES, 4).any(axis=(2, 4))
    assert 0.005 < drawn.there.mean() < 0.1
    assert (changed & drawn.there).sum() > 0.99 * drawn.there.sum()


def test_a_trained_head_finds_what_was_drawn_on_a_film_it_never_saw(head):
    film = chest_phantom(np.random.default_rng(77), 300)[:256, :256]
    shown, held_back = with_a_rod(film, np.random.default_rng(5))
    views = (np.stack([film, shown]) * 255).astype(np.uint8)
    clean, found = head.logits(place_backbone("cpu").maps(views))
    there = held_back.reshape(PLACES, 4, PLACES, 4).max(axis=(1, 3)) > 0.5
    assert found.max() > clean.max()
    assert found[there].mean() > found[~there].mean() + 3


@pytest.mark.slow
def test_the_same_seed_trains_the_same_head(drawn):
    few, backbone = PaintedFilms(drawn.thumbnails[:8], drawn.there[:8]), place_backbone("cpu")
    maps = backbone.maps(few.thumbnails[:2])
    one, same, other = (fit_places(few, backbone, seed=seed).logits(maps) for seed in (1, 1, 2))
    np.testing.assert_allclose(one, same, rtol=1e-4, atol=1e-4)
    assert not np.allclose(one, other, atol=1e-2)


@pytest.mark.slow
def test_progress_is_told_as_often_as_was_said(thumbnails):
    told = []
    few = draw_on(thumbnails[:2], with_a_rod, progress=lambda: told.append("drawn"))
    fit_places(few, place_backbone("cpu"), progress=lambda: told.append("step"))
    assert len(told) == ticks(2)


def test_a_head_is_not_asked_about_films_of_patients_it_has_seen(thumbnails, head):
    torch.manual_seed(4)
    other = PlaceHead().eval()
    both = PlaceHeads((head, other), "cpu")
    alone = [PlaceHeads((one,), "cpu").summaries(thumbnails[:2]) for one in (head, other)]
    unseen = both.summaries(thumbnails[:2], np.array([0, 1]))
    np.testing.assert_allclose(unseen[0], alone[1][0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(unseen[1], alone[0][1], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        both.summaries(thumbnails[:2]), (alone[0] + alone[1]) / 2, rtol=1e-5, atol=1e-5
    )


def test_what_was_saved_says_the_same(thumbnails, head):
    torch.manual_seed(4)
    both = PlaceHeads((head, PlaceHead().eval()), "cpu")
    again = parse_places(place_bytes(both), "cpu")
    np.testing.assert_allclose(
        again.summaries(thumbnails[:3]), both.summaries(thumbnails[:3]), rtol=1e-5, atol=1e-5
    )


def test_no_film_gives_no_summary(head):
    nothing = np.zeros((0, 256, 256), np.uint8)
    assert PlaceHeads((head,), "cpu").summaries(nothing).shape == (0, WIDTH)
