"""The forecast, checked by doing what it says; the stopping rule; the article's rule."""

from dataclasses import replace

import pytest

from backend.certificate.core.bound import AuditLog, Run, RunEnd, bad_at_most
from backend.certificate.core.certificate import certify
from backend.certificate.core.forecast import (
    Advice,
    Course,
    article_course,
    forecast,
    halve,
)
from backend.certificate.core.slips import Repeats


def audited(films, looks, finds=0):
    runs, done = [], 0
    for find in range(finds):
        place = int(looks * (find + 0.5) / finds)
        runs.append(Run(films - done, find, place - done, RunEnd.FIND))
        done = place + 1
    runs.append(Run(films - done, finds, looks - done))
    return AuditLog(films, tuple(runs), finds, films - looks)


def with_looks(log, clean):
    run = Run(log.unreviewed, log.found, clean)
    return replace(log, runs=(*log.runs, run), unreviewed=log.unreviewed - clean)


@pytest.mark.parametrize(
    ("looks", "finds", "more"), [(1_000, 0, 987), (5_000, 0, 4_640), (1_000, 2, 1_107)]
)
def test_halving_takes_as_many_clean_looks_as_the_facts_say(looks, finds, more):
    log = audited(112_120, looks, finds)
    assert halve(log, certify(log)).if_all_clean == more


@pytest.mark.parametrize("finds", [0, 1, 2, 5, 20])
@pytest.mark.parametrize("archive", [(300, 100), (10_000, 400), (112_120, 1_000)])
def test_after_the_clean_looks_forecast_half_is_left_and_not_one_look_sooner(archive, finds):
    log = audited(*archive, finds)
    k = certify(log).at_most_unreviewed
    more = halve(log, certify(log)).if_all_clean
    after = bad_at_most(with_looks(log, more)) - log.found
    before = bad_at_most(with_looks(log, more - 1)) - log.found
    assert after <= k / 2 < before or after <= k // 2 < before


@pytest.mark.parametrize("finds", [1, 2])
def test_finds_at_the_present_rate_take_more_looks_and_then_half_is_left(finds):
    log = audited(112_120, 1_000, finds)
    said = certify(log)
    expected = halve(log, said)
    assert expected.if_all_clean < expected.at_present_rate
    more, extra = expected.at_present_rate, round(expected.at_present_rate * (finds + 0.5) / 1_000)
    runs, n, found, part = list(log.runs), log.unreviewed, log.found, (more - extra) // (extra + 1)
    for _ in range(extra):
        runs.append(Run(n, found, part, RunEnd.FIND))
        n, found = n - part - 1, found + 1
    runs.append(Run(n, found, more - extra - part * extra))
    after = AuditLog(log.films, tuple(runs), found, log.unreviewed - more)
    assert bad_at_most(after) - found <= said.at_most_unreviewed // 2


def test_many_finds_mean_that_audits_will_not_do():
    log = audited(112_120, 1_000, 20)
    expected = halve(log, certify(log))
    assert (expected.at_present_rate, expected.advice) == (None, Advice.RANKED)


def test_what_is_reached_takes_no_more_looks():
    log = audited(10_000, 1_000)
    assert forecast(log, certify(log), 40).if_all_clean == 0
    assert forecast(log, certify(log), 40).advice is Advice.DONE


def test_films_without_a_verdict_cannot_be_audited_away():
    log = replace(audited(1_000, 200), unreviewed=700, unresolved=100)
    assert forecast(log, certify(log), 10).advice is Advice.VERDICTS


def test_before_the_first_audit_look_the_forecast_tells_what_clean_looks_would_do():
    log = AuditLog(112_120, (), 0, 112_120)
    expected = forecast(log, certify(log), 390)
    assert 990 <= expected.if_all_clean <= 1_000
    assert bad_at_most(with_looks(log, expected.if_all_clean)) == 390


def test_with_slips_it_is_all_that_remains_that_decides():
    log = replace(audited(10_000, 1_000), found=20, unreviewed=8_980)
    plain, slips = certify(log), certify(log, repeats=Repeats(5, 200))
    assert slips.at_most_remaining > plain.at_most_remaining


@pytest.mark.parametrize(
    ("looks", "finds", "course"),
    [
        (70, 0, Course.FLAGGED),
        (60, 0, Course.UNDECIDED),
        (1_000, 5, Course.FLAGGED),
        (300, 60, Course.TEST_SET),
        (100, 6, Course.UNDECIDED),
    ],
)
def test_the_articles_rule_follows_from_what_is_certified(looks, finds, course):
    assert article_course(certify(audited(112_120, looks, finds))) is course
