"""Train again on what reviewers said, judge the new version, and publish it if it is not worse."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from backend.adapters.label_store import standing_labels
from backend.adapters.registry import published_version, versions
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.labels import LabelSource
from backend.loop.publish import publish
from backend.loop.sweep import sweep
from backend.loop.train import train

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetrainReport:
    """What came of a retraining."""

    model_version: str
    published: bool
    reason: str


def reviewer_labels(workspace: Workspace, task: DetectorTask) -> int:
    """Count the reviewers' labels that stand for a detector task."""
    return sum(
        label.source is LabelSource.REVIEWER
        for label in standing_labels(workspace.database, task.name)
    )


def is_due(workspace: Workspace, task: DetectorTask) -> bool:
    """Whether enough labels came in since the last training, published or not.

    Counted in the database and not in events, so that a lost hook or a killed job delays a
    retraining and never loses it.
    """
    trained = versions(workspace.database, task.name)
    known = trained[-1].reviewer_labels if trained else 0
    return reviewer_labels(workspace, task) - known >= workspace.settings.retrain_after


def retrain(
    workspace: Workspace, task: DetectorTask, tasks: Mapping[str, DetectorTask]
) -> RetrainReport:
    """Train, judge, publish or say why not, and sweep the archive with what was published.

    Raises:
        NotEnoughFilmsError: too few films to train or to judge.
        LabelStudioError: Label Studio is connected but not reachable; nothing was published.
    """
    family = [one for one in tasks.values() if one.has_made_labels]
    result = train(workspace, task, family)
    judgement = result.judgement
    if judgement.publish:
        if published_version(workspace.database, task.name) != result.model_version:
            publish(workspace, task, result.model_version, reason=judgement.reason)
        sweep(workspace, [task])
    logger.info(
        "%s: %s %s: %s",
        task.name,
        result.model_version,
        "published" if judgement.publish else "not published",
        judgement.reason,
    )
    return RetrainReport(result.model_version, judgement.publish, judgement.reason)
