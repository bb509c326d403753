"""What an export reads at one moment, and what the ledger keeps of it so that it can be rebuilt."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from backend.base.adapters.database import utc_now
from backend.base.adapters.files import keep
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.predictions import (
    PredictionFile,
    PredictionTable,
    rows_sha256,
)
from backend.detectors.adapters.versions.registry import published_version
from backend.export.adapters.archive_state import ArchiveState, archive_state
from backend.export.loop.lists import REBUILT, ExportLists, Known
from backend.labels.adapters.label_store import standing_labels
from backend.labels.adapters.ledger_store import note, recorded
from backend.labels.core.labels import Label, LabelSource
from backend.labels.core.ledger import Event, EventKind, canonical
from backend.reports.loop.report_labels import labels_in_force

_SETTINGS = (
    "sealed_share",
    "audit_share",
    "seconds_per_film",
    "hidden_share",
    "double_reading_share",
    "cut_offs",
)
"""Those that shape what is known; never addresses, names or secrets."""


@dataclass(frozen=True, slots=True)
class ExportMoment:
    """What was known, as of which row of the ledger."""

    as_of: int
    read_at: str
    known: Known
    facts: Mapping[str, Any]
    """What the ledger keeps of it."""


def export_moment(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], *, with_predicted: bool
) -> ExportMoment:
    """Read all that lists are made of; no label comes or goes while they are read.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        with_predicted: whether films are listed that nobody has looked at.
    """
    engine = workspace.database
    with recorded(engine) as recorder:
        as_of, read_at = recorder.head.seq, utc_now()
        standing = {name: standing_labels(engine, name) for name in tasks}
        labels = {name: _counting(workspace, task, standing) for name, task in tasks.items()}
        in_use = {name: published_version(engine, name) for name in tasks}
        archive = archive_state(engine)
    tables = _tables(workspace, in_use)
    facts = {
        "as_of": as_of,
        "read_at": read_at,
        "radsieve": version("radsieve"),
        "settings": {name: getattr(workspace.settings, name) for name in _SETTINGS},
        "archive": archive_facts(archive),
        "tasks": {
            name: _task_facts(task, tables.get(name), in_use[name])
            | {"turned_down": _turned_down(standing[name], labels[name])}
            for name, task in tasks.items()
        },
    }
    known = Known(tasks, archive, labels, tables, with_predicted)
    return ExportMoment(as_of, read_at, known, facts)


def record_export(
    workspace: Workspace,
    moment: ExportMoment,
    lists: ExportLists,
    contents: Mapping[str, bytes],
    made: Mapping[str, Any],
) -> int:
    """Tell the ledger of an export; return the number of its row.

    What is not made of the ledger alone, certificate and report, is kept in the workspace.

    Args:
        workspace: the archive.
        moment: what the lists were made of.
        lists: the lists.
        contents: every file that was written, by name.
        made: whether, and how many, copies were made besides.
    """
    rows = lists.rows()
    for name in contents.keys() - set(REBUILT):
        keep(workspace.exports, contents[name])
    film_of = {path: film for film, paths in moment.known.archive.files.items() for path in paths}
    facts = {
        **moment.facts,
        "arguments": {"predicted": moment.known.with_predicted, "apply": made["apply"]},
        # What the detectors said of corrected pixels is kept: it is not asked of them again.
        "refuted": lists.refuted,
        "listed": {name: sorted({film_of[path] for path in some}) for name, some in rows.items()},
        "outputs": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "rows": len(rows.get(name, ()))}
            for name, content in contents.items()
        },
        "made": made,
    }
    return note(workspace.database, Event(EventKind.EXPORT, facts))


def definition_sha256(task: DetectorTask) -> str:
    """Return a digest of all that a task's file decides about lists, but for its thresholds."""
    facts = {
        "labels": task.labels,
        "expected_label": task.expected_label,
        "answer": task.answer.value,
        "review_only": task.review_only,
        "made_by": {label: asdict(change) for label, change in task.made_by.items()},
        "parts": [part.name for part in task.parts],
    }
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def archive_facts(archive: ArchiveState) -> dict[str, Any]:
    """Return how much of an archive there is, and its digest."""
    files = sum(len(paths) for paths in archive.files.values())
    return {"films": len(archive.files), "files": files, "sha256": archive.sha256}


def prediction_facts(table: PredictionTable) -> dict[str, Any]:
    """Return which predictions they are."""
    return {"rows": len(table.frame), "rows_sha256": rows_sha256(table)}


def _counting(
    workspace: Workspace, task: DetectorTask, standing: Mapping[str, Sequence[Label]]
) -> Sequence[Label]:
    boxed = task.answer is AnswerKind.BOX
    return standing[task.name] if boxed else labels_in_force(workspace, task)


def _turned_down(standing: Sequence[Label], counting: Sequence[Label]) -> list[list[str]]:
    """Return the rules of reports whose labels do not count, each with the label it gives."""
    given = [
        {(one.rule, one.label) for one in some if one.source is LabelSource.REPORT}
        for some in (standing, counting)
    ]
    return [list(pair) for pair in sorted(given[0] - given[1])]


def _tables(workspace: Workspace, in_use: Mapping[str, str | None]) -> dict[str, PredictionTable]:
    files = {
        name: PredictionFile(workspace.predictions, name, version)
        for name, version in in_use.items()
        if version
    }
    return {name: file.load() for name, file in files.items() if file.exists()}


def _task_facts(
    task: DetectorTask, table: PredictionTable | None, in_use: str | None
) -> dict[str, Any]:
    return {
        "definition_sha256": definition_sha256(task),
        "thresholds": asdict(task.thresholds),
        "in_use": in_use,
        "predictions": prediction_facts(table) if table else None,
    }
