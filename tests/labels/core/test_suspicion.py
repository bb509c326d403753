"""Suspicions: compared with the archive's own films, with a cut-off that answers move."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from backend.base.core.rule import Check, FilmFacts, Force, rule_of_checks
from backend.labels.core.cut_off_in_force import cut_offs_in_force, cut_offs_sentence
from backend.labels.core.rule_in_force import RuleInForce, rule_in_force
from backend.labels.core.suspicion import (
    FEWEST_ANSWERS,
    FEWEST_FILMS,
    START,
    Answers,
    CutOffSource,
    bulk_of,
    distances_of,
    learnt_cut_off,
    score_of,
    suspicions,
)


def check(label, measure, **facts):
    return Check(
        label=label,
        measure=measure,
        cut_off=f"{measure}_cut_off",
        meaning="made up",
        **{"default": 0.5, "flags_above": False, **facts},
    )


PALE, WIDE = check("pale", "range"), check("wide", "border", default=0.25, flags_above=True)
COPY = check("copy", "bits", default=32.0, typical=256.0)
YOUNG = check("young", "age", default=10.0, force=Force.POLICY)
RULE = rule_of_checks([PALE, WIDE, COPY, YOUNG], "fine", needs_pixels=True)


def archive(values, measure="range"):
    return {
        f"film{number}": FilmFacts(measures={measure: value}) for number, value in enumerate(values)
    }


def suspected(facts, given=None, called_bad=None):
    found = suspicions(RULE, facts, given or {}, called_bad or {})
    beyond = (found.beyond > 0).any(axis=1)
    return {
        film for film, is_suspect in zip(found.radiograph_ids, beyond, strict=True) if is_suspect
    }


def test_a_hospital_with_pale_films_has_no_more_suspects_for_it():
    rng = np.random.default_rng(1)
    pale_hospital = [*rng.normal(0.55, 0.08, 200), 0.02]
    facts = archive(pale_hospital)
    by_fixed_cut_off = sum(value < PALE.default for value in pale_hospital)
    assert by_fixed_cut_off > 40
    assert "film200" in suspected(facts)
    assert len(suspected(facts)) <= 3


def test_in_an_archive_of_good_films_nothing_is_suspected_inside_the_default():
    rng = np.random.default_rng(2)
    values = rng.normal(0.9, 0.001, 300).tolist()
    assert suspected(archive([*values, 0.8, 0.6, 0.51])) == set()
    assert suspected(archive([*values, 0.49])) == {"film300"}


def test_a_cut_off_of_a_person_is_where_it_starts():
    facts = archive([0.9] * 50 + [0.8, 0.6])
    assert suspected(facts, {"range_cut_off": 0.7}) == {"film51"}
    assert suspected(facts, {"range_cut_off": 0.0}) == set()


def test_too_few_films_tell_nothing_so_the_default_holds_however_bad_they_are():
    few, enough = [0.2] * (FEWEST_FILMS - 1), [0.2] * FEWEST_FILMS
    assert suspected(archive(few)) == set(archive(few))
    assert suspected(archive(enough)) == set()
    (scale,) = suspicions(RULE, archive(few), {}, {}).scales
    assert (scale.source, round(scale.cut_off_value, 9)) == (CutOffSource.DEFAULT, PALE.default)
    by_default = cut_offs_in_force(suspicions(RULE, archive(few), {}, {}))[0]
    assert (by_default.where, by_default.set_by) == ("range below 0.5", "the default")


def test_the_cut_off_of_an_archive_of_black_films_is_no_less_than_next_to_nothing():
    (scale,) = suspicions(RULE, archive([0.0] * FEWEST_FILMS), {}, {}).scales
    assert 0 < scale.cut_off_value < PALE.default


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.booleans())
def test_a_film_that_arrives_gets_the_label_that_the_same_film_has_in_the_archive(values, person):
    given_ = {"range_cut_off": 0.4} if person else {}
    facts = archive(values)
    found = suspicions(RULE, facts, given_, {})
    labels = RuleInForce(RULE, "fine", RULE.cut_offs, found.scales).labels(facts)
    gate = rule_in_force(RULE, "fine", given_, found.scales)
    assert {film: gate.labels({"it": of})["it"] for film, of in facts.items()} == labels
    beyond = (found.beyond > 0).any(axis=1)
    assert [label == "pale" for label in labels.values()] == beyond.tolist()


def test_what_a_person_sets_holds_until_answers_move_it_and_a_check_never_fitted_by_default():
    (fitted,) = suspicions(RULE, archive([0.9] * 40), {}, {}).scales
    film = {"it": FilmFacts(measures={"range": 0.7, "border": 0.3})}
    assert rule_in_force(RULE, "fine", {}, [fitted]).labels(film) == {"it": "wide"}
    assert rule_in_force(RULE, "fine", {"range_cut_off": 0.8}, [fitted]).labels(film) == {
        "it": "pale"
    }
    learnt = replace(fitted, source=CutOffSource.ANSWERS)
    moved = rule_in_force(RULE, "fine", {"range_cut_off": 0.8, "border_cut_off": 1.0}, [learnt])
    assert moved.labels(film) == {"it": "fine"}


def test_copies_are_not_compared_with_the_bulk_of_an_archive_of_copies():
    facts = archive([256.0, 3.0] * 20, "bits")
    assert len(suspected(facts)) == 20


def test_a_policy_makes_no_suspect_and_an_unknown_measure_none_either():
    facts = {"child": FilmFacts(age_years=1.0), "blank": FilmFacts()}
    found = suspicions(RULE, facts, {}, {})
    assert found.scales == ()
    assert found.leading.tolist() == [-1, -1]
    assert np.isnan(found.p_bad).all()
    assert suspected(archive([0.9, 0.9]) | facts) == set()


def test_the_first_check_that_flags_a_film_leads_it_and_the_worst_gives_the_score():
    facts = {
        f"film{number}": FilmFacts(measures={"range": 0.9, "border": 0.0}) for number in range(20)
    }
    facts["both"] = FilmFacts(measures={"range": 0.4, "border": 0.9})
    found = suspicions(RULE, facts, {}, {})
    place = found.radiograph_ids.index("both")
    assert found.scales[found.leading[place]].check is PALE
    assert found.p_bad[place] == pytest.approx(score_of(found.beyond[place]).max())


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, unique=True))
def test_the_score_grows_with_the_distance_and_is_half_only_beyond_the_cut_off(beyond):
    values = np.sort(np.array(beyond))
    scores = score_of(values)
    assert (np.diff(scores) >= 0).all()
    assert ((scores >= 0.5) == (values > 0)).all()
    assert ((scores >= 0) & (scores < 1)).all()


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.booleans(),
    st.floats(0, 1),
)
def test_every_bulk_has_a_spread_that_can_be_divided_by(values, flags_above, default):
    of_check = check("any", "m", default=default, flags_above=flags_above)
    bulk = bulk_of(of_check, np.array(values))
    assert bulk.spread > 0
    at_default = distances_of(of_check, np.array([default]), bulk)
    assert abs(at_default[0]) <= START + 1e-9


answers_of = st.lists(
    st.tuples(st.integers(-20, 60), st.booleans()),
    min_size=FEWEST_ANSWERS,
    max_size=FEWEST_ANSWERS + 40,
)


def as_answers(pairs):
    return Answers(
        np.array([distance / 4 for distance, _ in pairs], np.float64),
        np.array([bad for _, bad in pairs], np.bool_),
    )


@settings(deadline=None)
@given(answers_of, st.data())
def test_one_more_bad_film_never_lets_fewer_films_be_suspected(pairs, data):
    place = data.draw(st.integers(0, len(pairs) - 1))
    worse = [(distance, bad or at == place) for at, (distance, bad) in enumerate(pairs)]
    assert learnt_cut_off(as_answers(worse)) <= learnt_cut_off(as_answers(pairs))


@settings(deadline=None)
@given(answers_of)
def test_the_cut_off_lies_where_fewer_than_one_in_twenty_is_bad(pairs):
    answers = as_answers(pairs)
    cut_off = learnt_cut_off(answers)
    fit = IsotonicRegression().fit(answers.distances, answers.bad.astype(float))
    shares = fit.predict(answers.distances)
    assert (shares[answers.distances > cut_off] >= 0.05 - 1e-9).all()
    assert (shares[answers.distances <= cut_off] < 0.05).all()


def test_the_spread_of_normal_values_is_their_standard_deviation():
    values = np.random.default_rng(5).normal(10.0, 2.0, 20_000)
    wide = check("wide", "border", default=11.0, flags_above=True)
    found = bulk_of(wide, values)
    assert (found.typical, found.spread) == pytest.approx((10.0, 2.0), rel=0.03)


@pytest.mark.parametrize(("bad", "cut_off"), [(9, 1.0), (10, 0.75), (11, 0.75)])
def test_a_check_goes_on_asking_where_one_film_in_twenty_is_bad(bad, cut_off):
    pairs = [(3, False)] * 50 + [(4, number < bad) for number in range(200)] + [(8, True)] * 20
    assert learnt_cut_off(as_answers(pairs)) == cut_off


def test_too_few_answers_move_nothing():
    pairs = [(number, False) for number in range(FEWEST_ANSWERS - 1)]
    assert learnt_cut_off(as_answers(pairs)) is None


def test_where_all_suspects_were_fine_nobody_is_suspected_any_more():
    bulk = np.random.default_rng(3).normal(0.8, 0.02, 300).tolist()
    facts = archive([*bulk, *np.linspace(0.0, 0.45, 80)])
    before = suspected(facts)
    assert len(before) == 80
    worst_first = sorted(before, key=lambda film: facts[film].measures["range"])
    fine = dict.fromkeys(worst_first[:FEWEST_ANSWERS], False)
    assert suspected(facts, called_bad=fine) == set()
    found = suspicions(RULE, facts, {}, fine)
    assert found.scales[0].source is CutOffSource.ANSWERS
    assert found.answered == (FEWEST_ANSWERS,)
    pale = cut_offs_in_force(found)[0]
    assert (pale.answers, pale.suspects, pale.set_by) == (59, 0, "learnt from 59 answers")
    assert "not suspected any more" in pale.explanation
    words = cut_offs_sentence([pale], {"pale": "too pale"})
    assert words == "Of 1 cut-off, 1 learnt from answers (too pale: 59)."
    assert len(suspected(facts, called_bad=dict.fromkeys(worst_first[:FEWEST_ANSWERS], True))) >= 59
