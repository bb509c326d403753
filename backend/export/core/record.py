"""What the ledger keeps of an export, so that its lists can be rebuilt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.base.core.detector_task import Thresholds


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """How much of an archive there was, and its digest."""

    films: int
    files: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PredictionFacts:
    """Which predictions there were: the first rows of a file, and their digest."""

    rows: int
    rows_sha256: str


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What decided for one detector task, besides its labels."""

    definition_sha256: str
    thresholds: Thresholds
    in_use: str | None
    """The published version."""
    predictions: PredictionFacts | None
    """What that version predicted; None where it had predicted nothing."""
    turned_down: Sequence[tuple[str, str]]
    """Rules of reports whose labels did not count, each with the label that it gives."""


@dataclass(frozen=True, slots=True)
class MomentFacts:
    """What was known when an export began."""

    as_of: int
    """The last row of the ledger then."""
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
    """0 for a file that is no list."""


@dataclass(frozen=True, slots=True)
class CopiesMade:
    """Copies of films that an export wrote besides."""

    apply: bool
    """Whether copies were asked for."""
    copies: int = 0
    """Corrected films."""
    crops: int = 0
    """Parts of films that lie in boxes."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """The whole row."""

    moment: MomentFacts
    predicted: bool
    """Whether films were listed that nobody had looked at."""
    refuted: Mapping[str, str]
    """Radiograph id -> why its correction did not pass. Detectors are not asked again."""
    settled_bad: Mapping[str, Sequence[str]]
    """By detector task, the films that two looks had called bad; looks are not read again."""
    listed: Mapping[str, Sequence[str]]
    """By file, the radiograph ids in it."""
    outputs: Mapping[str, OutputFacts]
    """By file."""
    made: CopiesMade
    changed: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Radiograph id -> which of its files, in the order of their names, was in no list, because it
    was no longer what was indexed. Files are not asked again."""
