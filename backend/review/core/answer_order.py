"""Decide which of two states of an annotation is later, although several pulls read at once.

A pull has the moment at which it began to read, and every stored state the moment at which it was
stored; both are numbers of one clock in the database. A state stored before a reading began is
older than the state read, whatever Label Studio's clock says. For a state stored during the
reading, Label Studio's own times decide, and a deletion, which is final, overrides an annotation.
"""

from dataclasses import dataclass
from enum import Enum, auto

from backend.labels.core.annotation_order import is_later
from backend.review.core.look import LookOutcome


class StateOrder(Enum):
    """Whether a state of an annotation is later than the stored one, the same, or earlier."""

    NEW = auto()
    KNOWN = auto()
    OUTDATED = auto()
    """A later state is stored."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The latest stored state of an annotation."""

    updated_at: str
    """Label Studio's time of the state: UTC, ISO 8601."""
    outcome: LookOutcome
    is_withdrawn: bool
    """Whether the annotation was deleted in Label Studio."""
    moment: int
    """The moment at which the state was stored, or withdrawn."""


def order_of_state(
    updated_at: str, outcome: LookOutcome, stored: StoredState | None, begun: int | None
) -> StateOrder:
    """Compare a state of an annotation with the stored one.

    Args:
        updated_at: Label Studio's time of the state.
        outcome: whether the state counts, or why not.
        stored: the latest stored state of the annotation; None where none is stored.
        begun: the moment at which the reading began; None where no pull read the state.
    """
    if stored is None:
        return StateOrder.NEW
    was_read, is_sure = begun is not None, seen_since(stored, begun)
    is_same_time = stored.updated_at == updated_at
    if stored.is_withdrawn:
        is_new = is_sure or not was_read
    elif is_same_time and stored.outcome is outcome:
        return StateOrder.KNOWN
    elif is_same_time:
        is_new = is_sure or not was_read
    else:
        is_new = is_sure or is_later(updated_at, than=stored.updated_at)
    return StateOrder.NEW if is_new else StateOrder.OUTDATED


def seen_since(stored: StoredState, begun: int | None) -> bool:
    """Return whether a reading surely began after the stored state was stored."""
    return begun is not None and stored.moment < begun
