"""What lies in Label Studio for a person: batches, items and stored answers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend.review.core.look import Call, KnownAnswer, LookOutcome, Purpose


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One state of one annotation."""

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
    """What the item showed, in order: radiograph ids, and ids of hidden checks."""
    called: Mapping[str, Call]
    """By shown id; empty unless the answer counted."""
    suggested: Mapping[str, Call] | None = None
    """What the pre-annotation called each; None where it is not known."""

    def without(self, films: Collection[str]) -> "StoredAnswer":
        """Return the same answer, saying nothing of these films."""
        called = {shown: call for shown, call in self.called.items() if shown not in films}
        return replace(self, called=called)


SHEET, SINGLE = "sheet", "single"
"""The two kinds of items."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item (a contact sheet or a single film) and where it stands."""

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
    """Which reviewer's tab shows it, from 1; None: everybody's."""
    checks: Mapping[str, KnownAnswer] = field(default_factory=dict)
    """By shown id, films whose answer is known; they are not among `radiograph_ids`."""
    superseded_at: str | None = None
    """A newer batch took its films; an answer that comes still counts."""
    covered: Mapping[str, str] | None = None
    """Expected labels of the other detector tasks that an answer is an answer to as well; None:
    the item asks the question of its own task alone."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Film -> the film that it resembles, which is shown beside it and not asked about."""

    @property
    def shown_ids(self) -> tuple[str, ...]:
        """What the item shows, in order: by id, so that checks cannot be told from the rest."""
        return tuple(sorted([*self.radiograph_ids, *self.checks]))


def first_looks_waiting(waiting: Iterable[Item], kind: str) -> int:
    """Count items of a batch among those that wait; later looks do not hold up the next batch."""
    later = (Purpose.SECOND, Purpose.SETTLE)
    return sum(item.kind == kind and item.purpose not in later for item in waiting)


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What has to be on record before a batch is shown to anybody."""

    detector_task: str
    model_version: str
    seed: int
    films: int | None = None
    """In the archive; None where nothing was drawn at random."""
    drawn_from: int | None = None
    """Films that the audit slice was drawn from."""
    set_aside: Sequence[str] = ()
    """Films that could not be drawn though nobody had looked at them: they waited already."""


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """A batch of which an audit slice was drawn, as it was then."""

    detector_task: str
    batch_id: int
    model_version: str
    """That chose it."""
    created_at: str
    films: int
    drawn_from: int
    set_aside: Sequence[str]
    ranked: Sequence[str]
    """Picked by a score, or drawn from some films only."""
    drawn: Sequence[str]
    """In draw order."""
    gone: Sequence[str] | None
    """Films of the index that had no file then; None: recorded by a radsieve that did not say."""
