"""Find an earlier training on the same films, and register the version of a new one."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.versions.model_folder import model_versions, read_card
from backend.detectors.adapters.versions.registry import register_version
from backend.detectors.core.training_result import Judgement
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource


def same_training(models: Path, fingerprint: str) -> str | None:
    """Return the version that came of the very same training, or None."""
    for version in model_versions(models):
        try:
            if read_card(models, version).training.fingerprint == fingerprint:
                return version
        except UnknownModelVersionError:  # damaged: train anew
            continue
    return None


def register(engine: Engine, task: DetectorTask, version: str, judgement: Judgement) -> None:
    """Note that a version exists, and what was judged of it."""
    register_version(
        engine,
        task.name,
        version,
        reviewer_labels=len(standing_labels(engine, task.name, source=LabelSource.REVIEWER)),
        judgement=judgement.as_json(),
    )


def version_metrics(models: Path, task: DetectorTask, version: str) -> dict[str, Any]:
    """Return how a version was trained, and how it did on films it was not trained on."""
    card = read_card(models, version)
    return {"training": card.training.of_task(task.name), **card.figures[task.name]}
