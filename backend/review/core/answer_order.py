"""In which order the states of an annotation came about, though several pulls read them at once.

A pull knows the moment at which it began to read, and the database the moment at which it stored
what it knows; both are numbers of one clock in the database. What was stored before a reading began
is older than what this reading saw, whatever Label Studio's clock said. Of what was stored
meanwhile nobody knows that: there Label Studio's own times decide, and a deletion, which is final,
is believed rather than an annotation that was seen before or after it.
"""

from dataclasses import dataclass
from enum import Enum, auto

from backend.labels.core.annotation_order import is_later
from backend.review.core.look import LookOutcome


class StateOrder(Enum):
    """What a state of an annotation is to what is stored of it."""

    NEW = auto()
    KNOWN = auto()
    OUTDATED = auto()
    """Something later is stored."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The last that was stored of an annotation."""

    updated_at: str
    outcome: LookOutcome
    is_withdrawn: bool
    """It was deleted in Label Studio."""
    moment: int
    """When that was stored, or withdrawn."""


def order_of_state(
    updated_at: str, outcome: LookOutcome, stored: StoredState | None, begun: int | None
) -> StateOrder:
    """Return what a state of an annotation that was read is to what is stored of it.

    Args:
        updated_at: Label Studio's time of the state.
        outcome: what becomes of it.
        stored: the last that was stored of the annotation.
        begun: the moment at which the reading began; None where it was no pull that read it.
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
    """Return whether a reading surely saw Label Studio later than what is stored was seen."""
    return begun is not None and stored.moment < begun
