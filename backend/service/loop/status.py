"""Where things stand: counts, versions, jobs; numbers only, nothing personal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films, unreadable_files
from backend.archive.loop.seal import seal_of
from backend.base.adapters.jobs import JobQueue
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import (
    COLD_START,
    published_version,
    version_in_use,
    versions,
)
from backend.detectors.adapters.versions.rule_judgement import check_facts, cut_offs_in_use
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, by_detector_task, count_by_label, verdicts
from backend.reports.core.rule_trust import RuleRecord
from backend.reports.loop.report_labels import records_among
from backend.review.adapters.batch_store import open_items
from backend.review.core.meters import ReviewMeters
from backend.review.loop.looks import meters_by_task


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """Where one detector task stands."""

    model_version: str | None
    """The version in use."""
    versions: int
    predicted_films: int
    labels_by_source: Mapping[str, int]
    verdicts: Mapping[str, int]
    """Films by label; those whose exact class is not known are counted as undecided."""
    undecided: int
    items_waiting: int
    review: ReviewMeters | None
    """What the looks of reviewers amount to; None where nobody has looked."""
    report_rules: Sequence[RuleRecord]
    cut_offs: Sequence[CutOffInForce]
    """By which the version in use suspects films, where it is of a rule."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        plain = {name: getattr(self, name) for name in _COUNTS}
        review = self.review.as_json() if self.review else None
        rules = [record.as_json() for record in self.report_rules]
        checks = check_facts(self.cut_offs)
        return {**plain, "review": review, "report_rules": rules, "checks": checks}


_COUNTS = (
    "model_version",
    "versions",
    "predicted_films",
    "labels_by_source",
    "verdicts",
    "undecided",
    "items_waiting",
)


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """Where a workspace stands."""

    workspace: str
    """Its folder."""
    films: int
    unreadable_files: int
    patients: int
    patients_known_by: Mapping[str, int]
    """Patients by what they were taken from."""
    sealed_patients: int
    jobs_waiting: int
    tasks: Mapping[str, TaskStatus]
    """By the name of the detector task."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        counts = {name: getattr(self, name) for name in self.__slots__ if name != "tasks"}
        return {**counts, "tasks": {name: task.as_json() for name, task in self.tasks.items()}}


def status(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> WorkspaceStatus:
    """Read where a workspace stands; films, seal and labels are read once for all."""
    engine, predictions = workspace.database, workspace.predictions
    archive = films(engine)
    seal = seal_of(engine, workspace.seal_terms, archive)
    patients = {film.patient_key: film.patient_source for film in archive}
    meters = meters_by_task(engine, tasks.values())
    labels = by_detector_task(standing_labels(engine, *tasks))
    cut_offs = cut_offs_in_use(engine, tasks)
    return WorkspaceStatus(
        workspace=str(workspace.root),
        films=len(archive),
        unreadable_files=len(unreadable_files(engine)),
        patients=len(patients),
        patients_known_by=dict(Counter(patients.values())),
        sealed_patients=len(seal.patients),
        jobs_waiting=JobQueue(workspace.job_queue, list(tasks)).waiting(),
        tasks={
            name: _task_status(
                engine,
                predictions,
                task,
                _TaskRecord(labels.get(name, ()), seal.films, meters[name], cut_offs.get(name, ())),
            )
            for name, task in tasks.items()
        },
    )


@dataclass(frozen=True, slots=True)
class _TaskRecord:
    """What was read for all detector tasks together, of one of them."""

    labels: Sequence[Label]
    """Those that stand."""
    sealed: AbstractSet[str]
    """Ids of the sealed films."""
    meters: ReviewMeters
    cut_offs: Sequence[CutOffInForce]
    """By which a rule suspects."""


def _task_status(
    engine: Engine, predictions: Path, task: DetectorTask, known: _TaskRecord
) -> TaskStatus:
    judged = verdicts(known.labels, task)
    version = _version(engine, task)
    predicted = PredictionFile(predictions, task.name, version) if version else None
    return TaskStatus(
        model_version=version,
        versions=len(versions(engine, task.name)),
        predicted_films=len(predicted.known_ids()) if predicted else 0,
        labels_by_source=dict(Counter(label.source.value for label in known.labels)),
        verdicts=count_by_label(judged, task),
        undecided=sum(verdict.needs_exact_class for verdict in judged.values()),
        items_waiting=len(open_items(engine, task.name)),
        review=None if known.meters.is_empty else known.meters,
        report_rules=records_among(engine, task, known.labels, known.sealed),
        cut_offs=known.cut_offs,
    )


def _version(engine: Engine, task: DetectorTask) -> str | None:
    """Return the published version; a task that sums up others is named after theirs."""
    if not task.sums_up:
        return published_version(engine, task.name)
    version = version_in_use(engine, task)
    return None if version == COLD_START else version
