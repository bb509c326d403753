"""An upper bound on the number of bad films, from films drawn at random.

The bound holds however often it is computed. Only films that were drawn uniformly from unseen films
are evidence. Looks at other films (ranked, searched for) only change how many films are left, and
how many of them are bad. No detector score is used. The method and its proof: docs/certificate.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from backend.certificate.core.thresholds import multipliers

_Floats = NDArray[np.float64]

ALPHA = 0.05
ROUNDING = 1e-6
"""Subtracted from the evidence, to be safe: rounding adds far less in 1,000 runs."""
_STIRLING_FROM = 16.0


class RunEnd(StrEnum):
    """Why a run of clean audit looks ended."""

    OPEN = "open"
    """The run has no find at its end: looks at other films followed, or no look did."""
    FIND = "find"
    ASSUMED = "assumed"
    """The next film drawn has no verdict yet, so it counts as a find until it has one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive audit looks: clean looks, and at most one find at the end."""

    drawn_from: int
    """Number of films that the first film of the run was drawn from."""
    found: int
    """Number of confirmed bad films among those excluded from this draw."""
    clean: int
    """Number of looks that did not call the film bad."""
    end: RunEnd = RunEnd.OPEN
    aside: int = 0
    """Number of films that were excluded from this draw and have no verdict."""

    @property
    def looks(self) -> int:
        """Number of audit looks; films without a verdict are not counted."""
        return self.clean + (self.end is RunEnd.FIND)


@dataclass(frozen=True, slots=True)
class AuditLog:
    """All looks at an archive, reduced to what the bound needs."""

    films: int
    runs: tuple[Run, ...]
    found: int
    """Number of confirmed bad films, however they were found."""
    unreviewed: int
    """Number of films that nobody has looked at."""
    unresolved: int = 0
    """Number of films that were looked at and have no verdict yet."""

    @property
    def open_films(self) -> int:
        """Number of films without a verdict."""
        return self.unreviewed + self.unresolved


@dataclass(frozen=True, slots=True)
class LogInForce:
    """The part of a log that counts after all withdrawals of earlier certificates."""

    log: AuditLog
    """The log with only the runs since the last withdrawal."""
    alpha: float
    """Alpha of the certificate, halved at every withdrawal."""
    withdrawn: int
    """Number of withdrawals."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The moment at which the evidence against a claim was enough to reject it."""

    looks: int
    """Number of audit looks until then."""
    finds: int
    """Number of finds until then, with films that count as bad until they have a verdict."""
    evidence: float
    """The evidence needed: about the number of finds that would be expected if the claim held."""


def hazard(drawn_from: ArrayLike, bad: ArrayLike, clean: ArrayLike) -> _Floats:
    """Return minus the logarithm of the chance that no drawn film is bad.

    Args:
        drawn_from: number of films.
        bad: number of bad films among them.
        clean: number of films drawn without replacement.

    Returns:
        `ln C(n, R) - ln C(n - z, R)`, with n films drawn from, R bad, z clean; accurate to 1e-9 for
        a million films; infinity where so many clean films are impossible.

    >>> round(float(np.exp(-hazard(10, 2, 3))), 9)  # 8/10 * 7/9 * 6/8
    0.466666667
    """
    n, r, z = np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (drawn_from, bad, clean)))
    possible = r + z <= n
    bad_part, clean_part = np.where(possible, r, 0.0), np.where(possible, z, 0.0)
    per_film = 1 / np.maximum(n, 1.0)
    rest = n - bad_part - clean_part
    # Logarithms of factorials of millions lose digits; these differences of x ln x do not.
    large = (
        special.xlog1py(rest, -(bad_part + clean_part) * per_film)
        - special.xlog1py(n - bad_part, -bad_part * per_film)
        - special.xlog1py(n - clean_part, -clean_part * per_film)
    )
    small = (_beyond(n) - _beyond(n - clean_part)) - (_beyond(n - bad_part) - _beyond(rest))
    return np.where(possible, large + small, np.inf)


def _beyond(x: _Floats) -> _Floats:
    """Return `ln x! - (x ln x - x)`, by Stirling's series where that is exact to 1e-14."""
    big = np.maximum(x, _STIRLING_FROM)
    inverse = 1 / big
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    few = np.minimum(x, _STIRLING_FROM)
    exact = special.gammaln(few + 1) - special.xlogy(few, few) + few
    return np.where(x >= _STIRLING_FROM, 0.5 * np.log(2 * np.pi * big) + series, exact)


def excluded(log: AuditLog, kappa: int, *, alpha: float = ALPHA) -> bool:
    """Return whether the log rules out that the archive had `kappa` bad films.

    If it rules out a number that is not below the films found, it rules out all larger numbers.
    """
    return _Evidence(log.runs, alpha).rules_out(log, kappa)


def bad_at_most(log: AuditLog, *, alpha: float = ALPHA) -> int | None:
    """Return the largest number of bad films in the archive that is not ruled out.

    Returns:
        None where even the number of films found is ruled out. This happens in less than a share
        `alpha` of all archives; the certificate is then withdrawn (`log_in_force`).
    """
    evidence = _Evidence(log.runs, alpha)
    low, high = log.found, log.found + log.open_films
    if evidence.rules_out(log, low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if evidence.rules_out(log, middle):
            high = middle - 1
        else:
            low = middle
    return low


def deciding_moment(log: AuditLog, kappa: int, *, alpha: float = ALPHA) -> Rejection | None:
    """Return the moment at which the evidence ruled out `kappa`; None where it never did."""
    evidence = _Evidence(log.runs, alpha)
    enough = np.flatnonzero(evidence.gathered(kappa) >= evidence.needed)
    if not len(enough):
        return None
    at, runs = int(enough[0]), log.runs[: int(enough[0]) + 1]
    looks = sum(run.looks for run in runs) - (runs[-1].end is RunEnd.FIND)
    return Rejection(looks, int(evidence.finds[at]), float(evidence.needed[at]))


def evidence_against(runs: Sequence[Run], kappa: int) -> float:
    """Return the evidence of all runs against `kappa` bad films in all; infinity: impossible."""
    total = _Evidence(runs, ALPHA).gathered(kappa)
    return float(total[-1]) if len(total) else 0.0


def log_in_force(log: AuditLog, *, alpha: float = ALPHA) -> LogInForce:
    """Return the part of the log that a certificate may rest on now.

    A certificate is wrong where reviewers find more bad films than it allowed for. It is then
    withdrawn, and a new log starts at that point with half of alpha.
    """
    return _in_force(LogInForce(log, alpha, 0))


def _in_force(part: LogInForce) -> LogInForce:
    log = part.log
    evidence = _Evidence(log.runs, part.alpha)
    known = np.maximum.accumulate([*(run.found for run in log.runs), log.found])
    low, high = 1, len(log.runs)
    if not high or not evidence.exceeded(int(known[high]), high):
        return part
    # A number that is ruled out stays ruled out, and finds stay finds: so bisection is correct.
    while low < high:
        middle = (low + high) // 2
        if evidence.exceeded(int(known[middle]), middle):
            high = middle
        else:
            low = middle + 1
    rest = replace(log, runs=log.runs[low:])
    return _in_force(LogInForce(rest, part.alpha / 2, part.withdrawn + 1))


class _Evidence:
    """The runs as arrays, and the evidence needed to reject a claim in each run."""

    def __init__(self, runs: Sequence[Run], alpha: float) -> None:
        def column(values: list[int]) -> _Floats:
            return np.array(values, np.float64)

        self._drawn_from = column([run.drawn_from for run in runs])
        self._clean = column([run.clean for run in runs])
        # Films outside the draw without a verdict may be bad: then fewer bad films could be drawn.
        self._elsewhere = column([run.found + run.aside for run in runs])
        ended = np.array([run.end is not RunEnd.OPEN for run in runs], np.int64)
        self.finds = np.cumsum(ended) - ended
        self.needed = multipliers(alpha, int(ended.sum()) + 1)[self.finds]

    def rules_out(self, log: AuditLog, kappa: int) -> bool:
        """Whether `kappa` bad films are impossible, or were rejected by the evidence."""
        possible = log.found <= kappa <= log.found + log.open_films
        return not possible or self.exceeded(kappa, len(self.finds))

    def exceeded(self, kappa: int, first_runs: int) -> bool:
        """Whether the evidence rejected `kappa` at any moment of the first runs."""
        return bool((self.gathered(kappa) >= self.needed)[:first_runs].any())

    def gathered(self, kappa: int) -> _Floats:
        """Return the evidence against a number of bad films at the end of each run."""
        bad = np.maximum(kappa - self._elsewhere, 0.0)
        return np.cumsum(hazard(self._drawn_from, bad, self._clean)) - ROUNDING
