"""A rule on the metadata or on measures of a film; no network is trained."""

from collections.abc import Sequence
from typing import NoReturn

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError, UnknownModelVersionError
from backend.detectors.core.model_card import SavedVersion
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.detectors.loop.rule_predictions import STORED_AS
from backend.labels.core.labels import Label


class RuleKind(DetectorKind):
    """`radsieve rules` applies it; what it suspects is kept as predictions of a version."""

    name = "rule"
    stored_as = (STORED_AS,)

    def gather(self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs) -> NoReturn:
        """Refuse to train."""
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule, so there is nothing to train; apply it with "
            f"`radsieve rules {task.name}`"
        )

    def load(self, saved: SavedVersion, device: str) -> NoReturn:
        """Refuse to load: a version of a rule is what it said about one archive, and no network."""
        raise UnknownModelVersionError(
            f"{saved.model_version} is of a rule and holds no network; run `radsieve rules` to "
            "apply the rule to new films"
        )

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> NoReturn:
        """Refuse to probe."""
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule: nothing is learnt, so there is nothing to probe; "
            f"apply it with `radsieve rules {task.name}`"
        )


KIND = RuleKind()
