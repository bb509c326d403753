"""What the published detectors of other tasks predict together; nothing is learnt."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Engine

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.versions.registry import joint_refusal
from backend.detectors.core.model_card import SavedVersion
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.labels.core.labels import Label


class JointSumKind(DetectorKind):
    """Predicts from the predictions of other tasks; see `loop/film_predictions.py`."""

    name = "joint_sum"

    def gather(self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs) -> NoReturn:
        """Refuse to train."""
        raise joint_refusal(task, "train")

    def load(self, saved: SavedVersion, device: str) -> NoReturn:
        """Refuse to load: its versions are those of its parts."""
        raise UnknownModelVersionError(f"{saved.model_version} is no version of a sum of tasks")

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> NoReturn:
        """Refuse to probe."""
        raise joint_refusal(task, "probe")

    def read_labels(self, engine: Engine, task: DetectorTask, table: Path) -> NoReturn:
        """Refuse answers to train on."""
        raise joint_refusal(task, "train")


KIND = JointSumKind()
