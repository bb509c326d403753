"""Write an earlier export again, byte for byte, or refuse and name what is missing.

Labels are replayed from the ledger as they stood then; predictions and the archive must still be
those that the ledger names. Nothing is taken from today's labels or versions. Certificate and
report are those that were kept, if their bytes are still the ones of the ledger.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.files import kept, write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError
from backend.base.core.ledger import EventKind, LedgerRow
from backend.detectors.adapters.versions.predictions import (
    PredictionFile,
    PredictionTable,
    first_rows,
)
from backend.detectors.adapters.versions.rule_judgement import cut_offs_of
from backend.export.adapters.archive_state import ArchiveState, archive_state
from backend.export.adapters.export_record import record_of
from backend.export.core.record import ArchiveFacts, ExportRecord, MomentFacts, TaskFacts
from backend.export.loop.lists import REBUILT, Known, export_lists
from backend.export.loop.record import archive_facts, definition_sha256, prediction_facts
from backend.labels.adapters.ledger_store import check_ledger, ledger_row, ledger_rows
from backend.labels.core.labels import Label, LabelSource
from backend.labels.core.ledger_replay import TELLS_OF_LABELS, labels_by_task, standing_rows


class CannotRebuildError(RadsieveError):
    """Labels, predictions, films or tasks of an earlier export are missing or have changed."""


@dataclass(frozen=True, slots=True)
class AgainReport:
    """What was rebuilt."""

    at: str
    """When the export was made, UTC, ISO 8601."""
    sha256: Mapping[str, str]
    """By file; each is what the ledger recorded."""
    not_rebuilt: Sequence[str]
    """Files that the export wrote besides, of which no copy is kept any more."""


def export_again(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], seq: int, out: Path
) -> AgainReport:
    """Rebuild the export that a row of the ledger records, without its corrected copies.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        seq: the row's number.
        out: folder of the files; it may be another than then.

    Raises:
        CannotRebuildError: something is missing, or the bytes are others; nothing was written.
    """
    engine = workspace.database
    row = _export_row(engine, seq)
    record = _record_of(row)
    known = _known_then(engine, workspace.predictions, tasks, record)
    lists = export_lists(known, lambda wanted: record.refuted).as_files(known.names)
    recorded = {name: output.sha256 for name, output in record.outputs.items()}
    sha256 = {name: hashlib.sha256(lists[name]).hexdigest() for name in REBUILT}
    other = [name for name in REBUILT if sha256[name] != recorded.get(name)]
    if other:
        raise CannotRebuildError(
            f"row {seq} cannot be rebuilt: {', '.join(other)} would have other bytes than recorded "
            f"by radsieve {record.moment.radsieve} (this is {version('radsieve')}); use that "
            "version"
        )
    rest = {
        name: kept(workspace.exports, recorded[name]) for name in recorded if name not in REBUILT
    }
    contents = lists | {name: content for name, content in rest.items() if content is not None}
    for name, content in contents.items():
        write_atomically(out / name, content)
    gone = [name for name, content in rest.items() if content is None]
    return AgainReport(row.at, {name: recorded[name] for name in contents}, gone)


def exports_in(engine: Engine) -> list[LedgerRow]:
    """Return the rows of the ledger that record exports, in order."""
    return list(ledger_rows(engine, [EventKind.EXPORT]))


def _export_row(engine: Engine, seq: int) -> LedgerRow:
    row = ledger_row(engine, seq)
    if row is None or row.kind != EventKind.EXPORT:
        known = ", ".join(str(export.seq) for export in exports_in(engine)) or "none yet"
        raise CannotRebuildError(
            f"expected a row of the ledger that tells of an export ({known}), got {seq}"
        )
    fault = check_ledger(engine).fault
    if fault and fault.seq <= seq:
        raise CannotRebuildError(
            f"the ledger cannot be believed: row {fault.seq} {fault.problem}; rebuild from a "
            "backup of the database"
        )
    return row


def _record_of(row: LedgerRow) -> ExportRecord:
    try:
        return record_of(row.facts)
    except KeyError as error:
        raise CannotRebuildError(
            f"row {row.seq} does not say what {error} was: an early version of radsieve wrote it, "
            "so it cannot be rebuilt; export anew"
        ) from error


def _known_then(
    engine: Engine, predictions: Path, tasks: Mapping[str, DetectorTask], record: ExportRecord
) -> Known:
    moment = record.moment
    tasks_then = {name: _task_then(tasks, name, moment) for name in moment.tasks}
    labels = _labels_then(engine, moment)
    tables = _tables_then(predictions, moment)
    whole = _archive_then(engine, moment, labels)
    changed = {
        whole.files[film][place] for film, places in record.changed.items() for place in places
    }
    cut_offs = cut_offs_of(
        engine, tasks_then, {name: then.in_use for name, then in moment.tasks.items()}
    )
    archive, settled = whole.without(changed), record.settled_bad
    names = _names_then(whole, moment)
    return Known(tasks_then, archive, labels, tables, settled, record.predicted, cut_offs, names)


def _labels_then(engine: Engine, moment: MomentFacts) -> dict[str, list[Label]]:
    """Return by detector task the labels that decided."""
    rows = ledger_rows(engine, TELLS_OF_LABELS, until=moment.as_of)
    standing = labels_by_task(standing_rows(rows))
    return {
        name: _counting(standing.get(name, ()), then.turned_down)
        for name, then in moment.tasks.items()
    }


def _task_then(tasks: Mapping[str, DetectorTask], name: str, moment: MomentFacts) -> DetectorTask:
    task, then = tasks.get(name), moment.tasks[name]
    if task is None or definition_sha256(task) != then.definition_sha256:
        problem = "is gone" if task is None else "has changed since"
        raise CannotRebuildError(
            f"the definition of detector task {name} {problem}; restore it, or use radsieve "
            f"{moment.radsieve}, which made the export"
        )
    return replace(task, thresholds=then.thresholds)


def _counting(standing: Sequence[Label], turned_down: Sequence[tuple[str, str]]) -> list[Label]:
    return [
        label
        for label in standing
        if label.source is not LabelSource.REPORT or (label.rule, label.label) not in turned_down
    ]


def _tables_then(predictions: Path, moment: MomentFacts) -> dict[str, PredictionTable]:
    return {
        name: _table_then(predictions, name, then)
        for name, then in moment.tasks.items()
        if then.predictions
    }


def _table_then(predictions: Path, name: str, then: TaskFacts) -> PredictionTable:
    expected, in_use = then.predictions, then.in_use
    if expected is None or in_use is None:
        raise CannotRebuildError(f"the ledger does not say which predictions of {name} were used")
    file = PredictionFile(predictions, name, in_use)
    table = first_rows(file, expected.rows)
    if table is None or prediction_facts(table) != expected:
        problem = "other ones than" if file.exists() else "gone of"
        raise CannotRebuildError(
            f"the predictions of {in_use} for {name} are {problem} the {expected.rows} rows "
            f"of that export (predictions/{name}/{in_use}.parquet); restore the file"
        )
    return table


def _archive_then(
    engine: Engine, moment: MomentFacts, labels: Mapping[str, Sequence[Label]]
) -> ArchiveState:
    now = archive_state(engine)
    for archive in (now, archive_state(engine, indexed_by=moment.read_at)):
        if archive_facts(archive) == moment.archive:
            return archive
    raise CannotRebuildError(_other_files(now, moment.archive, labels))


def _names_then(archive: ArchiveState, moment: MomentFacts) -> dict[str, str]:
    # Exports of an earlier radsieve named whole paths, and have no such setting.
    paths = moment.settings.get("paths")
    return {} if paths is None else archive.names(paths=bool(paths))


def _other_files(
    now: ArchiveState, then: ArchiveFacts, labels: Mapping[str, Sequence[Label]]
) -> str:
    labelled = {label.radiograph_id for of_task in labels.values() for label in of_task}
    lost = sorted(labelled - set(now.files))
    named = f"; film {lost[0]} has no file any more" if lost else ""
    return (
        f"the files of the archive are not those of that export: {then.files} files of "
        f"{then.films} films then, {archive_facts(now).files} of {len(now.files)} now"
        f"{named}; index the same files at the same paths again"
    )
