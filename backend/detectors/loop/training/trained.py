"""What every training ends in: a registered model version and its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.versions.model_folder import DOUBTS, model_versions
from backend.detectors.adapters.versions.model_store import read_card
from backend.detectors.adapters.versions.registry import register_version
from backend.detectors.loop.training.judge import Judgement
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource

Progress = Callable[[int, int], None]
"""Called with (views done, views to do)."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What came of a training."""

    model_version: str
    judgement: Judgement
    metrics: Mapping[str, Any]
    """Plain values: how it was trained, and the task's figures on the sealed films."""
    reused: bool
    """These very films and labels had been trained on before, so nothing was trained now."""


def same_training(workspace: Workspace, fingerprint: str) -> str | None:
    """Return the version that came of the very same training, or None."""
    for version in model_versions(workspace.models):
        try:
            if read_card(workspace.models, version).training["fingerprint"] == fingerprint:
                return version
        except UnknownModelVersionError:  # damaged: train anew
            continue
    return None


def register(workspace: Workspace, task: DetectorTask, version: str, judgement: Judgement) -> None:
    """Note that a version exists, and what was judged of it."""
    engine = workspace.database
    register_version(
        engine,
        task.name,
        version,
        reviewer_labels=len(standing_labels(engine, task.name, source=LabelSource.REVIEWER)),
        judgement=judgement.as_json(),
    )


def version_metrics(workspace: Workspace, task: DetectorTask, version: str) -> dict[str, Any]:
    """Return how a version was trained, and how it did on films it was not trained on."""
    card = read_card(workspace.models, version)
    training = dict(card.training)
    by_task = training.keys() & {"suspects", "out_of_fold", DOUBTS}
    return {
        "training": training | {name: training[name][task.name] for name in by_task},
        **card.figures[task.name],
    }
