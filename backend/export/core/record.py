"""The ledger's record of an export, from which its lists can be rebuilt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.base.core.detector_task import Thresholds


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """Size and digest of the archive."""

    films: int
    files: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PredictionFacts:
    """The predictions that existed: the first `rows` rows of a file, and their digest."""

    rows: int
    rows_sha256: str


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """Everything but labels that decided about films for one detector task."""

    definition_sha256: str
    thresholds: Thresholds
    in_use: str | None
    """The published version."""
    predictions: PredictionFacts | None
    """The published version's predictions; None where there were none."""
    turned_down: Sequence[tuple[str, str]]
    """Report rules whose labels did not count: (rule, label that it gives)."""


@dataclass(frozen=True, slots=True)
class MomentFacts:
    """The state of the workspace when an export began."""

    as_of: int
    """Number of the ledger's last row at that time."""
    read_at: str
    """UTC, ISO 8601."""
    radsieve: str
    """The version of this program."""
    settings: Mapping[str, object]
    archive: ArchiveFacts
    tasks: Mapping[str, TaskFacts]
    """By the name of the detector task."""


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """A file that an export wrote."""

    sha256: str
    rows: int
    """Rows of a list; 0 for a file that is no list."""


@dataclass(frozen=True, slots=True)
class CopiesMade:
    """Copies of films that an export wrote beside its lists."""

    apply: bool
    """Whether copies were asked for."""
    copies: int = 0
    """Number of corrected films."""
    crops: int = 0
    """Number of boxes that were cut out of films."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """The record of one export, as its row of the ledger holds it.

    A rebuild takes everything from here: it asks no detector, and reads no look and no film again.
    """

    moment: MomentFacts
    predicted: bool
    """Whether predicted films that nobody had decided about were listed."""
    refuted: Mapping[str, str]
    """Radiograph id -> why a detector objected to its correction."""
    settled_bad: Mapping[str, Sequence[str]]
    """By detector task, ids of films that two looks had called bad."""
    listed: Mapping[str, Sequence[str]]
    """By file, the radiograph ids in it."""
    outputs: Mapping[str, OutputFacts]
    """By file."""
    made: CopiesMade
    changed: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Radiograph id -> positions of its files, sorted by name, that were in no list because their
    content had changed since they were indexed."""
