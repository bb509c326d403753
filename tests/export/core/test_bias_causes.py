"""Each cause is told once, however many names its films have; what is no group is not compared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from backend.export.core.bias import bias_report, is_sentence
from backend.export.core.bias_causes import chance_in_strata
from backend.export.core.bias_comparison import Comparability, Exclusions, Limits
from backend.export.core.bias_groups import UNKNOWN, Attribute, compared_groups


def report_of(table, excluded, sources=(), patients=None, limits=None):
    """Compare films by the columns of a table: for each attribute one group a film.

    Args:
        table: attribute -> groups, one per film.
        excluded: detector task -> numbers of the films that it excludes.
        sources: attributes that say where a film comes from.
        patients: one per film; None: each film is of another.
        limits: of what a group may lose.
    """
    films = len(next(iter(table.values())))
    attributes = [
        Attribute(name, [(group,) for group in groups], name in sources)
        for name, groups in table.items()
    ]
    lost = [Exclusions(name, np.isin(np.arange(films), out)) for name, out in excluded.items()]
    people = patients or [str(film) for film in range(films)]
    return bias_report(attributes, lost, people, limits or Limits())


def test_sex_view_and_age_unknown_of_the_same_films_are_one_finding_named_together():
    unknown = [UNKNOWN] * 100
    table = {
        "age": [*unknown, *["40-59"] * 300],
        "sex": [*unknown, *["F", "M"] * 150],
        "view": [*unknown, *["PA"] * 300],
    }
    report = report_of(table, {"rotation": [*range(40), 200, 300]})
    (cause,) = report.causes
    assert cause.lead.named == "age, sex and view unknown"
    assert not cause.same
    assert "rotation excludes 40 of 100 films" in cause.sentence()
    assert "with age, sex and view unknown, and 2 of 300 others" in cause.sentence()
    assert report.as_json()["groups"][0]["also"] == [
        {"attribute": "sex", "group": UNKNOWN},
        {"attribute": "view", "group": UNKNOWN},
    ]


def test_a_scanner_whose_films_are_those_without_an_age_is_named_first_and_once():
    table = {
        "age": [UNKNOWN] * 80 + ["40-59"] * 320,
        "maker": ["Acme"] * 80 + ["Other"] * 320,
    }
    report = report_of(table, {"rotation": range(30)}, sources=["maker"])
    (cause,) = report.causes
    assert cause.lead.named == "maker Acme (age unknown)"


def test_unknown_is_compared_with_the_other_films_of_the_same_scanner():
    """The scanner turns a tenth of its films, with an age or without; others turn none."""
    table = {
        "age": [UNKNOWN] * 100 + ["40-59"] * 100 + ["40-59"] * 300,
        "maker": ["Acme"] * 200 + ["Other"] * 300,
    }
    excluded = {"rotation": [*range(10), *range(100, 110)]}
    report = report_of(table, excluded, sources=["maker"])
    assert [cause.lead.named for cause in report.causes] == ["maker Acme"]
    (unknown,) = (one for one in report.comparisons if one.group == UNKNOWN)
    assert (unknown.films, unknown.excluded) == (100, 10)
    assert (unknown.rest_films, unknown.rest_excluded) == (100, 10)
    assert "10 of 100 others with maker Acme" in unknown.sentence()
    assert unknown.finding is Comparability.FINE
    without = report_of(table, excluded)
    assert UNKNOWN in {one.group for one in without.blocking}


def test_all_films_of_a_scanner_without_an_age_are_no_group_beside_it():
    table = {
        "age": [UNKNOWN] * 101 + ["40-59"] * 300,
        "maker": ["Acme"] * 100 + ["Other"] * 301,
    }
    report = report_of(table, {"rotation": range(30)}, sources=["maker"])
    assert UNKNOWN not in {one.group for one in report.comparisons}


def test_what_only_follows_from_another_group_is_told_with_it():
    """Half of the films of the ward are of children, and children alone are called turned."""
    table = {
        "age": ["0-4"] * 60 + ["40-59"] * 340,
        "ward": ["B"] * 120 + ["A"] * 280,
    }
    report = report_of(table, {"rotation": range(30), "inversion": range(25)})
    assert {one.group for one in report.blocking} == {"0-4", "B"}
    (cause,) = report.causes
    assert cause.lead.group == "0-4"
    assert "so do" in cause.sentence() and "inversion" in cause.sentence()
    assert "this explains the losses with ward B" in cause.sentence()


def test_two_groups_that_lose_each_for_itself_are_two_causes():
    table = {
        "age": ["0-4"] * 60 + ["40-59"] * 740,
        "maker": ["A", "B"] * 30 + ["B"] * 70 + ["A"] * 670,
    }
    report = report_of(table, {"rotation": [*range(30), *range(60, 95)]})
    assert {cause.lead.group for cause in report.causes} == {"0-4", "B"}


def test_a_cause_inside_a_large_group_is_not_hidden_by_it():
    """Adults lose more than children, and the portable films among adults far more still."""
    table = {
        "age group": ["under 18"] * 300 + ["18 or older"] * 900,
        "view": ["PA"] * 300 + ["AP"] * 100 + ["PA"] * 800,
    }
    report = report_of(table, {"rotation": [*range(300, 370), *range(400, 480)]})
    assert {cause.lead.group for cause in report.causes} == {"18 or older", "AP"}


def test_small_groups_inside_a_group_that_blocks_are_not_told_again():
    table = {
        "age": ["0-4"] * 15 + ["5-9"] * 15 + ["40-59"] * 400,
        "age group": ["under 18"] * 30 + ["18 or older"] * 400,
    }
    report = report_of(table, {"rotation": range(30)})
    assert {one.group for one in report.lost_untested} == {"0-4", "5-9"}
    assert [cause.lead.group for cause in report.causes] == ["under 18"]


def test_films_of_a_few_patients_are_no_group():
    people = ["p1", "p2"] * 15 + [f"q{film}" for film in range(200)]
    table = {"site": ["north"] * 30 + ["south"] * 200}
    report = report_of(table, {"rotation": range(8)}, patients=people)
    assert {one.finding for one in report.comparisons} == {Comparability.TOO_SMALL}


@pytest.mark.parametrize(
    "reason", ["ok", "fine", "it is ok", "ok ok ok ok", "1 2 3 4 5", "- - - -"]
)
def test_a_word_of_consent_is_no_reason(reason):
    assert not is_sentence(reason)


def test_the_chance_over_strata_is_that_of_all_ways_to_fall():
    tables = [(4, 10, 2, 30), (3, 5, 4, 20)]
    likely = [
        stats.hypergeom.pmf(np.arange(41), of + rest, hits + others, of)
        for hits, of, others, rest in tables
    ]
    whole = np.convolve(*likely)
    assert chance_in_strata(tables) == pytest.approx(whole[7:].sum())
    one = tables[0]
    assert chance_in_strata([one]) == pytest.approx(stats.hypergeom.sf(3, 40, 6, 10))
    assert chance_in_strata([]) == 1.0


FILMS = 120
# Bytes are drawn at once; a list is drawn film by film, which takes longer than the test.
NAMES = st.binary(min_size=FILMS, max_size=FILMS).map(
    lambda drawn: [("a", "b", UNKNOWN)[byte % 3] for byte in drawn]
)
MASKS = arrays.arrays(np.bool_, FILMS)


@settings(max_examples=60, deadline=None)
@given(
    columns=st.lists(NAMES, min_size=1, max_size=3),
    copied=st.lists(st.integers(0, 2), min_size=1, max_size=3),
    masks=st.lists(MASKS, min_size=1, max_size=3),
)
def test_groups_of_the_same_films_never_give_two_lines(columns, copied, masks):
    """Columns stand in the table several times, by other names, once with other group names."""
    again = [columns[place % len(columns)] for place in copied]
    renamed = [[f"{group}!" for group in columns[0]]]
    table = {f"c{place}": groups for place, groups in enumerate([*columns, *again, *renamed])}
    attributes = [Attribute(name, [(one,) for one in groups]) for name, groups in table.items()]
    sets = compared_groups(attributes)
    assert len({one.inside.tobytes() for one in sets}) == len(sets)
    lost = {f"t{place}": np.flatnonzero(mask) for place, mask in enumerate(masks)}
    report = report_of(table, lost, limits=Limits(level=1.0, ratio=1.0))
    inside = {
        name: one.inside.tobytes()
        for one in sets
        for name in ((n.attribute, n.group) for n in one.names)
    }
    leads = [inside[cause.lead.attribute, cause.lead.group] for cause in report.causes]
    assert len(set(leads)) == len(leads)
    told = sum(1 + len(cause.same) for cause in report.causes)
    assert told == len(report.blocking) + len(report.lost_untested)


@settings(max_examples=40, deadline=None)
@given(groups=NAMES, mask=MASKS)
def test_a_column_that_stands_twice_changes_no_number(groups, mask):
    lost = {"rotation": np.flatnonzero(mask)}
    once, twice = report_of({"c": groups}, lost), report_of({"c": groups, "d": groups}, lost)
    facts = [
        [
            (one.group, one.excluded, one.chance, one.adjusted, one.finding)
            for one in report.comparisons
        ]
        for report in (once, twice)
    ]
    assert facts[0] == facts[1]
