import re

import pytest

from backend.core.sheet_screen import sheet_config_xml, sheet_style
from tasks import load_detector_tasks


def test_style_uses_no_sign_that_label_studio_escapes():
    assert not set(sheet_style()) & set("<>&")


def test_every_brace_of_the_style_is_closed():
    style = sheet_style()
    assert style.count("{") == style.count("}")


def test_config_keeps_the_style_as_it_is():
    config = sheet_config_xml(load_detector_tasks()["rotation"])
    assert sheet_style() in config


def grids(media):
    """Return (first film count, columns, rows) of each grid rule for one kind of screen."""
    rules = re.findall(r"@media (.*) \{\n\.sheet(.*) \{--cols:(\d+); --rows:(\d+)\}", sheet_style())
    for screen, selector, columns, rows in rules:
        if ("not all" in screen) == (media == "usual"):
            first = re.search(r"^:has\(.*?nth-child\((\d+)\)", selector)
            yield int(first.group(1)) if first else 1, int(columns), int(rows)


@pytest.mark.parametrize("media", ["usual", "wide"])
@pytest.mark.parametrize("films", [1, 5, 6, 7, 12, 13, 24, 25, 40, 41, 48, 50, 51, 60])
def test_there_is_a_cell_for_every_film_on_every_screen(media, films):
    fitting = [(columns, rows) for first, columns, rows in grids(media) if first <= films]
    columns, rows = fitting[-1]
    assert films <= columns * rows
