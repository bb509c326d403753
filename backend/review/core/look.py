"""A look: one film that one reviewer saw on one item, with the reviewer's call."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """The purpose of an item."""

    FIRST = ""
    """A first look at films of a review batch."""
    SECOND = "second"
    """A second, independent look at films that one look called bad."""
    DOUBLE = "double"
    """A second reader's look at films of another item of the batch."""
    SETTLE = "settle"
    """A deciding look at films about which two looks disagree."""
    CHOSEN = "chosen"
    """A look in the grid, where the reviewer sees predictions and earlier answers."""


class LookOutcome(StrEnum):
    """Whether an answer counts, or why it does not."""

    COUNTED = "counted"
    TOO_FAST = "too fast"
    """The answer came too fast for a look, as with a held key. The item waits again."""
    SKIPPED = "skipped"
    UNSEEN = "unseen"
    """The item was accepted in bulk after somebody had looked; the earlier answer stands."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A known-answer film on an item: it measures the reviewer, and is never a label."""

    radiograph_id: str
    truth: str
    """The label that the film is known to have."""
    ticked: bool
    """Whether the film is shown with a tick; a coin decides whether that is right."""
    made: bool = False
    """Whether radsieve turned or inverted the film itself (synthetic)."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Call:
    """An answer about one film: the film has a label, or does not have it."""

    label: str
    denied: bool = False
    """Whether the answer says only that the film does not have the label."""

    def says_bad(self, expected_label: str) -> bool:
        """Whether the film does not have the expected label, by this answer.

        An answer that only denies another label does not call the film bad: it may still have the
        expected label.

        >>> Call("upright").says_bad("upright"), Call("upright", denied=True).says_bad("upright")
        (False, True)
        >>> Call("turned").says_bad("upright"), Call("turned", denied=True).says_bad("upright")
        (True, False)
        """
        return (self.label == expected_label) == self.denied

    def among(self, labels: Sequence[str]) -> "Call":
        """Return the label that is left, where this denies one of two; else the call as it is.

        >>> Call("inverted", denied=True).among(["normal", "inverted"])
        Call(label='normal', denied=False)
        """
        left = [label for label in labels if label != self.label]
        return Call(left[0]) if self.denied and len(left) == 1 else self

    def is_opinion(self, expected_label: str) -> bool:
        """Whether the answer says bad or not bad; to deny another label says neither."""
        return not self.denied or self.label == expected_label


@dataclass(frozen=True, slots=True)
class Look:
    """One film that one reviewer saw once, with the reviewer's call."""

    radiograph_id: str
    item_key: str
    reviewer: str
    """A pseudonym."""
    answered_at: str
    """UTC, ISO 8601."""
    called: Call
    suggested: Call | None
    """The pre-annotation's call; None without one, or where it is not known."""
    purpose: Purpose
    slice: str
    """Why the film was in the batch (`labels.core.labels.Slice`); empty for a second look."""
    batch_id: int
    seconds: float | None
    """The item's lead time divided by its films; None where the item was never on a screen."""
    check: KnownAnswer | None = None
    """Set for a known-answer film."""
    called_at: str = ""
    """Time of this call, where other films of the answer were edited later: UTC, ISO 8601."""

    @property
    def on_screen(self) -> bool:
        """Whether somebody had the film on a screen; False where it was accepted in bulk."""
        return self.seconds is not None

    @property
    def said_at(self) -> str:
        """Time at which the film got this call."""
        return self.called_at or self.answered_at

    def says_bad(self, expected_label: str) -> bool:
        """Whether the film does not have the expected label, by this look."""
        return self.called.says_bad(expected_label)


def called_on_sheet(shown: Mapping[str, bool], shown_label: str) -> dict[str, Call]:
    """Return the call of each film by a sheet's answer.

    Args:
        shown: shown id -> whether the film was flagged.
        shown_label: the label that the sheet states for its films.
    """
    return {film: Call(shown_label, denied=out) for film, out in shown.items()}
