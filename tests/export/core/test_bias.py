"""Simulated archives: where cleaning is unfair the guard bites, where it is fair it keeps quiet."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from backend.base.core.figures import difference, share
from backend.export.core.bias import ANY_DETECTOR, bias_report, holm
from backend.export.core.bias_comparison import (
    Comparability,
    Exclusions,
    Limits,
    judged,
    ratio_of_shares,
)
from backend.export.core.bias_groups import UNKNOWN, Attribute, age_band, age_group

FILMS, SEEDS, CONTROLS = 3000, 400, 100
MAKERS = ("A", "B", "C", "D")


class Archive:
    """Adults, a few children, portable films, and films on which the patient sits askew."""

    def __init__(self, seed, films_per_patient=3.0):
        self.rng = rng = np.random.default_rng([77, seed])
        patients = max(2, int(FILMS / films_per_patient))
        self.patient = rng.integers(patients, size=FILMS)
        ages = np.where(rng.random(patients) < 0.03, rng.uniform(0, 10, patients), 0)
        ages = np.where(ages > 0, ages, rng.uniform(18, 95, patients))
        self.age = ages[self.patient]
        self.portable = (rng.random(patients) < 0.3)[self.patient]
        self.slouched = rng.random(FILMS) < np.where(self.portable, 0.25, 0.01)
        self.sex = rng.choice(["F", "M", UNKNOWN], size=patients, p=[0.48, 0.5, 0.02])[self.patient]
        self.maker = rng.choice(MAKERS, size=FILMS)

    def attributes(self):
        view = np.where(self.portable, "AP", "PA")
        return [
            Attribute("age", [(age_band(age),) for age in self.age]),
            Attribute("age group", [(age_group(age),) for age in self.age]),
            Attribute("sex", [(one,) for one in self.sex]),
            Attribute("view", [(one,) for one in view]),
            Attribute("maker", [(one,) for one in self.maker]),
        ]

    def flagged(self, chance):
        """Draw which films are flagged; `chance` is a number, or one per film."""
        return self.rng.random(FILMS) < chance

    def report(self, *exclusions, limits=None):
        patients = [f"p{one}" for one in self.patient]
        return bias_report(self.attributes(), exclusions, patients, limits or Limits())


def blocked(report):
    return {(one.detector_task, *name) for one in report.blocking for name in names(one)}


def names(one):
    return [(one.attribute, one.group), *((name.attribute, name.group) for name in one.also)]


def test_children_whom_a_detector_takes_for_turned_films_block():
    archive = Archive(1)
    children = archive.age < 10
    report = archive.report(Exclusions("rotation", archive.flagged(np.where(children, 0.3, 0.01))))
    found = blocked(report)
    assert {("rotation", "age", "0-4"), ("rotation", "age", "5-9")} <= found
    assert ("rotation", "age group", "under 18") in found
    assert {attribute for _, attribute, _ in found} == {"age", "age group"}


def report_of_ages(ages, excluded, limits=None):
    """Compare films of as many patients by age alone."""
    groups = [
        Attribute("age", [(age_band(age),) for age in ages]),
        Attribute("age group", [(age_group(age),) for age in ages]),
    ]
    lost = [Exclusions("rotation", np.array(excluded, dtype=np.bool_))]
    return bias_report(groups, lost, [str(film) for film in range(len(ages))], limits or Limits())


def test_children_too_few_in_every_band_block_when_all_children_are_lost():
    adults = list(np.linspace(18, 95, 2000))
    report = report_of_ages(
        [2] * 15 + [7] * 15 + [14] * 15 + adults, [True] * 45 + [n % 50 == 0 for n in range(2000)]
    )
    assert blocked(report) == {("rotation", "age group", "under 18")}
    (one,) = report.blocking
    assert (one.excluded, one.films, one.rest_excluded, one.rest_films) == (45, 45, 40, 2000)
    tested = [one for one in report.comparisons if one.chance is not None]
    assert one.adjusted == pytest.approx(one.chance * len(tested))
    lost = {(one.attribute, one.group) for one in report.lost_untested}
    assert lost == {("age", "0-4"), ("age", "5-9"), ("age", "10-17")}


def test_children_are_told_where_most_films_have_no_age():
    ages = [3] * 22 + [50] * 3 + [None] * 75
    report = report_of_ages(ages, [True] * 12 + [False] * 88)
    assert ("rotation", "age group", "under 18") in blocked(report)
    groups = [name for one in report.comparisons for name in names(one)]
    assert {group for attribute, group in groups if attribute == "age group"} == {
        "under 18",
        "18 or older",
        UNKNOWN,
    }


def test_a_handful_of_children_who_lose_everything_is_named_and_does_not_block():
    report = report_of_ages([3] * 4 + [None] * 96, [True] * 4 + [True] + [False] * 95)
    assert not report.blocking
    (lost,) = report.lost_untested
    assert names(lost) == [("age", "0-4"), ("age group", "under 18")]
    assert (lost.excluded, lost.films) == (4, 4)


def test_children_who_outnumber_the_adults_are_named_though_there_is_no_rest_to_test_against():
    report = report_of_ages([3] * 45 + [50] * 15, [True] * 45 + [False] * 15)
    assert not report.blocking
    (lost,) = report.lost_untested
    assert names(lost) == [("age", "0-4"), ("age group", "under 18")]


@pytest.mark.parametrize(
    ("lost", "rest_lost", "named"),
    [
        (5, 60, True),  # all, and the rest kept some
        (5, 100, False),  # all, as the rest
        (3, 20, True),  # more than half, and three times the rest's share
        (3, 35, False),  # more than half, and less than twice the rest's share
        (2, 0, False),  # fewer than half
    ],
)
def test_a_small_group_is_named_where_it_lost_all_or_most_and_more_than_the_rest(
    lost, rest_lost, named
):
    excluded = [True] * lost + [False] * (5 - lost) + [n < rest_lost for n in range(100)]
    report = report_of_ages([3] * 5 + [50] * 100, excluded)
    assert ("0-4" in {one.group for one in report.lost_untested}) is named


def test_a_single_lost_film_is_no_group_that_lost_everything():
    assert not report_of_ages([3] + [50] * 100, [True] + [False] * 100).lost_untested


def test_slouched_films_that_are_flagged_block_by_the_view_they_are_common_in():
    archive = Archive(2)
    report = archive.report(
        Exclusions("rotation", archive.flagged(np.where(archive.slouched, 0.4, 0.004)))
    )
    assert blocked(report) == {("rotation", "view", "AP")}
    (one,) = report.blocking
    assert one.ratio.value > 2
    assert one.difference.low > 0
    assert one.sentence().startswith(f"rotation excludes {one.excluded} of {one.films} films (")


def test_slouching_that_somebody_noted_blocks_by_itself():
    archive = Archive(2)
    noted = Attribute(
        "position", [("slouched",) if one else ("straight",) for one in archive.slouched]
    )
    excluded = archive.flagged(np.where(archive.slouched, 0.4, 0.004))
    report = bias_report(
        [noted], [Exclusions("rotation", excluded)], list(map(str, archive.patient)), Limits()
    )
    assert blocked(report) == {("rotation", "position", "slouched")}


def test_portable_films_of_one_maker_only_are_told_from_the_others():
    archive = Archive(3)
    washed_out = archive.flagged(np.where(archive.maker == "B", 0.1, 0.02))
    assert blocked(archive.report(Exclusions("quality", washed_out))) == {("quality", "maker", "B")}


def unfair(seed, how):
    archive = Archive(seed)
    children = np.where(archive.age < 10, 0.25, 0.01)
    slouched = np.where(archive.slouched, 0.4, 0.005)
    chance = {"children": children, "slouched": slouched}[how]
    return archive.report(Exclusions("rotation", archive.flagged(chance)))


@pytest.mark.slow
@pytest.mark.parametrize(("how", "attribute"), [("children", "age"), ("slouched", "view")])
def test_what_is_unfair_is_told_in_nearly_every_archive(how, attribute):
    told = [
        any(one.attribute == attribute for one in unfair(seed, how).blocking) for seed in range(60)
    ]
    assert np.mean(told) > 0.9


def quiet_share(make, seeds=SEEDS):
    return np.mean([not make(seed).blocking for seed in range(seeds)])


@pytest.mark.slow
def test_fair_exclusions_leave_it_quiet_in_nineteen_of_twenty_archives():
    def fair(seed):
        archive = Archive(seed)
        return archive.report(
            Exclusions("rotation", archive.flagged(0.02)),
            Exclusions("inversion", archive.flagged(0.005)),
        )

    assert quiet_share(fair) >= 0.95


@pytest.mark.slow
def test_patients_who_lose_all_their_films_by_chance_do_not_raise_it():
    def by_patient(seed):
        archive = Archive(seed, films_per_patient=15)
        unlucky = archive.rng.random(archive.patient.max() + 1) < 0.05
        return archive.report(Exclusions("metal_implant", unlucky[archive.patient]))

    assert quiet_share(by_patient) >= 0.95


@pytest.mark.slow
def test_without_asking_patients_it_would_cry_wolf():
    def films_alone(seed):
        archive = Archive(seed, films_per_patient=15)
        unlucky = archive.rng.random(archive.patient.max() + 1) < 0.05
        excluded = Exclusions("metal_implant", unlucky[archive.patient])
        each = [str(film) for film in range(FILMS)]
        return bias_report(archive.attributes(), [excluded], each, Limits())

    assert quiet_share(films_alone, CONTROLS) < 0.9


@pytest.mark.slow
def test_without_the_adjustment_it_would_cry_wolf():
    limits = Limits(ratio=1.0)

    def one_by_one(seed):
        archive = Archive(seed, films_per_patient=1)
        report = archive.report(Exclusions("rotation", archive.flagged(0.05)), limits=limits)
        return [one.chance for one in report.comparisons if one.chance is not None]

    lowest = np.array([min(one_by_one(seed)) for seed in range(CONTROLS)])
    assert (lowest < 0.05).mean() > 0.2


def test_a_rule_on_what_is_known_of_the_patient_is_listed_and_does_not_block():
    archive = Archive(4)
    children = archive.age < 10
    rule = Exclusions("age", children, is_policy=True)
    report = archive.report(rule)
    assert not report.blocking
    assert {one.finding for one in report.comparisons} == {Comparability.POLICY}
    both = archive.report(rule, Exclusions("rotation", children & archive.flagged(0.5)))
    assert {task for task, _, _ in blocked(both)} == {"rotation"}


def test_what_a_detector_is_meant_to_tell_apart_does_not_block_and_counts_for_no_other():
    archive = Archive(5)
    view = Exclusions("projection", archive.portable, meant_for=("view",))
    rotation, inversion = (
        Exclusions(name, archive.flagged(0.01)) for name in ("rotation", "inversion")
    )
    report = archive.report(view, rotation, inversion)
    assert not [one for one in report.blocking if one.attribute == "view"]
    expected = [one for one in report.comparisons if one.finding is Comparability.EXPECTED]
    assert {(one.detector_task, one.attribute) for one in expected} == {("projection", "view")}
    together = [
        one
        for one in report.comparisons
        if one.detector_task == ANY_DETECTOR and one.attribute == "view"
    ]
    assert sum(one.excluded for one in together) == int(
        (rotation.excluded | inversion.excluded).sum()
    )


def test_small_groups_are_too_small_to_tell_and_the_unknown_are_a_group():
    groups = [("F",)] * 5 + [(UNKNOWN,)] * 40 + [("M",)] * 400
    excluded = np.zeros(445, dtype=np.bool_)
    excluded[1:45:2] = True
    report = bias_report(
        [Attribute("sex", groups)],
        [Exclusions("rotation", excluded)],
        [str(film) for film in range(445)],
        Limits(),
    )
    findings = {one.group: one.finding for one in report.comparisons}
    assert findings["F"] is Comparability.TOO_SMALL
    assert findings[UNKNOWN] is Comparability.LOSES_TOO_MUCH


def test_a_film_with_several_findings_is_in_several_groups():
    groups = [("Effusion", "Mass"), ("Mass",), ("none",)] * 20
    report = bias_report(
        [Attribute("finding", groups)],
        [Exclusions("rotation", np.arange(60) % 7 == 0)],
        [str(film) for film in range(60)],
        Limits(),
    )
    assert {one.group: one.films for one in report.comparisons} == {
        "Effusion": 20,
        "Mass": 40,
        "none": 20,
    }


def test_a_few_films_do_not_block_however_clear_they_are():
    archive = Archive(6)
    excluded = np.zeros(FILMS, dtype=np.bool_)
    excluded[np.flatnonzero(archive.age < 10)[:4]] = True
    assert not archive.report(Exclusions("rotation", excluded)).blocking
    assert archive.report(
        Exclusions("rotation", excluded), limits=Limits(least_excluded=1)
    ).blocking


def test_holm_is_as_in_the_textbook():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def holm_step_by_step(chances):
    """Return the smallest chance times all tests, the next times one less; none falls."""
    order = np.argsort(chances)
    adjusted = np.array(chances)[order] * np.arange(len(chances), 0, -1)
    return dict(zip(order, np.minimum(np.maximum.accumulate(adjusted), 1.0), strict=True))


def test_each_group_that_is_tested_gets_the_chance_that_holm_gives_it():
    archive = Archive(7)
    chance = np.where(archive.age < 10, 0.12, np.where(archive.portable, 0.06, 0.04))
    report = archive.report(Exclusions("rotation", archive.flagged(chance)))
    tested = [one for one in report.comparisons if one.chance is not None]
    expected = holm_step_by_step([one.chance for one in tested])
    assert len(tested) > 5
    assert [one.adjusted for one in tested] == pytest.approx(
        [expected[place] for place in range(len(tested))]
    )
    assert sum(one.adjusted < 1 for one in tested) > 1


@pytest.mark.parametrize(
    ("excluded", "rest_excluded", "adjusted", "blocks"),
    [
        (5, 49, 0.049, True),
        (4, 10, 0.001, False),
        (5, 49, 0.05, False),
        (5, 49, 0.08, False),
        (5, 50, 0.001, False),
    ],
)
def test_a_group_blocks_from_five_films_above_twice_the_rate_and_below_the_level(
    excluded, rest_excluded, adjusted, blocks
):
    groups = [Attribute("sex", [("M",)] * 50 + [("F",)] * 1000)]
    lost = np.arange(1050) % 50 < 1
    report = bias_report(
        groups, [Exclusions("rotation", lost)], [str(film) for film in range(1050)], Limits()
    )
    (one,) = (one for one in report.comparisons if one.films == 50)
    counts = {"excluded": excluded, "rest_excluded": rest_excluded}
    found = judged(replace(one, **counts), adjusted, Limits())
    assert (found.finding is Comparability.LOSES_TOO_MUCH) == blocks


def test_ratio_and_difference_agree_with_published_figures():
    # Newcombe 1998, Stat Med 17: 873-90, table II, example (a): 56/70 and 48/80, method 10.
    found = difference(share(56, 70), share(48, 80))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    ratio = ratio_of_shares(10, 100, 5, 100)
    spread = np.sqrt(1 / 10 - 1 / 100 + 1 / 5 - 1 / 100)
    assert ratio.low == pytest.approx(np.exp(np.log(2) - stats.norm.ppf(0.975) * spread))
    assert ratio_of_shares(3, 10, 0, 10).value is None
    assert ratio_of_shares(0, 10, 3, 10).value == 0.0


def test_the_intervals_of_a_difference_cover_it():
    rng = np.random.default_rng(8)
    hits, rest = rng.binomial(60, 0.1, 2000), rng.binomial(900, 0.03, 2000)
    found = [difference(share(a, 60), share(b, 900)) for a, b in zip(hits, rest, strict=True)]
    assert np.mean([one.low <= 0.07 <= one.high for one in found]) > 0.94


def test_a_report_is_plain_values_without_infinity():
    groups = [("M",)] * 50 + [("F",)] * 50
    excluded = np.arange(100) < 20
    report = bias_report(
        [Attribute("sex", groups)],
        [Exclusions("rotation", excluded)],
        [str(film) for film in range(100)],
        Limits(),
    )
    plain = report.as_json()
    assert (plain["blocks"], plain["limits"]["ratio"]) == (1, 2.0)
    first = plain["groups"][0]
    assert (first["group"], first["finding"]) == ("M", "loses too much")
    ratio = {"value": None, "low": 0.0, "high": None, "interval": "log (Katz 1978)"}
    assert first["ratio"] == ratio
