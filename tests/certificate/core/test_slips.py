"""Slips of reviewers: what they add, and that both statements hold with them."""

import math

import numpy as np
import pytest
from scipy import stats

from backend.base.core.errors import RadsieveError
from backend.certificate.core.bound import AuditLog, Run, RunEnd, bad_at_most
from backend.certificate.core.certificate import certify
from backend.certificate.core.slips import Repeats, Slips, slips_from
from benchmarks.certificate import certificate_trials as trials

TABLE = {
    (0, 200): (0.026, 0.052, 367, 432),
    (0, 500): (0.010, 0.021, 351, 379),
    (3, 500): (0.022, 0.043, 362, 418),
    (5, 1_000): (0.014, 0.028, 355, 392),
}
"""Of the facts: repeats missed, shown -> one look, two looks, 336 unreviewed becomes, all left."""


@pytest.mark.parametrize(("measured", "expected"), TABLE.items())
def test_slips_add_what_the_facts_say(measured, expected):
    slips = slips_from(Repeats(*measured), alpha=0.05)
    one, two, unreviewed, remaining = expected
    assert slips.one_look == pytest.approx(one, abs=6e-4)
    assert slips.two_looks == pytest.approx(two, abs=5e-4)
    assert slips.bad_among(336) == unreviewed
    assert slips.bad_among(1_336) - 1_000 == remaining


@pytest.mark.parametrize("called_bad", [0, 1, 7, 120])
@pytest.mark.parametrize("two_looks", [0.01, 0.3])
def test_the_number_of_bad_films_is_the_largest_that_is_not_too_unlikely(called_bad, two_looks):
    slips = Slips(two_looks / 2, two_looks, 0.005)
    most = slips.bad_among(called_bad)
    likely = [stats.binom.cdf(called_bad, bad, 1 - two_looks) for bad in (most, most + 1)]
    assert likely[0] > 0.005 >= likely[1]


def test_without_slips_nothing_is_added():
    log = AuditLog(10_000, (Run(10_000, 0, 1_000),), 0, 9_000)
    k = bad_at_most(log)
    assert Slips(0.0, 0.0, 0.005).bad_among(k) == k == certify(log).at_most_unreviewed


@pytest.mark.parametrize("measured", [Repeats(0, 0), Repeats(4, 4)])
def test_nothing_is_said_of_slips_where_they_were_not_measured(measured):
    said = certify(AuditLog(100, (Run(100, 0, 60),), 0, 40), repeats=measured)
    assert said.slips is None
    assert "takes every verdict as right" in said.sentence
    assert slips_from(measured, alpha=0.05).bad_among(3) is None


def test_repeats_that_cannot_be_are_refused():
    with pytest.raises(RadsieveError, match="0 to 5 repeats missed"):
        Repeats(6, 5)


def test_with_repeats_a_fifth_of_alpha_goes_into_slips():
    log = AuditLog(112_120, (Run(112_120, 0, 1_000),), 0, 111_120)
    said = certify(log, repeats=Repeats(3, 500))
    assert said.kappa_hat == bad_at_most(log, alpha=0.04)
    assert said.alpha == 0.05
    assert said.slips.at_most_unreviewed > said.at_most_unreviewed > bad_at_most(log)


def test_all_reviewed_means_none_unreviewed_but_some_may_have_been_missed():
    log = AuditLog(5_000, (), found=1_000, unreviewed=0)
    said = certify(log, repeats=Repeats(2, 500))
    assert said.slips.at_most_unreviewed == 0
    assert said.at_most_remaining == slips_from(Repeats(2, 500), alpha=0.05).bad_among(1_000) - 1000
    assert said.at_most_remaining > 0
    assert said.certified_recall == pytest.approx(1_000 / (1_000 + said.at_most_remaining))


# --- simulated reviewers ---


def review(rng, films, bad, plan):
    """Review one archive with two slipping looks; yield what is certified and what is left.

    A film's verdict is settled by chance beforehand: films 0 to `bad` - 1 are bad.
    """
    miss, looks = plan
    called = np.zeros(films, bool)
    called[:bad] = rng.random(bad) < (1 - miss) ** 2
    called[bad:] = rng.random(films - bad) < 0.002**2
    repeats = Repeats(int(rng.binomial(500, miss)), 500)
    order = rng.permutation(films)
    hits = np.flatnonzero(called[order]) + 1
    for made in looks:
        log = trials.log_of(films, hits, made)
        unreviewed = int((order[made:] < bad).sum())
        found = int((called & (np.arange(films) < bad))[order[:made]].sum())
        yield certify(log, repeats=repeats), unreviewed, bad - found


def shares_wrong(miss, archives, seed, *, films=2_000, bad=40, looks=(300, 700, 1_200)):
    """Return how often each statement is wrong at any time."""
    wrong = np.zeros(2)
    for rng in np.random.default_rng(seed).spawn(archives):
        seen = [
            (said.slips.at_most_unreviewed < unreviewed, said.at_most_remaining < left)
            for said, unreviewed, left in review(rng, films, bad, (miss, looks))
        ]
        wrong += np.any(seen, axis=0)
    return wrong / archives


def allowed(archives):
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / archives)


@pytest.mark.parametrize("miss", [0.0, 0.005, 0.01, 0.02])
def test_both_statements_hold_with_slips_and_false_alarms(miss):
    assert (shares_wrong(miss, 150, seed=1) <= allowed(150)).all()


@pytest.mark.parametrize("bad", [20, 1_000])
def test_both_statements_hold_where_everything_was_looked_at(bad):
    everything = {"films": 2_000, "bad": bad, "looks": (2_000,)}
    assert (shares_wrong(0.01, 100, seed=2, **everything) <= 0.02).all()


def test_saying_that_nothing_is_left_after_looking_at_everything_is_wrong_with_slips():
    # The check above can bite: without counting slips, "0 left" is wrong in every archive.
    left = [
        next(review(rng, 2_000, 1_000, (0.01, (2_000,))))[2] > 0
        for rng in np.random.default_rng(3).spawn(50)
    ]
    assert np.mean(left) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("miss", [0.005, 0.02])
def test_both_statements_hold_with_slips_in_2_000_archives(miss):
    assert (shares_wrong(miss, 2_000, seed=4) <= allowed(2_000)).all()


def test_a_false_alarm_confirmed_is_a_find_like_any_other():
    log = AuditLog(1_000, (Run(1_000, 0, 50, RunEnd.FIND), Run(949, 1, 200)), 1, 749)
    assert certify(log, repeats=Repeats(0, 300)).audit_finds == 1
