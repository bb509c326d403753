"""Write an earlier export again, byte for byte, or say what is missing for it.

Labels are replayed from the ledger as they stood then; predictions and the archive must still be
those that the ledger names. Nothing is taken from today's labels or versions. Certificate and
report are those that were kept, if their bytes are still the ones of the ledger.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backend.base.adapters.files import kept, write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.predictions import (
    PredictionFile,
    PredictionTable,
    first_rows,
)
from backend.export.adapters.archive_state import ArchiveState, archive_state
from backend.export.loop.lists import REBUILT, Known, export_lists
from backend.export.loop.record import archive_facts, definition_sha256, prediction_facts
from backend.labels.adapters.ledger_store import check_ledger, ledger_row, ledger_rows
from backend.labels.core.labels import Label, LabelSource
from backend.labels.core.ledger import EventKind, LedgerRow
from backend.labels.core.ledger_replay import TELLS_OF_LABELS, labels_by_task, standing_rows


class CannotRebuildError(RadsieveError):
    """Something that an export was made of is not there any more."""


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
    """Rebuild the export that a row of the ledger tells of; not its corrected copies.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        seq: the row's number.
        out: folder of the files; it may be another than then.

    Raises:
        CannotRebuildError: something is missing, or the bytes are others; nothing was written.
    """
    row = _export_row(workspace, seq)
    known = _known_then(workspace, tasks, row)
    refuted: Mapping[str, str] = row.facts["refuted"]
    lists = export_lists(known, lambda wanted: refuted).as_files()
    recorded = {name: output["sha256"] for name, output in row.facts["outputs"].items()}
    sha256 = {name: hashlib.sha256(lists[name]).hexdigest() for name in REBUILT}
    other = [name for name in REBUILT if sha256[name] != recorded[name]]
    if other:
        raise CannotRebuildError(
            f"row {seq} cannot be rebuilt: {', '.join(other)} would have other bytes than recorded "
            f"by radsieve {row.facts['radsieve']} (this is {version('radsieve')}); use that version"
        )
    rest = {
        name: kept(workspace.exports, recorded[name]) for name in recorded if name not in REBUILT
    }
    contents = lists | {name: content for name, content in rest.items() if content is not None}
    for name, content in contents.items():
        write_atomically(out / name, content)
    gone = [name for name, content in rest.items() if content is None]
    return AgainReport(row.at, {name: recorded[name] for name in contents}, gone)


def exports_in(workspace: Workspace) -> list[LedgerRow]:
    """Return the rows that tell of exports, in order."""
    return list(ledger_rows(workspace.database, [EventKind.EXPORT]))


def _export_row(workspace: Workspace, seq: int) -> LedgerRow:
    row = ledger_row(workspace.database, seq)
    if row is None or row.kind != EventKind.EXPORT:
        known = ", ".join(str(one.seq) for one in exports_in(workspace)) or "none yet"
        raise CannotRebuildError(
            f"expected a row of the ledger that tells of an export ({known}), got {seq}"
        )
    fault = check_ledger(workspace.database).fault
    if fault and fault.seq <= seq:
        raise CannotRebuildError(
            f"the ledger cannot be believed: row {fault.seq} {fault.problem}; rebuild from a "
            "backup of the database"
        )
    return row


def _known_then(workspace: Workspace, tasks: Mapping[str, DetectorTask], row: LedgerRow) -> Known:
    facts = row.facts
    then = {name: _task_then(tasks, name, said) for name, said in facts["tasks"].items()}
    rows = ledger_rows(workspace.database, TELLS_OF_LABELS, until=facts["as_of"])
    standing = labels_by_task(standing_rows(rows))
    labels = {
        name: _counting(standing.get(name, ()), said["turned_down"])
        for name, said in facts["tasks"].items()
    }
    tables = {
        name: _table_then(workspace, name, said)
        for name, said in facts["tasks"].items()
        if said["predictions"]
    }
    archive = _archive_then(workspace, row, labels)
    return Known(then, archive, labels, tables, facts["arguments"]["predicted"])


def _task_then(
    tasks: Mapping[str, DetectorTask], name: str, said: Mapping[str, Any]
) -> DetectorTask:
    task = tasks.get(name)
    if task is None or definition_sha256(task) != said["definition_sha256"]:
        problem = "is gone" if task is None else "has changed since"
        raise CannotRebuildError(f"the definition of detector task {name} {problem}; restore it")
    return replace(task, thresholds=Thresholds(**said["thresholds"]))


def _counting(standing: Sequence[Label], turned_down: Sequence[Sequence[str]]) -> list[Label]:
    down = {tuple(pair) for pair in turned_down}
    return [
        label
        for label in standing
        if label.source is not LabelSource.REPORT or (label.rule, label.label) not in down
    ]


def _table_then(workspace: Workspace, name: str, said: Mapping[str, Any]) -> PredictionTable:
    expected, in_use = said["predictions"], said["in_use"]
    file = PredictionFile(workspace.predictions, name, in_use)
    table = first_rows(file, expected["rows"])
    if table is None or prediction_facts(table) != expected:
        problem = "other ones than" if file.exists() else "gone of"
        raise CannotRebuildError(
            f"the predictions of {in_use} for {name} are {problem} the {expected['rows']} rows "
            f"of that export (predictions/{name}/{in_use}.parquet); restore the file"
        )
    return table


def _archive_then(
    workspace: Workspace, row: LedgerRow, labels: Mapping[str, Sequence[Label]]
) -> ArchiveState:
    expected = row.facts["archive"]
    now = archive_state(workspace.database)
    for archive in (now, archive_state(workspace.database, indexed_by=row.facts["read_at"])):
        if archive_facts(archive) == expected:
            return archive
    lost = sorted({one.radiograph_id for some in labels.values() for one in some} - set(now.files))
    named = f"; film {lost[0]} has no file any more" if lost else ""
    raise CannotRebuildError(
        f"the files of the archive are not those of that export: {expected['files']} files of "
        f"{expected['films']} films then, {archive_facts(now)['files']} of {len(now.files)} now"
        f"{named}; index the same files at the same paths again"
    )
