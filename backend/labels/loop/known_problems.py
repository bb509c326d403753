"""Films whose problem is known already: a joint look at them would tell nothing new."""

from collections.abc import Iterable

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import rules_of
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, by_detector_task, verdicts


def called_bad(labels: Iterable[Label], task: DetectorTask) -> set[str]:
    """Return the films that a policy or a reviewer calls bad for a detector task.

    Args:
        labels: of this task, those that stand.
        task: the detector task.
    """
    return {
        film
        for film, verdict in verdicts(labels, task).items()
        if verdict.is_bad(task) and verdict.is_decided(task)
    }


def ruled_bad(engine: Engine, task: DetectorTask) -> set[str]:
    """Return the films that a policy, among the parts of a task that sums up, calls bad."""
    rules = rules_of(task)
    labels = standing_labels(engine, *(part.name for part in rules)) if rules else []
    by_rule = by_detector_task(labels)
    return {film for part in rules for film in called_bad(by_rule.get(part.name, ()), part)}
