"""Pictures for review are as large as the largest cell they are shown in, and no larger."""

import functools
import math
import re
from io import BytesIO

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from backend.base.core.pixel_change import PixelChange
from backend.review.adapters.review_jpeg import LARGE_PX, RECIPE, THUMB_BOXES_PX, review_jpegs
from backend.review.adapters.screens.sheet_screen import best_columns, sheet_style

BESIDE_FILMS_PX, GAP_PX = 16, 3
"""Label Studio's padding left and right of the sheet; between two cells."""
WINDOWS = [(width, height) for width in range(1000, 2561, 60) for height in range(600, 1441, 60)]
FILMS = range(24, 61)
STYLE = sheet_style()


@functools.cache
def room(window):
    """Return width and height of the room for the films, in CSS pixels, as the style asks for."""
    top = int(re.search(r"--top:(\d+)px", STYLE)[1])
    bottom = sum(map(int, re.search(r"100vh - var\(--top\) - (\d+)px - (\d+)px", STYLE).groups()))
    return window[0] - BESIDE_FILMS_PX, window[1] - top - bottom


@functools.cache
def grids():
    """Return what the style says of each range of shapes: its ends, and its ranges of films."""
    found = []
    for block in STYLE.split("@container")[1:]:
        ends = [int(end) / 100 for end in re.findall(r"aspect-ratio:(\d+)/100", block)]
        told = re.findall(
            r"nth-child\((\d+)\)\)(?::not\(:has\(.lsf-choice:nth-child\((\d+)\)\)\))? "
            r"\{--cols:(\d+)\}",
            block,
        )
        ranges = [(int(first), int(after or 1000), int(columns)) for first, after, columns in told]
        found.append((ends[0], (*ends, math.inf)[1], ranges))
    return found


def columns_of(films, width, height):
    """Return the columns that the style gives a sheet."""
    for narrowest, widest, ranges in grids():
        if narrowest <= width / height < widest:
            for first, after, columns in ranges:
                if first <= films < after:
                    return columns
    raise AssertionError("no grid")


def cell(films, window):
    width, height = room(window)
    columns = columns_of(films, width, height)
    rows = math.ceil(films / columns)
    return (width - GAP_PX * (columns - 1)) / columns, (height - GAP_PX * (rows - 1)) / rows


@functools.cache
def cells():
    return {cell(films, window) for window in WINDOWS for films in FILMS}


def shown(aspect, box):
    """Return how wide a film of this width : height is drawn in a box."""
    return min(box[0], box[1] * aspect)


def test_the_style_gives_the_columns_that_it_means_to():
    for films in (24, 48, 60):
        assert columns_of(films, 1600 - 16, 1000 - 132) == best_columns(films, 1.89)


@pytest.mark.parametrize("aspect", np.geomspace(0.4, 2.5, 21))
def test_no_cell_of_a_sheet_enlarges_a_film_on_any_window_up_to_2560x1440(aspect):
    largest = max(shown(aspect, one) for one in cells())
    have = max(shown(aspect, box) for box in THUMB_BOXES_PX)
    assert largest <= have


@pytest.mark.parametrize("aspect", [0.7, 0.8, 1.0, 1.25, 1.4])
def test_no_thumbnail_is_larger_than_some_window_needs(aspect):
    needed = max(
        shown(aspect, cell(films, (2560, height)))
        for films in FILMS
        for height in range(1300, 1441, 4)
    )
    have = max(shown(aspect, box) for box in THUMB_BOXES_PX)
    assert have <= 1.01 * needed + 1


def packed(shape, change=None):
    film = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    return review_jpegs(imagecodecs.png_encode(film), "film.png", change)


def test_a_film_is_turned_before_it_is_made_to_fit():
    upright, turned = packed((1500, 1000)), packed((1500, 1000), PixelChange(turns_ccw=1))
    size = Image.open(BytesIO(turned.thumb.content)).size
    assert size[0] > size[1]
    assert any(size[0] <= w and size[1] <= h for w, h in THUMB_BOXES_PX)
    assert (upright.large.longest_px, turned.large.longest_px) == (LARGE_PX, LARGE_PX)


def test_a_thread_of_a_film_is_still_a_picture():
    assert packed((4000, 16)).thumb.longest_px == 412


def test_the_recipe_names_every_size():
    assert all(f"{w}x{h}" in RECIPE for w, h in THUMB_BOXES_PX) and str(LARGE_PX) in RECIPE
