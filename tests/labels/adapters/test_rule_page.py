"""The page of a rule's cut-offs shows what films and files are called as text."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from backend.base.core.rule import Check
from backend.labels.adapters.rule_page import CheckSection, Example, FileList, rule_page
from backend.labels.core.cut_offs import spread_of

HOSTILE = '<img src=x onerror="alert(1)">&amp;{{ task }}'
CHECK = Check(
    label="too small",
    measure="size_px",
    cut_off="fewest_px",
    default=60,
    flags_above=False,
    meaning="the shorter side",
)


class Reader(HTMLParser):
    """Takes a page apart."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def section(check=CHECK, name="film.png"):
    film = Example(np.zeros((64, 64), np.uint8), 2000, 1000, name, 12.5)
    return CheckSection(
        check=check,
        cut_off=60.0,
        spread=spread_of(np.linspace(0, 200, 50), 60.0),
        flagged=[film, replace(film, copy_of=film)],
        passed=[],
        flagged_count=14,
        film_count=50,
        words=check.label,
    )


def test_hostile_names_are_shown_as_text():
    hostile = section(replace(CHECK, label=HOSTILE, meaning=HOSTILE), name=HOSTILE)
    page = Reader(rule_page(HOSTILE, [hostile], [FileList(HOSTILE, [(HOSTILE, HOSTILE)])]))
    assert all("onerror" not in attributes for _, attributes in page.elements)
    assert [a["src"][:11] for tag, a in page.elements if tag == "img"] == ["data:image/"] * 3
    assert page.words.count(HOSTILE) > 10
    assert [tag for tag, _ in page.elements].count("h1") == 1


def test_a_section_says_its_cut_off_and_how_to_move_it():
    page = Reader(rule_page("quality", [section()], []))
    assert "too small: 14 of 50 films" in page.words
    assert f"Flagged when {CHECK.measure} is less than 60." in page.words
    assert f"[cut_offs.quality] {CHECK.cut_off} = 60" in page.words
    assert "a copy of film.png, 2000 x 1000" in page.words
    assert "Passed, nearest to the cut-off first none" in page.words
    assert len([tag for tag, _ in page.elements if tag == "rect"]) == len(section().spread.counts)
