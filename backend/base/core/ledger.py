"""The ledger: what was decided, row after row, each sealed by the digest of the one before.

Whoever changes, moves or takes out a row changes the digest of all that follow, so a copy of the
last digest, kept elsewhere, proves that nothing was changed later.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]
"""What a row tells, as a JSON document: each kind of event has keys of its own."""

START = "0" * 64
"""What the first row names as the digest of the row before."""


class EventKind(StrEnum):
    """Kinds of event that the ledger records."""

    BEGIN = "begin"
    """The first row: what stood before there was a ledger."""
    LABELLING = "labelling"
    """A rule was applied, or reports were read; rows of single labels name it as their `run`."""
    LABEL = "label"
    """A film got a label."""
    WITHDRAWN = "withdrawn"
    """A film's label does not stand any more."""
    ANSWER = "answer"
    """Somebody submitted or skipped an item."""
    ANSWER_WITHDRAWN = "answer withdrawn"
    BATCH = "batch"
    PICK = "pick"
    """A film came into a review batch."""
    MODEL = "model"
    """A model version was trained."""
    PUBLISHED = "published"
    """A model version became the one in use."""
    EXPORT = "export"
    OVERRIDE = "override"
    """Somebody went on with an export that was blocked."""
    EVIDENCE = "evidence"
    """What the tables hold after the rows before: a count and a digest of each that changed."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, to be appended to the ledger."""

    kind: EventKind
    facts: Facts
    """Plain values; never a patient, the words of a report, or a path."""
    detector_task: str | None = None
    radiograph_id: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of the ledger."""

    seq: int
    """From 1, without gaps."""
    at: str
    """UTC, ISO 8601."""
    kind: str
    detector_task: str | None
    radiograph_id: str | None
    facts: Facts
    previous: str
    """The digest of the row before."""
    digest: str
    """SHA-256, in hex, of all the rest of the row."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger."""

    seq: int = 0
    digest: str = START


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row at which a ledger was changed by hand, and how."""

    seq: int
    problem: str


@dataclass(slots=True)
class ChainCheck:
    """Checks rows one by one, in order, and keeps the first fault.

    >>> events = [Event(EventKind.BEGIN, {}), Event(EventKind.BATCH, {"seed": 7})]
    >>> check = ChainCheck()
    >>> [row.seq for row in check.passing(chained(events, Head(), "2026")[1:])]
    [2]
    >>> check.fault
    Fault(seq=1, problem='is missing')
    """

    head: Head = field(default_factory=Head)
    fault: Fault | None = None

    def passing(self, rows: Iterable[LedgerRow]) -> Iterator[LedgerRow]:
        """Yield the rows, checking each on the way; a fault stops nothing."""
        for row in rows:
            self.fault = self.fault or _fault(self.head, row)
            self.head = Head(row.seq, row.digest)
            yield row


def chained(events: Iterable[Event], head: Head, at: str) -> list[LedgerRow]:
    """Return the rows that tell of `events`, to follow on `head`.

    Args:
        events: in the order in which they happened.
        head: the end of the ledger.
        at: UTC, ISO 8601.
    """
    rows = []
    for event in events:
        facts = plain(event.facts)
        values = (head.seq + 1, at, event.kind.value, event.detector_task, event.radiograph_id)
        digest = _digest(values, facts, head.digest)
        rows.append(LedgerRow(*values, facts, head.digest, digest))
        head = Head(values[0], digest)
    return rows


def row_digest(row: LedgerRow) -> str:
    """Compute the digest of a row's content, which an unchanged row also holds."""
    values = (row.seq, row.at, row.kind, row.detector_task, row.radiograph_id)
    return _digest(values, row.facts, row.previous)


def row_text(row: LedgerRow) -> str:
    """Return a row as one line of JSON; the same row has the same line."""
    return canonical(asdict(row))


def difference(kept: Iterable[Mapping[str, object]], rows: Iterable[LedgerRow]) -> Fault | None:
    """Return where a ledger does not begin with a copy of it that was kept, or None.

    Args:
        kept: the rows of the copy, as plain values.
        rows: of the ledger.
    """
    ledger = iter(rows)
    for number, copy in enumerate(kept, start=1):
        row = next(ledger, None)
        if row is None:
            return Fault(number, "is missing: the ledger ends before the copy does")
        if canonical(copy) != row_text(row):
            return Fault(number, "is not the row of the copy")
    return None


def canonical(value: object) -> str:
    """Return JSON with sorted keys and no spaces: the same value has the same text.

    >>> canonical({"b": 1.0, "a": ["ä"]})
    '{"a":["ä"],"b":1.0}'
    """
    return _ENCODER.encode(value)


def plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as JSON gives it back; numbers that JSON cannot write become text.

    >>> plain({1: (float("nan"), 2.5)})
    {'1': ['nan', 2.5]}
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, str):  # a member of an enumeration, written as the word it stands for
        return str(value)
    if isinstance(value, Iterable):
        return [plain(part) for part in value]
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _fault(before: Head, row: LedgerRow) -> Fault | None:
    expected = before.seq + 1
    if row.seq > expected:
        return Fault(expected, "is missing")
    if row.seq < expected:
        return Fault(row.seq, "stands twice or out of order")
    if row.digest != row_digest(row):
        return Fault(row.seq, "was changed: its digest is not that of its content")
    if row.previous != before.digest:
        return Fault(row.seq, f"does not follow on row {before.seq}")
    return None


def _digest(values: Sequence[object], facts: Facts, previous: str) -> str:
    return hashlib.sha256(canonical([*values, facts, previous]).encode()).hexdigest()


_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
