"""Films that have a problem already, as far as a task that sums up others is concerned."""

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import detectors_of, rules_of
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource, verdicts

_DECIDED = (LabelSource.RULE, LabelSource.REVIEWER)
"""Reports suggest; they decide nothing here."""


def called_bad(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that a rule or a reviewer calls bad for a detector task."""
    known = verdicts(standing_labels(workspace.database, task.name), task)
    return {
        film
        for film, found in known.items()
        if found.is_bad(task) and found.decided_by.source in _DECIDED
    }


def ruled_bad(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that a rule, among the parts of a task that sums up, calls bad."""
    return {film for part in rules_of(task) for film in called_bad(workspace, part)}


def reviewed_bad(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that a reviewer calls bad for a detector among the parts."""
    return {film for part in detectors_of(task) for film in called_bad(workspace, part)}


def known_problems(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that need no joint look, since a rule or a reviewer calls them bad.

    Of a task that does not sum up others there are none.
    """
    return ruled_bad(workspace, task) | reviewed_bad(workspace, task)
