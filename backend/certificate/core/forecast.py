"""What it takes to certify less: how many more looks, of which kind, and when to stop.

A forecast is no part of the certificate. It supposes that new audit films come from all films that
nobody has looked at.
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
"""Finds are not carried forward over more than so many times the audit looks made."""
MANY_BAD = 0.05
"""Share of bad films above which L. Oakden-Rayner labels a random test set instead (article)."""


class Advice(StrEnum):
    """What to do next, in words for a person."""

    DONE = "nothing: this much is certified already"
    AUDIT = "look at more films drawn at random"
    RANKED = "not by auditing: review the ranked list first"
    VERDICTS = "not by auditing: settle the films that were looked at and have no verdict yet"


class Course(StrEnum):
    """The article's rule."""

    TEST_SET = (
        "over 5 % of the films are bad: label a few hundred drawn at random as a test set, and "
        "follow the detector's figures on it"
    )
    FLAGGED = "under 5 % of the films are bad: look at every film that the detector flags"
    UNDECIDED = "nobody knows yet whether over or under 5 % of the films are bad: audit more"


@dataclass(frozen=True, slots=True)
class AuditForecast:
    """Audit looks until at most `target` bad films are left, by what they may show."""

    target: int
    if_all_clean: int | None
    """None where no audit can do it while films have no verdict."""
    at_present_rate: int | None
    """If bad films go on turning up as often as so far. None: not within `FARTHEST`."""
    advice: Advice

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def forecast(
    log: AuditLog, said: Certificate, target: int, *, alpha: float = ALPHA
) -> AuditForecast:
    """Return how many more audit looks bring the certificate down to `target` films.

    Args:
        log: what the certificate was made from.
        said: the certificate of that log.
        target: films left unreviewed, as called (`Certificate.at_most_unreviewed`); half of what is
            left now for "look at m more to halve k".
        alpha: of the bound on films that would be called bad: with slips, `BOUND_SHARE` of it.
    """
    if said.at_most_unreviewed <= target:
        return AuditForecast(target, 0, 0, Advice.DONE)
    if target < log.unresolved:
        return AuditForecast(target, None, None, Advice.VERDICTS)
    part = log_in_force(log, alpha=alpha)
    ahead = _Ahead(part.log, part.alpha, target + 1)
    likely = ahead.looks_at_present_rate()
    return AuditForecast(
        target, ahead.looks(0), likely, Advice.RANKED if likely is None else Advice.AUDIT
    )


def halve(log: AuditLog, said: Certificate, *, alpha: float = ALPHA) -> AuditForecast:
    """Return how many more audit looks halve what may be left."""
    return forecast(log, said, said.at_most_unreviewed // 2, alpha=alpha)


def article_course(said: Certificate) -> Course:
    """Return what L. Oakden-Rayner would do, going by what is certified.

    Her rule is the case of the certificate where films are looked at once and then no more. Where
    few films are bad, every film of the ranked list that is bad lowers what may be left by one, and
    70 clean audit looks are enough to know that fewer than 5 % are. Where many are bad, audit looks
    find them as fast as a ranked list would, and a sample of them is a test set.
    """
    if said.kappa_hat <= MANY_BAD * said.films:
        return Course.FLAGGED
    share = clopper_pearson(said.audit_finds, said.audit_looks)
    many = said.found > MANY_BAD * said.films or share.low > MANY_BAD
    return Course.TEST_SET if many else Course.UNDECIDED


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Audits to come, with the claim they are to rule out."""

    log: AuditLog
    alpha: float
    bad_left: int
    """The claim: so many films without a verdict are bad, whatever is found until then."""

    @property
    def _finds(self) -> int:
        return sum(run.end is RunEnd.FIND for run in self.log.runs)

    def looks(self, finds: int) -> int:
        """Return the fewest looks, so many of them finds, after which the claim is ruled out."""
        low, high = 0, max(0, self._room(finds) + 1)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._enough(middle, finds) else (middle + 1, high)
        return low + finds

    def looks_at_present_rate(self) -> int | None:
        """Return the same if finds come at the rate so far; None if not within the horizon."""
        made = sum(run.looks for run in self.log.runs)
        if not made:
            return None
        rate = (self._finds + 0.5) / made
        horizon = min(FARTHEST * made, self.log.unreviewed)
        for finds in range(round(horizon * rate) + 1):
            # So many finds are to be expected in this many looks: one more would round up.
            most = min(horizon, math.ceil((finds + 0.5) / rate) - 1)
            if self._enough(most - finds, finds):
                return max(self.looks(finds), math.ceil((finds - 0.5) / rate))
        return None

    def _room(self, finds: int) -> int:
        """Return how many clean looks leave room for the films claimed to be bad."""
        return self.log.unreviewed - finds - self.bad_left + self.log.unresolved

    def _enough(self, clean: int, finds: int) -> bool:
        """Whether so many looks rule the claim out, their finds spread evenly."""
        if clean > self._room(finds):
            return True
        found = np.arange(finds + 1)
        bad = self.bad_left - self.log.unresolved + finds - found
        part = clean / (finds + 1)
        new = hazard(self.log.unreviewed - found * (part + 1), bad, np.full(finds + 1, part)).sum()
        total = self._finds + finds
        needed = multipliers(self.alpha, total + 1)[total]
        old = evidence_against(self.log.runs, self.log.found + finds + self.bad_left)
        return bool(old + new >= needed)
