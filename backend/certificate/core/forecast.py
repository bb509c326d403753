"""Forecast how many more audit looks a lower bound takes, and advise what to do next.

A forecast is no part of the certificate. It assumes that the next audit films are drawn from all
films that nobody has looked at.
"""

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from backend.base.core.figures import clopper_pearson
from backend.certificate.core.bound import (
    ALPHA,
    AuditLog,
    RunEnd,
    evidence_against,
    hazard,
    log_in_force,
)
from backend.certificate.core.certificate import Certificate
from backend.certificate.core.thresholds import multipliers

FARTHEST = 10
"""The rate of finds is extrapolated to at most this many times the audit looks made."""
MANY_BAD = 0.05
"""Share of bad films above which L. Oakden-Rayner labels a random test set instead (her article is
cited in docs/certificate.md)."""


class Advice(StrEnum):
    """The advised next step, in words for a person."""

    DONE = "nothing: this much is certified already"
    AUDIT = "look at more films drawn at random"
    RANKED = "not by auditing: review the ranked list first"
    VERDICTS = "not by auditing: settle the films that were looked at and have no verdict yet"


class Course(StrEnum):
    """The course of action that L. Oakden-Rayner's article advises."""

    TEST_SET = (
        "over 5 % of the films are bad: label a few hundred drawn at random as a test set, and "
        "follow the detector's figures on it"
    )
    FLAGGED = "under 5 % of the films are bad: look at every film that the detector flags"
    UNDECIDED = "nobody knows yet whether over or under 5 % of the films are bad: audit more"


@dataclass(frozen=True, slots=True)
class AuditForecast:
    """Number of audit looks until at most `target` bad films can be left."""

    target: int
    if_all_clean: int | None
    """None where the films without a verdict alone are more than the target."""
    at_present_rate: int | None
    """The number if audit looks find bad films at the rate so far; None where it is more than
    `FARTHEST` times the looks made."""
    advice: Advice

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def forecast(
    log: AuditLog, certificate: Certificate, target: int, *, alpha: float = ALPHA
) -> AuditForecast:
    """Return how many more audit looks bring the certificate down to `target` films.

    Args:
        log: the log that the certificate was made from.
        certificate: the certificate of that log.
        target: the value that `Certificate.at_most_unreviewed` shall reach.
        alpha: alpha of the bound without slips: with slips, `BOUND_SHARE` of the whole.
    """
    if certificate.at_most_unreviewed <= target:
        return AuditForecast(target, 0, 0, Advice.DONE)
    if target < log.unresolved:
        return AuditForecast(target, None, None, Advice.VERDICTS)
    part = log_in_force(log, alpha=alpha)
    ahead = _Ahead(part.log, part.alpha, target + 1)
    likely = ahead.looks_at_present_rate()
    return AuditForecast(
        target, ahead.looks(0), likely, Advice.RANKED if likely is None else Advice.AUDIT
    )


def halve(log: AuditLog, certificate: Certificate, *, alpha: float = ALPHA) -> AuditForecast:
    """Return how many more audit looks halve the bad films that may be left."""
    return forecast(log, certificate, certificate.at_most_unreviewed // 2, alpha=alpha)


def article_course(certificate: Certificate) -> Course:
    """Return the course of action that L. Oakden-Rayner's rule gives for a certificate.

    Her rule is the special case of a single audit. Where few films are bad, every bad film of the
    ranked list lowers the bound by one, and 70 clean audit looks show that fewer than 5 % are bad.
    Where many are bad, audit looks find them as fast as a ranked list does, and the films drawn at
    random serve as a test set.
    """
    if certificate.kappa_hat <= MANY_BAD * certificate.films:
        return Course.FLAGGED
    share = clopper_pearson(certificate.audit_finds, certificate.audit_looks)
    many = certificate.found > MANY_BAD * certificate.films or share.low > MANY_BAD
    return Course.TEST_SET if many else Course.UNDECIDED


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Future audit looks, and the claim that they shall reject."""

    log: AuditLog
    alpha: float
    bad_left: int
    """The claim: this number of films without a verdict is bad at the end, whatever is found."""

    @property
    def _finds(self) -> int:
        return sum(run.end is RunEnd.FIND for run in self.log.runs)

    def looks(self, finds: int) -> int:
        """Return the fewest looks, `finds` of them finds, that reject the claim."""
        low, high = 0, max(0, self._room(finds) + 1)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._enough(middle, finds) else (middle + 1, high)
        return low + finds

    def looks_at_present_rate(self) -> int | None:
        """Return the looks that reject the claim at the rate of finds so far; None: too many."""
        made = sum(run.looks for run in self.log.runs)
        if not made:
            return None
        rate = (self._finds + 0.5) / made
        horizon = min(FARTHEST * made, self.log.unreviewed)
        for finds in range(round(horizon * rate) + 1):
            # The most looks in which no more than `finds` finds are to be expected.
            most = min(horizon, math.ceil((finds + 0.5) / rate) - 1)
            if self._enough(most - finds, finds):
                return max(self.looks(finds), math.ceil((finds - 0.5) / rate))
        return None

    def _room(self, finds: int) -> int:
        """Return the most clean looks that are possible if the claim is true."""
        return self.log.unreviewed - finds - self.bad_left + self.log.unresolved

    def _enough(self, clean: int, finds: int) -> bool:
        """Whether these looks reject the claim, if their finds come at even distances."""
        if clean > self._room(finds):
            return True
        earlier = np.arange(finds + 1)
        bad = self.bad_left - self.log.unresolved + finds - earlier
        part = clean / (finds + 1)
        new = hazard(
            self.log.unreviewed - earlier * (part + 1), bad, np.full(finds + 1, part)
        ).sum()
        total = self._finds + finds
        needed = multipliers(self.alpha, total + 1)[total]
        old = evidence_against(self.log.runs, self.log.found + finds + self.bad_left)
        return bool(old + new >= needed)
