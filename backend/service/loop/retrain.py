"""When a training is due, and the training: publish the new version if it is not worse."""

from pathlib import Path

from backend.base.adapters.child_process import run_step
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.loop.training.answered_films import answered_films
from backend.detectors.loop.training.boxed_films import boxed_films
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource
from backend.reports.loop.report_labels import verdicts_in_force


def is_due(workspace: Workspace, task: DetectorTask) -> bool:
    """Return whether enough reviewer labels came in since the last training, published or not.

    Counted in the database and not in events, so that a lost hook or a killed job delays a
    retraining and never loses it.
    """
    engine = workspace.database
    standing = standing_labels(engine, task.name, source=LabelSource.REVIEWER)
    trained = versions(engine, task.name)
    known = max((version.reviewer_labels for version in trained), default=0)
    enough = len(standing) - known >= workspace.settings.retrain_after
    return enough and (task.learnt_from is not LearntFrom.ANSWERS or _can_learn(workspace, task))


def _can_learn(workspace: Workspace, task: DetectorTask) -> bool:
    known = verdicts_in_force(workspace.database, workspace.seal_terms, task)
    try:
        choose_films = boxed_films if task.answer is AnswerKind.BOX else answered_films
        choose_films(workspace.database, workspace.seal_terms, task, known)
    except NotEnoughFilmsError:
        return False
    return True


def retrain(root: Path, detector_task: str, niceness: int) -> None:
    """Train and judge, and publish or say why not.

    It is a command in a process of its own, which gives way to everything else: the worker stays
    small, and a training that dies takes nothing with it.

    Args:
        root: the folder of the workspace.
        detector_task: the name of the detector task.
        niceness: how far it gives way; see `run_step`.

    Raises:
        RadsieveError: the training failed; it has said why.
    """
    run_step(["train", detector_task], root, niceness=niceness)
