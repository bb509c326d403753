import numpy as np
import pytest

from backend.base.core.errors import InputFileError
from backend.base.core.rule import Check, FilmFacts, rule_of_checks
from backend.labels.core.cut_offs import sides_of, spread_of


def check(label, measure, *, flags_above):
    cut_off = f"{measure}_cut_off"
    return Check(
        label=label,
        measure=measure,
        cut_off=cut_off,
        default=0.5,
        flags_above=flags_above,
        meaning="made up",
    )


DARK, BRIGHT = check("dark", "low", flags_above=False), check("bright", "high", flags_above=True)
RULE = rule_of_checks([DARK, BRIGHT], "fine")


def label(**measures):
    return RULE.decide(FilmFacts(measures=measures), RULE.cut_offs)


def test_the_first_check_that_flags_a_film_names_it():
    assert label(low=0.1, high=0.9) == "dark"
    assert label(low=0.9, high=0.9) == "bright"
    assert label(low=0.5, high=0.5) == "fine"


def test_what_was_not_measured_flags_nothing_and_nothing_measured_tells_nothing():
    assert label(high=0.1) == "fine"
    assert label() is None


def test_a_misspelt_cut_off_is_refused():
    with pytest.raises(InputFileError, match=r"cut_offs\.quality\.lo"):
        RULE.adjusted("quality", {"lo": 1.0})


def test_the_examples_are_nearest_to_the_cut_off_first():
    values = np.array([0.9, 0.1, 0.49, 0.51, 0.3])
    sides = sides_of(values, 0.5, DARK, 2)
    assert (sides.flagged, sides.passed, sides.flagged_count) == ((2, 4), (3, 0), 3)


def test_the_histogram_counts_every_film_and_holds_the_cut_off():
    spread = spread_of(np.array([1.0, 2.0, 2.0]), 5.0)
    assert sum(spread.counts) == 3
    assert spread.place(5.0) == 1.0
