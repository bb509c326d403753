"""The certificate: an upper bound, at 95 % confidence, on the bad films that are left.

Of all archives that the rule is used on, fewer than 1 in 20 ever get a wrong number, however often
the bound is computed, a detector is retrained or a review is stopped. What the certificate covers
and what it does not: docs/certificate.md.
"""

from dataclasses import asdict, dataclass
from typing import Any

from backend.certificate.core.bound import (
    ALPHA,
    AuditLog,
    Rejection,
    RunEnd,
    bad_at_most,
    deciding_moment,
    log_in_force,
)
from backend.certificate.core.slips import BOUND_SHARE, Repeats, Slips, slips_from


@dataclass(frozen=True, slots=True)
class SlipBounds:
    """The bounds if reviewers miss bad films as often as they missed hidden ones."""

    missed: int
    """Films known to be bad that were shown again unmarked and not called bad."""
    shown: int
    one_look_misses_at_most: float
    two_looks_miss_at_most: float
    """Upper bound on the share of bad films that are not called bad by both looks."""
    at_most_unreviewed: int
    """Upper bound on the bad films without a verdict, those that reviewers would miss included."""
    at_most_remaining: int
    """Upper bound on all bad films left, those that were looked at and missed included."""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Films that were added or replaced since the first draw."""

    films: int = 0
    unknown: int = 0
    """Number of these films without a verdict."""

    @property
    def came(self) -> str:
        """The number of these films in words, as the beginning of a sentence."""
        return f"{self.films:,} {_films(self.films)} came later (or {_was(self.films)} replaced)"

    def __str__(self) -> str:
        """Return in words how many films came and how many have no verdict."""
        if self.unknown == self.films:
            return f"{self.came}: nothing is known of {_them(self.films)}"
        silent = f"{self.came}; the certificate says nothing of {_them(self.films)}"
        have = "has" if self.unknown == 1 else "have"
        return f"{silent}, and {self.unknown:,} {have} no verdict" if self.unknown else silent


@dataclass(frozen=True, slots=True)
class Certificate:
    """The bad films that may be left in the archive, at confidence 1 - alpha."""

    films: int
    """Number of different films in the archive when the first audit was drawn."""
    unreviewed: int
    unresolved: int
    """Films that were looked at and have no verdict yet; the bound counts them, as they may be bad.
    """
    found: int
    """Confirmed bad films, however they were found."""
    audit_looks: int
    """Looks at films drawn uniformly at random since the last withdrawal: the only evidence."""
    audit_finds: int
    audit_without_verdict: int
    """Drawn films without a verdict that later draws follow: they count as bad."""
    alpha: float
    """At most this share of all archives ever gets a wrong number."""
    kappa_hat: int
    """Upper bound on the number of films that two looks would call bad, in all."""
    at_most_unreviewed: int
    """k: the bound without the films found. Only `slips` allows for films that reviewers miss."""
    withdrawn: int
    """Number of earlier certificates that were withdrawn, as more bad films were found."""
    decided: Rejection | None
    """The moment at which the evidence reached the bound; None where the number of films sets it.
    """
    slips: SlipBounds | None
    """None where no film known to be bad was shown again, or reviewers recognised too few."""
    newcomers: Newcomers
    """Films that came after the first draw; no other number of the certificate includes them."""

    @property
    def at_most_remaining(self) -> int:
        """Upper bound on the bad films left, missed ones included where misses were measured."""
        return self.slips.at_most_remaining if self.slips else self.at_most_unreviewed

    @property
    def certified_recall(self) -> float | None:
        """Lower bound on the share of bad films found, 0 to 1; None if none may exist."""
        bad = self.found + self.at_most_remaining
        return self.found / bad if bad else None

    @property
    def sentence(self) -> str:
        """The certificate in plain English."""
        return " ".join(_sentences(self))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {
            "confidence": round(1 - self.alpha, 12),
            "at_most_remaining": self.at_most_remaining,
            "certified_recall": self.certified_recall,
            "sentence": self.sentence,
        }


def certify(
    log: AuditLog,
    *,
    repeats: Repeats | None = None,
    alpha: float = ALPHA,
    newcomers: Newcomers | None = None,
) -> Certificate:
    """Return the certificate of an archive as it is now.

    Args:
        log: see `certificate.core.audit_log.read_history`.
        repeats: how often reviewers missed films known to be bad that were shown again unmarked. If
            any were shown, a fifth of alpha is spent on the bound of reviewers' misses.
        alpha: 1 - confidence; for T certificates that shall hold together, a T-th of the whole.
        newcomers: films that came after the first draw, which the log leaves out.
    """
    measured = repeats if repeats and repeats.shown else None
    share = BOUND_SHARE if measured else 1.0
    part = log_in_force(log, alpha=share * alpha)
    bad = bad_at_most(part.log, alpha=part.alpha)
    # `bad` is never None here: a log in force allows for the films found.
    kappa_hat = log.found if bad is None else bad
    in_force = alpha / 2**part.withdrawn
    return Certificate(
        films=log.films,
        unreviewed=log.unreviewed,
        unresolved=log.unresolved,
        found=log.found,
        audit_looks=sum(run.looks for run in part.log.runs),
        audit_finds=sum(run.end is RunEnd.FIND for run in part.log.runs),
        audit_without_verdict=sum(run.end is RunEnd.ASSUMED for run in part.log.runs),
        alpha=in_force,
        kappa_hat=kappa_hat,
        at_most_unreviewed=kappa_hat - log.found,
        withdrawn=part.withdrawn,
        decided=deciding_moment(part.log, kappa_hat + 1, alpha=part.alpha),
        slips=_slip_bounds(log, kappa_hat, measured, alpha=in_force) if measured else None,
        newcomers=newcomers or Newcomers(),
    )


def _slip_bounds(
    log: AuditLog, kappa_hat: int, repeats: Repeats, *, alpha: float
) -> SlipBounds | None:
    slips: Slips = slips_from(repeats, alpha=alpha)
    unreviewed, in_all = slips.bad_among(kappa_hat - log.found), slips.bad_among(kappa_hat)
    if unreviewed is None or in_all is None:
        return None
    return SlipBounds(
        missed=repeats.missed,
        shown=repeats.shown,
        one_look_misses_at_most=slips.one_look,
        two_looks_miss_at_most=slips.two_looks,
        at_most_unreviewed=min(unreviewed, log.open_films),
        at_most_remaining=min(in_all, log.films) - log.found,
    )


def _sentences(certificate: Certificate) -> list[str]:
    later = f"{certificate.newcomers}." if certificate.newcomers.films else ""
    parts = [
        _withdrawn(certificate),
        _drawn(certificate),
        _left(certificate),
        later,
        _slips(certificate),
        _rule(certificate),
    ]
    return [part for part in parts if part]


def _withdrawn(certificate: Certificate) -> str:
    if not certificate.withdrawn:
        return ""
    return (
        "More bad films were found than an earlier certificate of this archive allowed for; it is "
        "withdrawn, and this one rests on what was drawn since."
    )


def _drawn(certificate: Certificate) -> str:
    looks, others = certificate.audit_looks, _without_verdict(certificate)
    if not looks:
        return f"No film drawn at random has a verdict yet.{others}"
    return (
        f"We judged {looks:,} {_films(looks)} drawn at random from those nobody had looked at; "
        f"{were_bad(certificate.audit_finds)}.{others}"
    )


def _without_verdict(certificate: Certificate) -> str:
    count = certificate.audit_without_verdict
    if not count:
        return ""
    has = "has no verdict yet and counts" if count == 1 else "have no verdict yet and count"
    return f" {count:,} more {has} as bad."


def _left(certificate: Certificate) -> str:
    without_verdict = certificate.unreviewed + certificate.unresolved
    left, decided = certificate.at_most_unreviewed, certificate.decided
    if not without_verdict:
        which = "film of the first draw" if certificate.newcomers.films else "film"
        return f"Every {which} has a verdict, so no bad film is left to be found."
    if left == without_verdict:
        return f"That says nothing yet: all films without a verdict may be bad, {left:,} in number."
    if decided is None:
        return f"At most {left:,} bad {_films(left)} may be left."
    return (
        f"Had more than {left:,} bad {_films(left)} been left, we would have expected about "
        f"{decided.evidence:.1f} among {_those(certificate)}."
    )


def _those(certificate: Certificate) -> str:
    """Return the draws that the bound comes from: those up to the moment that decided."""
    decided = certificate.decided
    if decided is None or decided.looks == certificate.audit_looks:
        return "them"
    counted = f"{decided.finds:,} counted" if decided.finds else "none counted"
    return f"the first {decided.looks:,}, when {counted} as bad"


def _slips(certificate: Certificate) -> str:
    slips = certificate.slips
    if slips is None:
        return "This takes every verdict as right."
    most = slips.at_most_unreviewed
    return (
        f"Reviewers missed {slips.missed:,} of {slips.shown:,} {_films(slips.shown)} known to be "
        f"bad that {_was(slips.shown)} shown again; allowing for that, at most {most:,} bad "
        f"{_films(most)} may be left among those without a verdict, and at most "
        f"{slips.at_most_remaining:,} in all, looked at and missed ones included."
    )


def _rule(certificate: Certificate) -> str:
    return (
        f"With this rule fewer than 1 archive in {1 / certificate.alpha:,.0f} ever gets a wrong "
        "number, however often you look at it."
    )


def _films(count: int) -> str:
    return "film" if count == 1 else "films"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def were_bad(count: int) -> str:
    """Return in words how many films of a group were bad.

    >>> were_bad(0), were_bad(1), were_bad(2)
    ('none was bad', '1 was bad', '2 were bad')
    """
    return {0: "none was bad", 1: "1 was bad"}.get(count, f"{count:,} were bad")
