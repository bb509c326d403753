"""Decide whether a new model version may replace the one in use."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """How one model version judges sealed films, and the films whose labels people confirmed."""

    sealed_views: int
    sealed_errors: int
    """Among the made views of sealed films."""
    found: frozenset[str]
    """Confirmed bad films that it flags, by radiograph id."""
    contradicted: frozenset[str]
    """Films whose predicted label a confirmed answer rules out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Publish or not, and why, as a sentence for a person."""

    publish: bool
    reason: str


def decide(challenger: Record, champion: Record | None) -> Decision:
    """Compare a new version with the one in use, both judged on the same films.

    The new version must not make more errors on sealed films, must flag every confirmed bad film
    that the version in use flags, and must not contradict more confirmed answers.

    Raises:
        ValueError: the two were not judged on the same number of sealed views.
    """
    if champion is None:
        return Decision(True, f"the first version: {_sealed(challenger)}")
    if challenger.sealed_views != champion.sealed_views:
        raise ValueError(
            "both versions must be judged on the same sealed views, got "
            f"{challenger.sealed_views} and {champion.sealed_views}"
        )
    for objection in _OBJECTIONS:
        reason = objection(challenger, champion)
        if reason:
            return Decision(False, reason)
    return Decision(True, f"not worse than the version in use: {_sealed(challenger)}")


def _more_sealed_errors(challenger: Record, champion: Record) -> str | None:
    if challenger.sealed_errors <= champion.sealed_errors:
        return None
    return f"{_sealed(challenger)}; the version in use gets {champion.sealed_errors} wrong"


def _confirmed_lost(challenger: Record, champion: Record) -> str | None:
    lost = sorted(champion.found - challenger.found)
    if not lost:
        return None
    return (
        f"it misses {len(lost)} confirmed bad film(s) that the version in use finds, "
        f"such as {lost[0]}"
    )


def _more_contradicted(challenger: Record, champion: Record) -> str | None:
    ours, theirs = len(challenger.contradicted), len(champion.contradicted)
    if ours <= theirs:
        return None
    return f"it gets {ours} confirmed label(s) wrong; the version in use gets {theirs} wrong"


_OBJECTIONS: tuple[Callable[[Record, Record], str | None], ...] = (
    _more_sealed_errors,
    _confirmed_lost,
    _more_contradicted,
)


def _sealed(record: Record) -> str:
    if not record.sealed_views:
        return "no sealed film was there to judge by"
    return f"{record.sealed_errors} of {record.sealed_views} sealed views wrong"
