"""A look: one film that one reviewer saw on one item, and what it was called."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why an item exists."""

    FIRST = ""
    """Films of a review batch."""
    SECOND = "second"
    """Finds: somebody called them bad, and somebody has to say so again, independently."""
    DOUBLE = "double"
    """Films of another item of the batch, for a second reader."""
    SETTLE = "settle"
    """Films about which two looks disagree."""
    CHOSEN = "chosen"
    """A film that a reviewer labelled in the grid, knowing what had been said of it."""


class LookOutcome(StrEnum):
    """What became of an answer."""

    COUNTED = "counted"
    TOO_FAST = "too fast"
    """Nobody can have looked: a held key. The item waits again."""
    SKIPPED = "skipped"
    UNSEEN = "unseen"
    """Accepted in bulk, though somebody had looked: what was said then stands."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A film on an item whose answer is known: it measures the reviewer and never teaches."""

    radiograph_id: str
    truth: str
    """The label it is known to have."""
    ticked: bool
    """Whether it is shown pre-ticked, rightly or wrongly: a coin decides."""
    made: bool = False
    """Synthetic: turned or inverted by radsieve."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Call:
    """What an answer calls a film: a label, or only one that the film does not have."""

    label: str
    denied: bool = False
    """Whether all that was said is that the film does not have the label."""

    def says_bad(self, expected_label: str) -> bool:
        """Whether it says that the film is not as the archive expects it.

        A film of which only some other label was denied is not called bad: it may be the expected
        one.

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
        """Whether it says bad or not bad; to deny some other label says neither."""
        return not self.denied or self.label == expected_label


@dataclass(frozen=True, slots=True)
class Look:
    """One film seen once."""

    radiograph_id: str
    item_key: str
    reviewer: str
    """A pseudonym."""
    answered_at: str
    """UTC, ISO 8601."""
    called: Call
    suggested: Call | None
    """The same as pre-annotated; None where nothing was, or it is not known."""
    purpose: Purpose
    slice: str
    """Why the film was in the batch (`labels.core.labels.Slice`); empty for a second look."""
    batch_id: int
    seconds: float | None
    """The item's lead time shared among its films; None where nobody had it on a screen."""
    check: KnownAnswer | None = None
    """Set where the answer was known."""
    called_at: str = ""
    """Since when the answer has called the film so, where other films of it were edited later."""

    @property
    def on_screen(self) -> bool:
        """Whether somebody had the film before their eyes: not where it was accepted in bulk."""
        return self.seconds is not None

    @property
    def said_at(self) -> str:
        """When the film was called what it is called."""
        return self.called_at or self.answered_at

    def says_bad(self, expected_label: str) -> bool:
        """Whether the film was called anything but what the archive expects."""
        return self.called.says_bad(expected_label)


def called_on_sheet(shown: Mapping[str, bool], shown_label: str) -> dict[str, Call]:
    """Return what a sheet's answer calls each film.

    Args:
        shown: by shown id, whether the film was flagged.
        shown_label: what the sheet says its films are.
    """
    return {film: Call(shown_label, denied=out) for film, out in shown.items()}
