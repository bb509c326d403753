"""What only the archive report says, read once from the workspace, as plain values."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.archive.adapters.catalogue import files_by_film, unreadable_files
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError, UnknownModelVersionError
from backend.certificate.loop.audit import ArchiveAudit, AuditReport, audit, nothing_drawn
from backend.certificate.loop.estimates import EstimatesAfter, estimates_over_time
from backend.detectors.adapters.versions.model_folder import known_learnt_from, read_card
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.adapters.versions.registry import (
    Publication,
    RegisteredVersion,
    publication_history,
    versions,
)
from backend.export.core.report import Audited, PredictionDigest, without_ids_and_paths
from backend.export.loop.reading import ArchiveReading, TaskReading
from backend.review.adapters.batch_store import open_items
from backend.review.core.meters import ReviewMeters
from backend.review.loop.looks import meters_by_task


@dataclass(frozen=True, slots=True)
class DetectorReading:
    """What is on record for the detector of a task."""

    in_use: str | None
    """The published version."""
    versions: Sequence[RegisteredVersion]
    publications: Sequence[Publication]
    card_figures: Mapping[str, Any]
    """The figures of the version in use, as its card holds them; none where the card is gone."""
    learnt_from: frozenset[str] | None
    """Radiograph ids that the version in use learnt from; None: they are not on record."""
    estimates: Sequence[EstimatesAfter]
    """From films drawn at random, after each batch."""


@dataclass(frozen=True, slots=True)
class TaskReportReading:
    """What is on record for one detector task, besides its labels."""

    detector: DetectorReading
    table: PredictionTable | None
    """What the version in use predicts."""
    audited: Audited | None
    not_audited: str
    """Why there is no certificate."""
    meters: ReviewMeters
    waiting: frozenset[str]
    """Radiograph ids of the films that wait in Label Studio."""


@dataclass(frozen=True, slots=True)
class ReportReading:
    """What only the report says."""

    unreadable: int
    """Files that are no radiograph to this program."""
    second_copies: int
    """Files that hold, byte for byte, what another file holds."""
    by_task: Mapping[str, TaskReportReading]
    """By the name of the detector task."""


def read_report(
    workspace: Workspace,
    reading: ArchiveReading,
    tables: Mapping[str, PredictionTable],
    audited: ArchiveAudit | RadsieveError,
) -> ReportReading:
    """Read what only the report says.

    Args:
        workspace: whose archive it is about.
        reading: its films and labels.
        tables: by detector task, what the version in use predicts.
        audited: what is certified, or why nothing is.
    """
    files = files_by_film(workspace.database).values()
    meters = meters_by_task(workspace.database, [one.task for one in reading.by_task.values()])
    return ReportReading(
        unreadable=len(unreadable_files(workspace.database)),
        second_copies=sum(len(paths) - 1 for paths in files),
        by_task={
            name: _read_task(workspace, one, tables.get(name), audited, meters[name])
            for name, one in reading.by_task.items()
        },
    )


def _read_task(
    workspace: Workspace,
    reading: TaskReading,
    table: PredictionTable | None,
    audited: ArchiveAudit | RadsieveError,
    meters: ReviewMeters,
) -> TaskReportReading:
    task = reading.task
    certified, problem = _audited(workspace, task, audited)
    items = open_items(workspace.database, task.name)
    return TaskReportReading(
        detector=read_detector(workspace, task, reading.in_use),
        table=table,
        audited=certified,
        not_audited=problem,
        meters=meters,
        waiting=frozenset(film for item in items for film in item.radiograph_ids),
    )


def read_detector(workspace: Workspace, task: DetectorTask, in_use: str | None) -> DetectorReading:
    """Read what is on record for the detector of a task.

    Args:
        workspace: the archive.
        task: the detector task.
        in_use: its published version.
    """
    engine, models = workspace.database, workspace.models
    return DetectorReading(
        in_use=in_use,
        versions=versions(engine, task.name),
        publications=publication_history(engine, task.name),
        card_figures=_card_figures(models, in_use, task.name) if in_use else {},
        learnt_from=known_learnt_from(models, in_use) if in_use else None,
        estimates=estimates_over_time(workspace, task),
    )


def _card_figures(models: Path, version: str, detector_task: str) -> Mapping[str, Any]:
    try:
        figures: Mapping[str, Mapping[str, Any]] = read_card(models, version).figures
    except UnknownModelVersionError:
        return {}
    return figures.get(detector_task, {})


def _audited(
    workspace: Workspace, task: DetectorTask, archive: ArchiveAudit | RadsieveError
) -> tuple[Audited | None, str]:
    """Return the certificate, or why there is none."""
    if task.answer is AnswerKind.BOX:
        return None, "its answers are boxes, which make no film bad"
    if task.learnt_from is LearntFrom.RULE:
        return None, "a rule decides, and nothing is drawn at random for it"
    try:
        report = _audit_of(workspace, task, archive)
    except RadsieveError as error:
        return None, without_ids_and_paths(str(error)).removeprefix(f"{task.name}: ")
    return Audited(report.certificate, report.halved, report.course), ""


def _audit_of(
    workspace: Workspace, task: DetectorTask, archive: ArchiveAudit | RadsieveError
) -> AuditReport:
    if isinstance(archive, RadsieveError):
        # One task's records can spoil the audit of the archive; the others are still certified.
        return audit(workspace, task)
    report = archive.headline if task.sums_up else archive.alone.get(task.name)
    if report is None or report.detector_task != task.name:
        raise nothing_drawn(task)
    return report


def prediction_digests(predictions: Path, reading: Iterable[TaskReading]) -> list[PredictionDigest]:
    """Return the digest of each file of predictions that is in use.

    Args:
        predictions: the folder of all predictions.
        reading: names the version in use of each detector task.
    """
    digests = []
    for of_task in reading:
        name, in_use = of_task.task.name, of_task.in_use
        file = PredictionFile(predictions, name, in_use) if in_use else None
        if in_use and file and file.path.exists():
            with file.path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            digests.append(PredictionDigest(name, in_use, len(file.known_ids()), digest))
    return digests
