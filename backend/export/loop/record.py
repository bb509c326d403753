"""What an export knows when it begins, and what the ledger keeps so that it can be rebuilt."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.database import utc_now
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.files import keep
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import DetectorFiles, SealTerms
from backend.base.core.detector_task import DetectorTask
from backend.base.core.ledger import Event, EventKind, canonical
from backend.detectors.adapters.versions.predictions import PredictionTable, rows_sha256
from backend.export.adapters.archive_state import ArchiveState, archive_state
from backend.export.adapters.export_record import record_values
from backend.export.core.record import (
    ArchiveFacts,
    CopiesMade,
    ExportRecord,
    MomentFacts,
    OutputFacts,
    PredictionFacts,
    TaskFacts,
)
from backend.export.loop.checked_lists import CheckedLists
from backend.export.loop.lists import REBUILT, Known
from backend.export.loop.reading import ArchiveReading, TaskReading, read_archive, read_tables
from backend.labels.adapters.ledger_store import note, recorded
from backend.labels.core.labels import Label, LabelSource

_SETTINGS = (
    "sealed_share",
    "audit_share",
    "seconds_per_film",
    "hidden_share",
    "double_reading_share",
    "cut_offs",
    "paths",
)
"""Those that shape what is known; never addresses, names or secrets."""


@dataclass(frozen=True, slots=True)
class ExportMoment:
    """What was known when an export began."""

    reading: ArchiveReading
    known: Known
    facts: MomentFacts


@dataclass(frozen=True, slots=True)
class MomentReading:
    """The labels and the archive as they were at one row of the ledger."""

    as_of: int
    """The last row of the ledger then."""
    read_at: str
    """UTC, ISO 8601."""
    reading: ArchiveReading
    archive: ArchiveState


def read_moment(
    engine: Engine, terms: SealTerms, tasks: Mapping[str, DetectorTask]
) -> MomentReading:
    """Read what the database holds of all that lists are made of; no label changes meanwhile.

    Args:
        engine: the database.
        terms: decide which patients are sealed.
        tasks: detector tasks by name.

    Raises:
        ChangedEvidenceError: a table is not as the ledger says.
    """
    with recorded(engine) as recorder:
        refuse_changed_tables(engine)
        as_of, read_at = recorder.head.seq, utc_now()
        reading = read_archive(engine, terms, tasks)
        return MomentReading(as_of, read_at, reading, archive_state(engine))


def export_moment(
    read: MomentReading, files: DetectorFiles, settings: Settings, *, with_predicted: bool
) -> ExportMoment:
    """Add the predictions to what was read from the database.

    Args:
        read: the labels and the archive.
        files: where predictions lie, and how they were written.
        settings: those that shape what is known are kept in the ledger.
        with_predicted: whether films are listed that nobody has decided about.
    """
    reading = read.reading
    tables = read_tables(files, reading)
    facts = MomentFacts(
        as_of=read.as_of,
        read_at=read.read_at,
        radsieve=version("radsieve"),
        settings=_settings(settings),
        archive=archive_facts(read.archive),
        tasks={
            name: _task_facts(of_task, tables.get(name))
            for name, of_task in reading.by_task.items()
        },
    )
    known = Known(
        reading.tasks,
        read.archive,
        reading.labels,
        tables,
        reading.settled_bad,
        with_predicted,
        reading.cut_offs,
        read.archive.names(paths=settings.paths),
    )
    return ExportMoment(reading, known, facts)


def export_record(
    moment: ExportMoment, checked: CheckedLists, contents: Mapping[str, bytes], made: CopiesMade
) -> ExportRecord:
    """Return what the ledger keeps of an export.

    Args:
        moment: what the lists were made of.
        checked: the lists.
        contents: every file that was written, by name.
        made: the copies that were made besides.
    """
    rows, film_of = checked.lists.rows(), checked.known.archive.films
    return ExportRecord(
        moment=moment.facts,
        predicted=moment.known.with_predicted,
        refuted=checked.lists.refuted,
        settled_bad=moment.known.settled_bad,
        listed={name: sorted({film_of[path] for path in paths}) for name, paths in rows.items()},
        outputs={
            name: OutputFacts(hashlib.sha256(content).hexdigest(), len(rows.get(name, ())))
            for name, content in contents.items()
        },
        made=made,
        changed=_places(checked.changed, moment.known.archive),
    )


def _places(changed: Collection[str], archive: ArchiveState) -> dict[str, list[int]]:
    """Return by radiograph id which of its files these are, counted from 0; no path is kept."""
    places = {
        film: [place for place, path in enumerate(paths) if path in changed]
        for film, paths in archive.files.items()
    }
    return {film: found for film, found in places.items() if found}


def note_export(
    engine: Engine, kept: Path, record: ExportRecord, contents: Mapping[str, bytes]
) -> int:
    """Write an export into the ledger; return the number of its row.

    Certificate and report cannot be made again from the ledger alone: copies of them are kept.

    Args:
        engine: the database.
        kept: the folder of such copies.
        record: what the ledger keeps.
        contents: every file that was written, by name.
    """
    for name in contents.keys() - set(REBUILT):
        keep(kept, contents[name])
    return note(engine, Event(EventKind.EXPORT, record_values(record)))


def definition_sha256(task: DetectorTask) -> str:
    """Return a digest of the parts of a detector task that shape lists; thresholds are left out."""
    facts = {
        "labels": task.labels,
        "expected_label": task.expected_label,
        "answer": task.answer.value,
        "review_only": task.review_only,
        "made_by": {label: asdict(change) for label, change in task.made_by.items()},
        "parts": [part.name for part in task.parts],
    }
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def archive_facts(archive: ArchiveState) -> ArchiveFacts:
    """Return the number of films and files of an archive, and its digest."""
    files = sum(len(paths) for paths in archive.files.values())
    return ArchiveFacts(len(archive.files), files, archive.sha256)


def prediction_facts(table: PredictionTable) -> PredictionFacts:
    """Return the number of predictions and their digest."""
    return PredictionFacts(len(table.frame), rows_sha256(table))


def _settings(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in _SETTINGS}


def _task_facts(reading: TaskReading, table: PredictionTable | None) -> TaskFacts:
    return TaskFacts(
        definition_sha256=definition_sha256(reading.task),
        thresholds=reading.task.thresholds,
        in_use=reading.in_use,
        predictions=prediction_facts(table) if table else None,
        turned_down=_turned_down(reading.standing, reading.counting),
    )


def _turned_down(standing: Sequence[Label], counting: Sequence[Label]) -> list[tuple[str, str]]:
    """Return the report rules whose labels are ignored, each with the label it gives."""
    given, counted = (
        {(label.rule, label.label) for label in labels if label.source is LabelSource.REPORT}
        for labels in (standing, counting)
    )
    return sorted(given - counted)
