"""The bound: its evidence, its order, its floor."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

from backend.certificate.core.bound import (
    AuditLog,
    LogInForce,
    Run,
    RunEnd,
    bad_at_most,
    deciding_moment,
    evidence_against,
    excluded,
    hazard,
    log_in_force,
)

CLEAN_K = {
    **{(10_000, 200): 172, (10_000, 1_000): 33, (10_000, 5_000): 5, (112_120, 200): 1_946},
    **{(112_120, 1_000): 390, (112_120, 5_000): 76, (112_120, 20_000): 17},
    **{(1_000_000, 1_000): 3_498, (1_000_000, 20_000): 173, (300, 250): 1},
}
"""Of the facts: (films, clean audit looks) -> k."""


def clean_log(films, looks):
    return AuditLog(films, (Run(films, 0, looks),), 0, films - looks)


def k_of(log, **options):
    return bad_at_most(log, **options) - log.found


def spread_log(films, looks, finds):
    """Return a log whose finds come in the middles of equal stretches."""
    runs, at = [], [int(looks * (find + 0.5) / finds) for find in range(finds)]
    done = 0
    for find, place in enumerate(at):
        runs.append(Run(films - done, find, place - done, RunEnd.FIND))
        done = place + 1
    runs.append(Run(films - done, finds, looks - done))
    return AuditLog(films, tuple(runs), finds, films - looks)


REVIEWS = st.lists(
    st.tuples(st.integers(0, 24), st.booleans(), st.integers(0, 5), st.integers(0, 5)), max_size=12
)
"""Of each review: clean audit looks, whether a find ends them, ranked clean looks, ranked finds."""


@st.composite
def audit_logs(draw):
    """Draw an archive and how it was reviewed: audit looks, ranked finds, ranked clean looks."""
    films = draw(st.integers(20, 400))
    bad = left = draw(st.integers(0, films // 8))
    unreviewed, runs = films, []
    for audited, ends_in_find, ranked_clean, ranked_finds in draw(REVIEWS):
        clean = min(audited, unreviewed - left)
        find = ends_in_find and left > 0
        runs.append(Run(unreviewed, bad - left, clean, RunEnd.FIND if find else RunEnd.OPEN))
        unreviewed, left = unreviewed - clean - find, left - find
        finds = min(ranked_finds, left)
        unreviewed -= finds + min(ranked_clean, unreviewed - left)
        left -= finds
    return AuditLog(films, tuple(runs), bad - left, unreviewed)


WITHDRAWN = AuditLog(1_000, (Run(1_000, 0, 500), Run(400, 80, 20)), 80, 380)
"""500 clean looks allow for 5 bad films, and then 80 turn up."""


@pytest.mark.parametrize(("archive", "k"), CLEAN_K.items())
def test_clean_audits_give_the_bounds_of_the_facts(archive, k):
    assert k_of(clean_log(*archive)) == k


@pytest.mark.parametrize(("finds", "k"), [(1, 680), (2, 907), (3, 1151)])
def test_finds_spread_over_the_audit_give_the_bounds_of_the_facts(finds, k):
    assert k_of(spread_log(112_120, 1_000, finds)) == k


@pytest.mark.parametrize("films", [1, 7, 300, 10_007, 1_000_000])
def test_evidence_is_the_sum_over_single_draws(films):
    rng = np.random.default_rng(films)
    for share in (0.0, 1e-4, 0.01, 0.3, 1.0):
        bad = int(films * share)
        for clean in {0, int(rng.integers(0, films - bad + 1)), films - bad}:
            n = films - np.arange(clean)
            # The last of a film that is not bad leaves nothing but bad ones: a product of zeros.
            single = -math.fsum(np.log1p(-bad / n)) if clean else 0.0
            assert float(hazard(films, bad, clean)) == pytest.approx(single, abs=1e-8)


@given(st.data())
def test_evidence_is_the_chance_that_scipy_gives_of_drawing_no_bad_film(data):
    films = data.draw(st.integers(1, 5_000))
    bad = data.draw(st.integers(0, films))
    clean = data.draw(st.integers(0, films - bad))
    chance = stats.hypergeom.logpmf(0, films, bad, clean)
    assert float(hazard(films, bad, clean)) == pytest.approx(-chance, abs=1e-8)


def test_more_bad_films_than_there_is_room_for_are_impossible():
    assert np.isinf(hazard(10, 4, 7))
    assert np.isfinite(hazard(10, 4, 6))
    assert np.isinf(hazard(10, 20, 0))
    assert hazard(0, 0, 0) == 0


@given(audit_logs())
@example(WITHDRAWN)
def test_bisection_finds_what_trying_every_number_finds(log):
    tried = [excluded(log, kappa) for kappa in range(log.found, log.found + log.unreviewed + 1)]
    # Whatever lies above an excluded number is excluded.
    assert tried == sorted(tried)
    most = None if all(tried) else log.found + tried.count(False) - 1
    assert bad_at_most(log) == most


def test_numbers_that_cannot_be_are_excluded():
    log = AuditLog(50, (Run(50, 0, 3, RunEnd.FIND),), 1, 46)
    assert excluded(log, 0)
    assert not excluded(log, 1)
    assert excluded(log, 48)


@given(audit_logs())
def test_one_more_clean_audit_look_never_allows_more(log):
    before = bad_at_most(log)
    assume(log.unreviewed > 1 and before is not None)
    last = Run(log.unreviewed, log.found, 1)
    after = replace(log, runs=(*log.runs, last), unreviewed=log.unreviewed - 1)
    # None: even as many as were found are ruled out.
    assert (bad_at_most(after) or 0) <= before


@given(audit_logs())
def test_a_ranked_find_lowers_what_may_be_left_by_exactly_one(log):
    before = bad_at_most(log)
    assume(before is not None and before > log.found)
    after = replace(log, found=log.found + 1, unreviewed=log.unreviewed - 1)
    assert bad_at_most(after) == before
    assert k_of(after) == k_of(log) - 1


@given(audit_logs())
def test_a_ranked_clean_look_changes_nothing_unless_there_is_no_room(log):
    before = bad_at_most(log)
    assume(log.unreviewed and before is not None)
    after = replace(log, unreviewed=log.unreviewed - 1)
    assert bad_at_most(after) == min(before, log.found + after.unreviewed)


@given(audit_logs())
def test_an_audit_find_never_raises_the_number_in_all(log):
    before = bad_at_most(log)
    assume(before is not None and before > log.found)
    last = Run(log.unreviewed, log.found, 0, RunEnd.FIND)
    runs = (*log.runs, last)
    after = replace(log, runs=runs, found=log.found + 1, unreviewed=log.unreviewed - 1)
    assert bad_at_most(after) <= before


@given(audit_logs(), st.data())
def test_splitting_a_run_in_two_changes_nothing(log, data):
    assume(log.runs)
    halves = []
    for run in log.runs:
        first = data.draw(st.integers(0, run.clean))
        halves.append(replace(run, clean=first, end=RunEnd.OPEN))
        halves.append(replace(run, drawn_from=run.drawn_from - first, clean=run.clean - first))
    assert bad_at_most(replace(log, runs=tuple(halves))) == bad_at_most(log)


def fixed_size_bound(films, looks):
    """Return the largest number left that 5 % of samples would show nothing of."""
    bad = np.arange(films - looks + 1)
    return int(bad[stats.hypergeom.pmf(0, films, bad, looks) > 0.05].max())


@pytest.mark.parametrize("archive", [(300, 40), (1_000, 900), (10_000, 200), (10_000, 5_000)])
def test_clean_audits_never_go_below_the_bound_that_nothing_can_beat(archive):
    floor = fixed_size_bound(*archive)
    assert floor <= k_of(clean_log(*archive)) <= 1.25 * floor + 1


@given(audit_logs())
def test_nothing_is_left_where_everything_was_looked_at(log):
    assert k_of(replace(log, unreviewed=0, runs=())) == 0


def test_nothing_is_left_where_an_audit_looked_at_everything():
    assert k_of(AuditLog(40, (Run(40, 0, 35, RunEnd.FIND), Run(4, 1, 4)), 1, 0)) == 0


def test_nothing_is_known_before_the_first_audit_look():
    assert bad_at_most(AuditLog(500, (), 3, 400)) == 403
    assert deciding_moment(AuditLog(500, (), 3, 400), 404) is None
    assert evidence_against((), 10) == 0.0


def test_films_set_aside_may_all_be_bad():
    plain, aside = Run(1_000, 2, 300), Run(1_000, 2, 300, aside=7)
    without = AuditLog(1_010, (plain,), 2, 708)
    assert bad_at_most(replace(without, runs=(aside,))) == bad_at_most(without) + 7
    # And if they are no more than those, nothing speaks against it.
    assert evidence_against((aside,), 9) == pytest.approx(0, abs=1e-5)


def test_films_without_a_verdict_may_be_bad():
    log = AuditLog(100, (Run(100, 0, 60),), 0, 0, unresolved=40)
    assert 0 < bad_at_most(log) <= 40


def test_a_drawn_film_without_a_verdict_counts_as_a_find_until_it_has_one():
    found, assumed, passed_over = (
        bad_at_most(AuditLog(1_000, (Run(1_000, 0, 200, end), Run(799, 0, 300)), 0, 499, 1))
        for end in (RunEnd.FIND, RunEnd.ASSUMED, RunEnd.OPEN)
    )
    assert found == assumed > passed_over


def test_the_best_moment_so_far_counts():
    early = AuditLog(112_120, (Run(112_120, 0, 1_000),), 0, 111_120)
    late = AuditLog(112_120, (Run(112_120, 0, 1_000, RunEnd.FIND),), 1, 111_119)
    assert bad_at_most(late) == bad_at_most(early)
    moment = deciding_moment(late, bad_at_most(late) + 1)
    assert (moment.looks, moment.finds) == (1_000, 0)
    assert moment.evidence == pytest.approx(3.5066, abs=1e-4)


def test_a_million_films_are_bisected_in_few_steps():
    # Counted, not timed: 20 steps halve a million down to one.
    log = clean_log(1_000_000, 1_000)
    asked = []

    class Counting(tuple):
        def __iter__(self):
            asked.append(1)
            return super().__iter__()

    bad_at_most(replace(log, runs=Counting(log.runs)))
    assert len(asked) < 10


def test_more_found_than_allowed_starts_a_new_log_with_half_the_alpha():
    assert bad_at_most(WITHDRAWN) is None
    part = log_in_force(WITHDRAWN)
    assert part == LogInForce(replace(WITHDRAWN, runs=WITHDRAWN.runs[1:]), 0.025, 1)
    assert bad_at_most(part.log, alpha=part.alpha) >= 80


def test_a_second_withdrawal_halves_alpha_again():
    runs = (Run(1_000, 0, 500), Run(400, 80, 200), Run(100, 150, 3))
    part = log_in_force(AuditLog(1_000, runs, 150, 97))
    assert (part.withdrawn, part.alpha) == (2, 0.0125)
    assert part.log.runs == runs[2:]


def test_ranked_finds_after_the_last_draw_withdraw_too():
    log = AuditLog(1_000, (Run(1_000, 0, 500),), 80, 400)
    part = log_in_force(log)
    assert (part.log.runs, part.withdrawn) == ((), 1)


@given(audit_logs())
def test_a_log_that_holds_stays_whole(log):
    assume(bad_at_most(log) is not None)
    assert log_in_force(log) == LogInForce(log, 0.05, 0)
