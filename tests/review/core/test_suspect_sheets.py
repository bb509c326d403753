"""Sheets of what a rule suspects: one check each, the worst first, the cut-off between them."""

import numpy as np
import pytest

from backend.base.core.rule import Check, FilmFacts, rule_of_checks
from backend.labels.core.labels import Slice
from backend.labels.core.suspicion import FEWEST_ANSWERS, suspicions
from backend.review.core.suspect_sheets import BEYOND, INSIDE, suspect_sheets

SHEET = 24


def check(label, measure):
    return Check(
        label=label,
        measure=measure,
        cut_off=measure,
        default=0.5,
        flags_above=False,
        meaning="made up",
    )


RULE = rule_of_checks([check("pale", "range"), check("dark", "light")], "fine")


@pytest.fixture
def facts():
    """300 good films, 100 pale ones, 30 dark ones; a higher number is less bad."""
    rng = np.random.default_rng(4)
    good = {
        f"good{number:03}": FilmFacts(measures={"range": pale, "light": dark})
        for number, (pale, dark) in enumerate(rng.normal(0.8, 0.02, (300, 2)).tolist())
    }
    pale = {
        f"pale{number:03}": FilmFacts(measures={"range": value, "light": 0.8})
        for number, value in enumerate(np.linspace(0.0, 0.45, 100))
    }
    dark = {
        f"dark{number:03}": FilmFacts(measures={"range": 0.8, "light": value})
        for number, value in enumerate(np.linspace(0.0, 0.45, 30))
    }
    return good | pale | dark


def sheets(facts, called_bad=None, busy=(), films=1000):
    said = called_bad or {}
    found = suspicions(RULE, facts, {}, said)
    taken = {*busy, *said}
    return suspect_sheets(found, said, taken, films=films, sheet_films=SHEET)


def test_each_sheet_is_of_one_check_and_the_worst_come_first(facts):
    first, second, *_ = sheets(facts)
    assert (first.label, first.side) == ("pale", BEYOND)
    assert (second.label, second.side) == ("dark", BEYOND)
    assert first.radiograph_ids == tuple(f"pale{number:03}" for number in range(SHEET))
    assert first.slice is Slice.LIKELY


def test_the_cut_off_lies_between_two_sheets(facts):
    dark = [sheet for sheet in sheets(facts) if sheet.label == "dark"]
    assert [sheet.side for sheet in dark] == [BEYOND, BEYOND, INSIDE]
    assert all(film.startswith("good") for film in dark[-1].radiograph_ids)
    assert dark[-1].slice is Slice.UNCERTAIN


def test_a_check_gets_no_more_films_than_it_takes_to_learn_its_cut_off(facts):
    pale = [sheet for sheet in sheets(facts) if (sheet.label, sheet.side) == ("pale", BEYOND)]
    shown = sum(len(sheet.radiograph_ids) for sheet in pale)
    assert FEWEST_ANSWERS <= shown < FEWEST_ANSWERS + SHEET


def test_no_film_is_shown_twice_and_no_busy_one_at_all(facts):
    busy = {"pale000", "dark000"}
    shown = [film for sheet in sheets(facts, busy=busy) for film in sheet.radiograph_ids]
    assert len(shown) == len(set(shown))
    assert not busy & set(shown)


def test_no_more_films_are_shown_than_were_asked_for(facts):
    shown = [film for sheet in sheets(facts, films=30) for film in sheet.radiograph_ids]
    assert len(shown) == 30


def test_where_all_of_the_first_sheets_are_fine_a_check_asks_no_more(facts):
    fine = {f"pale{number:03}": False for number in range(72)}
    assert not [sheet for sheet in sheets(facts, fine) if sheet.label == "pale"]


def test_where_suspects_are_bad_the_films_inside_are_asked_about_next(facts):
    bad = {f"pale{number:03}": True for number in range(100)}
    pale = [sheet for sheet in sheets(facts, bad) if sheet.label == "pale"]
    assert [sheet.side for sheet in pale] == [INSIDE]


def test_an_archive_without_suspects_is_asked_nothing(facts):
    good = {film: known for film, known in facts.items() if film.startswith("good")}
    assert sheets(good) == []
