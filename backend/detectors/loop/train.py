"""Train a detector of any kind, judge it, and register the version; nothing is published here."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.loop.seal import keep_seal
from backend.base.adapters.lock import in_turn
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.progress import Progress
from backend.detectors.adapters.versions.model_folder import read_card, save_version
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.core.training_result import TrainingResult
from backend.detectors.loop.detector_kind import TrainingInputs
from backend.detectors.loop.kinds import kind_of
from backend.detectors.loop.load import load_detector, load_in_use
from backend.detectors.loop.training.judge import Contest
from backend.detectors.loop.training.trained import register, same_training, version_metrics
from backend.labels.core.labels import Label


def train(
    workspace: Workspace,
    task: DetectorTask,
    tasks: Sequence[DetectorTask] = (),
    *,
    extra_labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> TrainingResult:
    """Train a detector for one task, judge it on sealed patients, register the version.

    The same films, labels and settings are not trained on twice: the version made of them is judged
    anew.

    Args:
        workspace: the archive.
        task: the detector task to judge and register the version for.
        tasks: all detector tasks; those that share a network with this one are trained with it.
        extra_labels: answers for `task` that are not in the database.
        progress: told how far the training is.

    Raises:
        TaskDefinitionError: nothing is learnt for this task.
        NotEnoughFilmsError: too few films, labels or patients to train or to judge.
    """
    inputs = TrainingInputs(extra_labels, tasks)
    engine, files = workspace.database, workspace.detector_files
    # The worker trains two tasks side by side; the second then finds the first one's network.
    with in_turn(workspace.root / "train.lock"):
        training = kind_of(task).gather(workspace, task, inputs)
        keep_seal(engine, workspace.seal_terms)
        version = same_training(files.models, training.fingerprint)
        reused = version is not None
        if version is None:
            version = save_version(files.models, training.fit(progress))
        detector = load_detector(files.models, version, files.device)
        champion = load_in_use(engine, files, task)
        judgement = training.judge(Contest(engine, files, detector, champion))
        with_others = _learnt_with(workspace, task, version) if reused else ()
        register(engine, task, version, judgement)
    metrics = version_metrics(files.models, task, version)
    return TrainingResult(version, judgement, metrics, reused, with_others)


def _learnt_with(workspace: Workspace, task: DetectorTask, version: str) -> tuple[str, ...]:
    """Return the other tasks of a version's network, where it is new to this task."""
    known = {each.model_version for each in versions(workspace.database, task.name)}
    heads = read_card(workspace.models, version).heads
    return () if version in known else tuple(sorted(heads.keys() - {task.name}))


def read_extra_labels(engine: Engine, task: DetectorTask, table: Path | None) -> list[Label]:
    """Return the answers in a CSV file, or none where no file is given.

    Raises:
        InputFileError: it cannot be read, or a row names an unknown film or label.
    """
    return kind_of(task).read_labels(engine, task, table) if table else []
