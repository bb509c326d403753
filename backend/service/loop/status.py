"""Where things stand: counts, versions, jobs; numbers only, nothing personal."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

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
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import count_by_label, verdicts
from backend.reports.loop.report_labels import records_of_rules
from backend.review.adapters.batch_store import open_items
from backend.review.loop.looks import review_meters


def status(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> dict[str, Any]:
    """Return what there is, as plain values."""
    archive = films(workspace.database)
    patients = {film.patient_key: film.patient_source for film in archive}
    return {
        "workspace": str(workspace.root),
        "films": len(archive),
        "unreadable_files": len(unreadable_files(workspace.database)),
        "patients": len(patients),
        "patients_known_by": dict(Counter(patients.values())),
        "sealed_patients": len(seal_of(workspace, archive).patients),
        "jobs_waiting": JobQueue(workspace, list(tasks)).waiting(),
        "tasks": {name: _task_status(workspace, task) for name, task in tasks.items()},
    }


def _version(workspace: Workspace, task: DetectorTask) -> str | None:
    """Return the published version; that of a task that sums up others is named by theirs."""
    if not task.sums_up:
        return published_version(workspace.database, task.name)
    version = version_in_use(workspace.database, task)
    return None if version == COLD_START else version


def _task_status(workspace: Workspace, task: DetectorTask) -> dict[str, Any]:
    engine = workspace.database
    standing = standing_labels(engine, task.name)
    judged = verdicts(standing, task)
    version = _version(workspace, task)
    predicted = PredictionFile(workspace.predictions, task.name, version) if version else None
    meters = review_meters(workspace.database, task)
    return {
        "model_version": version,
        "versions": len(versions(engine, task.name)),
        "predicted_films": len(predicted.known_ids()) if predicted else 0,
        "labels_by_source": dict(Counter(label.source.value for label in standing)),
        "verdicts": count_by_label(judged, task),
        "undecided": sum(verdict.needs_exact_class for verdict in judged.values()),
        "items_waiting": len(open_items(engine, task.name)),
        "review": None if meters.is_empty else meters.as_json(),
        "report_rules": [one.as_json() for one in records_of_rules(workspace, task)],
    }
