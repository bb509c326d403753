"""What only the archive report says, read once from the workspace, as plain values."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_by_film, unreadable_files
from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError, UnknownModelVersionError
from backend.base.core.ledger import ChainCheck, EventKind, LedgerRow
from backend.certificate.loop.audit import ArchiveAudit, AuditReport, audit, nothing_drawn
from backend.certificate.loop.estimates import EstimatesAfter, estimates_over_time, read_drawn_films
from backend.detectors.adapters.versions.model_folder import known_learnt_from, read_card
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.adapters.versions.registry import (
    Publication,
    RegisteredVersion,
    publication_history,
    versions,
)
from backend.export.core.facts import Basis, ReviewFacts, bad_bases, review_facts
from backend.export.core.report import Audited, PredictionDigest, without_ids_and_paths
from backend.export.loop.facts import review_material
from backend.export.loop.reading import ArchiveReading, TaskReading
from backend.labels.adapters.ledger_store import check_ledger, ledger_rows
from backend.review.adapters.batch_store import open_items
from backend.review.core.item import Item
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
    audited: Audited | str
    """The certificate, or why there is none."""
    meters: ReviewMeters
    waiting: frozenset[str]
    """Radiograph ids of the films that wait in Label Studio."""


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """What the report says of the ledger."""

    check: ChainCheck
    batches: Sequence[LedgerRow]
    """The rows that record batches, in order."""
    overrides: Sequence[LedgerRow]
    """The rows in which a person gives a reason for passing over a refusal, in order."""


@dataclass(frozen=True, slots=True)
class ReportReading:
    """What only the report says."""

    unreadable: int
    """Files that are no radiograph to this program."""
    second_copies: int
    """Files that hold, byte for byte, what another file holds."""
    by_task: Mapping[str, TaskReportReading]
    """By the name of the detector task."""
    predictions: Sequence[PredictionDigest]
    """Of each file of predictions that is in use."""
    ledger: LedgerReading
    facts: ReviewFacts
    """What was looked at, what is bad, and what is suspected."""
    bases: Mapping[str, Mapping[str, Basis]]
    """By detector task and radiograph id, how it is known that a film is bad."""


def read_report(
    engine: Engine,
    files: DetectorFiles,
    reading: ArchiveReading,
    tables: Mapping[str, PredictionTable],
    audited: ArchiveAudit | RadsieveError,
) -> ReportReading:
    """Read what only the report says; reads and checks the whole ledger.

    Args:
        engine: the database.
        files: where versions and their predictions lie.
        reading: the films and labels of the archive.
        tables: by detector task, what the version in use predicts.
        audited: what is certified, or why nothing is.
    """
    tasks = list(reading.tasks.values())
    in_use = {name: of_task.in_use for name, of_task in reading.by_task.items()}
    detectors = read_detectors(engine, files, tasks, in_use)
    meters = meters_by_task(engine, tasks)
    material = review_material(engine, reading, tables)
    waiting = _waiting(open_items(engine, *reading.by_task))
    return ReportReading(
        unreadable=len(unreadable_files(engine)),
        second_copies=sum(len(paths) - 1 for paths in files_by_film(engine).values()),
        by_task={
            task.name: TaskReportReading(
                detector=detectors[task.name],
                table=tables.get(task.name),
                audited=_audited(engine, task, audited),
                meters=meters[task.name],
                waiting=frozenset(waiting.get(task.name, ())),
            )
            for task in tasks
        },
        predictions=_prediction_digests(files.predictions, reading.by_task.values()),
        ledger=_read_ledger(engine),
        facts=review_facts(material),
        bases=bad_bases(material),
    )


def _waiting(items: Iterable[Item]) -> dict[str, list[str]]:
    """Return by detector task the films of its open items."""
    waiting: dict[str, list[str]] = {}
    for item in items:
        waiting.setdefault(item.detector_task, []).extend(item.radiograph_ids)
    return waiting


def _read_ledger(engine: Engine) -> LedgerReading:
    return LedgerReading(
        check_ledger(engine),
        list(ledger_rows(engine, [EventKind.BATCH])),
        list(ledger_rows(engine, [EventKind.OVERRIDE])),
    )


def read_detectors(
    engine: Engine,
    files: DetectorFiles,
    tasks: Sequence[DetectorTask],
    in_use: Mapping[str, str | None],
) -> dict[str, DetectorReading]:
    """Read by detector task what is on record for its detector.

    Args:
        engine: the database.
        files: where versions and their predictions lie.
        tasks: the detector tasks.
        in_use: by detector task, its published version.
    """
    names = [task.name for task in tasks]
    registered, history = versions(engine, *names), publication_history(engine, *names)
    drawn = read_drawn_films(engine, tasks)
    return {
        task.name: DetectorReading(
            in_use=(version := in_use.get(task.name)),
            versions=[each for each in registered if each.detector_task == task.name],
            publications=[each for each in history if each.detector_task == task.name],
            card_figures=_card_figures(files.models, version, task.name) if version else {},
            learnt_from=_learnt_from(files.models, task, version),
            estimates=estimates_over_time(task, drawn[task.name], files),
        )
        for task in tasks
    }


def _learnt_from(models: Path, task: DetectorTask, in_use: str | None) -> frozenset[str] | None:
    if task.rule is not None:
        return frozenset()
    return known_learnt_from(models, in_use) if in_use else None


def _card_figures(models: Path, version: str, detector_task: str) -> Mapping[str, Any]:
    try:
        figures: Mapping[str, Mapping[str, Any]] = read_card(models, version).figures
    except UnknownModelVersionError:
        return {}
    return figures.get(detector_task, {})


def _audited(
    engine: Engine, task: DetectorTask, archive: ArchiveAudit | RadsieveError
) -> Audited | str:
    """Return the certificate, or why there is none."""
    if task.answer is AnswerKind.BOX:
        return "its answers are boxes, which make no film bad"
    if task.learnt_from is LearntFrom.RULE:
        return "a rule judges the films, and nothing is drawn at random for it"
    try:
        report = _audit_of(engine, task, archive)
    except RadsieveError as error:
        return without_ids_and_paths(str(error)).removeprefix(f"{task.name}: ")
    return Audited(report.certificate, report.halved, report.course)


def _audit_of(
    engine: Engine, task: DetectorTask, archive: ArchiveAudit | RadsieveError
) -> AuditReport:
    if isinstance(archive, RadsieveError):
        # One task's records can spoil the audit of the archive; the others are still certified.
        return audit(engine, task)
    report = archive.headline if task.sums_up else archive.alone.get(task.name)
    if report is None or report.detector_task != task.name:
        raise nothing_drawn(task)
    return report


def _prediction_digests(
    predictions: Path, reading: Iterable[TaskReading]
) -> list[PredictionDigest]:
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
