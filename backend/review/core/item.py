"""Batches, items and stored answers: the plain values of reviewing in Label Studio."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend.review.core.look import Call, KnownAnswer, LookOutcome, Purpose


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One stored state of one annotation."""

    item_key: str
    project_id: int
    detector_task: str
    annotation: str
    """`item key/annotation id`."""
    annotation_updated_at: str
    reviewer: str
    lead_time_s: float | None
    outcome: LookOutcome
    shown: Sequence[str]
    """Shown ids in the order on the item: radiograph ids, and ids of known-answer films."""
    called: Mapping[str, Call]
    """Shown id -> the reviewer's call; empty unless the answer counted."""
    suggested: Mapping[str, Call] | None = None
    """Shown id -> the pre-annotation's call; None where it is not known."""

    def without(self, films: Collection[str]) -> "StoredAnswer":
        """Return the same answer without the calls of these films."""
        called = {shown: call for shown, call in self.called.items() if shown not in films}
        return replace(self, called=called)


SHEET, SINGLE = "sheet", "single"
"""The two kinds of items."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item, a contact sheet or a single item, with its state."""

    item_key: str
    project_id: int
    batch_id: int
    position: int
    detector_task: str
    kind: str
    shown_label: str
    radiograph_ids: tuple[str, ...]
    item_id: int | None = None
    pushed_at: str | None = None
    closed_at: str | None = None
    purpose: Purpose = Purpose.FIRST
    shard: int | None = None
    """Number of the reviewer's tab that shows the item, from 1; None: all tabs."""
    checks: Mapping[str, KnownAnswer] = field(default_factory=dict)
    """By shown id, known-answer films; they are not among `radiograph_ids`."""
    superseded_at: str | None = None
    """When a newer batch took the item's films; a later answer still counts."""
    covered: Mapping[str, str] | None = None
    """Detector task -> expected label, of other tasks that an answer answers as well; None: the
    item asks only for its own task."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Film -> the similar film that is shown beside it and not asked about."""

    @property
    def shown_ids(self) -> tuple[str, ...]:
        """All ids that the item shows, sorted, so that known-answer films look like the others."""
        return tuple(sorted([*self.radiograph_ids, *self.checks]))


def first_looks_waiting(waiting: Iterable[Item], kind: str) -> int:
    """Count waiting items of one kind, without later looks, which do not delay the next batch."""
    later = (Purpose.SECOND, Purpose.SETTLE)
    return sum(item.kind == kind and item.purpose not in later for item in waiting)


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """The facts of a batch that are recorded before anybody sees it."""

    detector_task: str
    model_version: str
    seed: int
    films: int | None = None
    """Number of films in the archive; None where nothing was drawn at random."""
    drawn_from: int | None = None
    """Number of films that the audit slice was drawn from."""
    set_aside: Sequence[str] = ()
    """Films that nobody had looked at and that could not be drawn, because they already waited."""


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """A batch with a random audit slice, as it was recorded."""

    detector_task: str
    batch_id: int
    model_version: str
    """The version that ranked the batch."""
    created_at: str
    films: int
    """Number of films in the archive."""
    drawn_from: int
    """Number of films that the audit slice was drawn from."""
    set_aside: Sequence[str]
    """Films that nobody had looked at and that could not be drawn, because they already waited."""
    ranked: Sequence[str]
    """Films that a score picked, or that were drawn from a part of the archive."""
    drawn: Sequence[str]
    """Films of the audit slice, in draw order."""
    gone: Sequence[str] | None
    """Indexed films without a file at that time; None where an earlier radsieve did not record it.
    """
