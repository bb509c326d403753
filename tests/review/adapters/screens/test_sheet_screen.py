import math
import re

import pytest

from backend.review.adapters.screens.sheet_screen import MAX_FILMS, sheet_config_xml, sheet_style


def test_style_uses_no_sign_that_label_studio_escapes():
    assert not set(sheet_style()) & set("<>&")


def test_every_brace_of_the_style_is_closed():
    style = sheet_style()
    assert style.count("{") == style.count("}")


def test_config_keeps_the_style_as_it_is():
    config = sheet_config_xml()
    assert sheet_style() in config


WINDOWS = {"1280x720": 1264 / 588, "1600x1000": 1584 / 868, "2560x1440": 2544 / 1308}


def columns_of(films, shape):
    """Return the columns that the style gives a sheet in room of this width : height."""
    found = []
    for block in re.findall(
        r"@container films (.*) \{\n([^}]*(?:\}\n[^}]+)*)\}\n\}", sheet_style()
    ):
        bounds = [int(each) / 100 for each in re.findall(r"min-aspect-ratio:(\d+)/100", block[0])]
        if bounds[0] <= shape < (*bounds, 99)[1]:
            found += [columns for *some, columns in rules(block[1]) if some[0] <= films <= some[1]]
    (columns,) = found
    return columns


def rules(block):
    """Return (first film count, last film count, columns) of each grid."""
    for selector, columns in re.findall(r"(.*) \{--cols:(\d+)", block):
        first, *after = map(int, re.findall(r"nth-child\((\d+)\)", selector))
        yield first, (*after, MAX_FILMS + 1)[0] - 1, int(columns)


@pytest.mark.parametrize("shape", [0.6, 1.0, 1.4, *WINDOWS.values(), 2.6, 3.6])
def test_one_grid_is_chosen_for_every_number_of_films_on_every_screen(shape):
    for films in range(1, MAX_FILMS + 1):
        assert 1 <= columns_of(films, shape) <= films


@pytest.mark.parametrize("window", WINDOWS)
def test_no_other_grid_has_cells_more_than_3_percent_larger(window):
    shape = WINDOWS[window]

    def side(films, columns):
        return min(shape / columns, 1 / math.ceil(films / columns))

    for films in range(1, MAX_FILMS + 1):
        largest = max(side(films, columns) for columns in range(1, films + 1))
        assert side(films, columns_of(films, shape)) > 0.97 * largest
