"""The certificate: with 95 % confidence, at most so many bad films are left.

The confidence is that of the rule: of all archives that it is used on, fewer than 1 in 20 ever get
a wrong number, however often anybody looks, retrains or stops. What it says and what it does not
say: docs/certificate.md.
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
    """What is left if slips are counted: of what was looked at, some bad films were passed."""

    missed: int
    """Hidden films, known to be bad, that were not called bad."""
    shown: int
    one_look_misses_at_most: float
    two_looks_miss_at_most: float
    """Share of bad films that are not called bad twice, at most."""
    at_most_unreviewed: int
    """Bad films that nobody has settled, however they would be called."""
    at_most_remaining: int
    """Those, and the bad films that were looked at and missed."""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Films of the archive that were not there at the first draw: added or replaced since."""

    films: int = 0
    unknown: int = 0
    """Of those, films without a verdict."""

    @property
    def came(self) -> str:
        """How many came, in words."""
        return f"{self.films:,} {_films(self.films)} came later (or {_was(self.films)} replaced)"

    def __str__(self) -> str:
        """Say in words how many came, and what is known of them."""
        if self.unknown == self.films:
            return f"{self.came}: nothing is known of {_them(self.films)}"
        silent = f"{self.came}; the certificate says nothing of {_them(self.films)}"
        return f"{silent}, and {self.unknown:,} have no verdict" if self.unknown else silent


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is left in the archive, with confidence 1 - alpha."""

    films: int
    """Deduplicated films listed when the first audit was drawn."""
    unreviewed: int
    unresolved: int
    """Looked at, without a verdict yet. They may be bad, so they count among what may be left."""
    found: int
    """Confirmed bad, however they were found."""
    audit_looks: int
    """At films drawn uniformly at random since the last withdrawal: the only evidence."""
    audit_finds: int
    audit_without_verdict: int
    """Films drawn that have no verdict yet; where later draws count, these count as bad."""
    alpha: float
    """Of all archives, at most this share ever gets a wrong number."""
    kappa_hat: int
    """Films that would be called bad, in all, at most."""
    at_most_unreviewed: int
    """Of those, not found yet: k. Slips are not counted here, but in `slips`."""
    withdrawn: int
    """Earlier certificates of this archive that were withdrawn: more was found than they said."""
    decided: Rejection | None
    """When the evidence was enough; None where evidence was not what decided."""
    slips: SlipBounds | None
    """None where no film known to be bad was shown again, or too few were recognised."""
    newcomers: Newcomers
    """Nothing else here counts them."""

    @property
    def at_most_remaining(self) -> int:
        """Bad films still in the archive at most, slips counted if they were measured."""
        return self.slips.at_most_remaining if self.slips else self.at_most_unreviewed

    @property
    def certified_recall(self) -> float | None:
        """Share of all bad films that were found, at least; None where none need exist."""
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
    """Return what can be said of an archive now.

    Args:
        log: see `certificate.core.audit_log.read_history`.
        repeats: how films known to be bad fared that were shown again, hidden among others. With
            them, a fifth of alpha goes into how often reviewers slip.
        alpha: for one of T detector tasks that are to hold together, a T-th.
        newcomers: films of the archive that the log is not about.
    """
    measured = repeats if repeats and repeats.shown else None
    share = BOUND_SHARE if measured else 1.0
    part = log_in_force(log, alpha=share * alpha)
    bad = bad_at_most(part.log, alpha=part.alpha)
    # It never is None: a log in force allows for what was found.
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


def _sentences(said: Certificate) -> list[str]:
    later = f"{said.newcomers}." if said.newcomers.films else ""
    parts = [_withdrawn(said), _drawn(said), _left(said), later, _slips(said), _rule(said)]
    return [part for part in parts if part]


def _withdrawn(said: Certificate) -> str:
    if not said.withdrawn:
        return ""
    return (
        "More bad films were found than an earlier certificate of this archive allowed for; it is "
        "withdrawn, and this one rests on what was drawn since."
    )


def _drawn(said: Certificate) -> str:
    if not said.audit_looks:
        return "No film drawn at random has been looked at."
    return (
        f"We drew {said.audit_looks:,} {_films(said.audit_looks)} at random from those nobody had "
        f"looked at; {_were_bad(said.audit_finds)}."
    )


def _left(said: Certificate) -> str:
    if not said.unreviewed + said.unresolved:
        which = "film of the first draw" if said.newcomers.films else "film"
        return f"Every {which} was looked at, so no bad film is left among those nobody looked at."
    if said.at_most_unreviewed == said.unreviewed + said.unresolved:
        return (
            "That says nothing yet: all films without a verdict may be bad, "
            f"{said.at_most_unreviewed:,} in number."
        )
    if said.decided is None:
        return f"At most {said.at_most_unreviewed:,} bad films are left."
    return (
        f"Had more than {said.at_most_unreviewed:,} bad {_films(said.at_most_unreviewed)} been "
        f"left, we would have expected about {said.decided.evidence:.1f} among {_those(said)}."
    )


def _those(said: Certificate) -> str:
    """Return which draws the bound comes from; the best moment so far counts."""
    decided = said.decided
    if decided is None or decided.looks == said.audit_looks:
        return "them"
    return f"the first {decided.looks:,}, of which {_were_bad(decided.finds)}"


def _slips(said: Certificate) -> str:
    if said.slips is None:
        return "This takes every verdict as right."
    return (
        f"Reviewers missed {said.slips.missed:,} of {said.slips.shown:,} films known to be bad "
        "that were shown again; allowing for that, at most "
        f"{said.slips.at_most_unreviewed:,} bad films are left among those nobody looked at, and "
        f"at most {said.slips.at_most_remaining:,} in all, looked at and missed ones included."
    )


def _rule(said: Certificate) -> str:
    return (
        f"With this rule fewer than 1 archive in {1 / said.alpha:,.0f} ever gets a wrong number, "
        "however often you look at it."
    )


def _films(count: int) -> str:
    return "film" if count == 1 else "films"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _were_bad(count: int) -> str:
    return {0: "none was bad", 1: "1 was bad"}.get(count, f"{count:,} were bad")
