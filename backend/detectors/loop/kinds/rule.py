"""A rule on the metadata or on measures of a film; nothing is learnt."""

from collections.abc import Sequence
from typing import NoReturn

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError, UnknownModelVersionError
from backend.detectors.core.model_card import SavedVersion
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.labels.core.labels import Label


class RuleKind(DetectorKind):
    """Decides without a model version; `radsieve rules` applies it."""

    name = "rule"

    def gather(self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs) -> NoReturn:
        """Refuse to train."""
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule, so there is nothing to train; apply it with "
            f"`radsieve rules {task.name}`"
        )

    def load(self, saved: SavedVersion, device: str) -> NoReturn:
        """Refuse to load: a rule has no versions."""
        raise UnknownModelVersionError(f"{saved.model_version} is no version of a rule")

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> NoReturn:
        """Refuse to probe."""
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule: nothing is learnt, so there is nothing to probe; "
            f"apply it with `radsieve rules {task.name}`"
        )


KIND = RuleKind()
