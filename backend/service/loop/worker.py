"""The worker: pulls, and retrains when enough new labels came in; one job per task at a time.

It never imports torch. What needs a network runs as a command in a process of its own, which gives
its memory back.
"""

import logging
from collections.abc import Mapping

from backend.base.adapters.child_process import run_step
from backend.base.adapters.jobs import JobQueue, Jobs
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.detectors.adapters.versions.registry import published_version
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.core.item import SHEET
from backend.review.loop.follow_ups import follow_ups
from backend.review.loop.planning_material import planning_material
from backend.review.loop.pull import pull
from backend.review.loop.studio.connect import require_label_studio
from backend.service.loop.retrain import is_due, retrain

logger = logging.getLogger(__name__)


def run_worker(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
    """Pull and retrain until SIGTERM or SIGINT; begin with a pull of every detector task."""
    queue = JobQueue(workspace.job_queue, list(tasks))
    worker = _Worker(workspace, tasks, queue)
    queue.forget_reservations()
    queue.pull_soon(None)
    queue.run_worker(
        Jobs(pull=worker.pull, retrain=worker.retrain),
        pull_every_s=workspace.settings.pull_every_s,
    )


class _Worker:
    def __init__(
        self, workspace: Workspace, tasks: Mapping[str, DetectorTask], queue: JobQueue
    ) -> None:
        self._workspace, self._tasks, self._queue = workspace, tasks, queue
        self._pushed: dict[str, int] = {}
        """By detector task, the `_state` after the last push that succeeded."""

    def pull(self, name: str) -> None:
        """Pull; then retrain if that is due, else push if that may add something to review."""
        task = self._tasks[name]
        report = pull(self._workspace, task, self._studio())
        for problem in report.unreadable:
            logger.warning("%s: %s", name, problem)
        if report.annotations or report.withdrawn:
            logger.info("%s: %s", name, report)
        if not self._is_begun(task):
            return
        if task.learnt_from is not LearntFrom.OTHERS and is_due(self._workspace, task):
            self._queue.train_now(name)
            return
        if self._pushed.get(name) != self._state(name):
            if self._can_push(task):
                run_step(["push", name], self._workspace.root)
            # Not before the push: one that failed is tried again at the next pull.
            self._pushed[name] = self._state(name)

    def _studio(self) -> LabelStudio:
        return require_label_studio(self._workspace.root, self._workspace.settings)

    def retrain(self, name: str) -> None:
        """Train, judge, publish or say why not, push."""
        retrain(self._workspace.root, name)

    def _is_begun(self, task: DetectorTask) -> bool:
        """Return whether a version is published, or a first label is there to learn from."""
        if published_version(self._workspace.database, task.name):
            return True
        begun = standing_labels(self._workspace.database, task.name)
        waits = task.learnt_from in (LearntFrom.ANSWERS, LearntFrom.OTHERS)
        return waits and bool(begun)

    def _state(self, name: str) -> int:
        """Return a hash of what decides whether a push adds anything: labels, and what waits."""
        engine = self._workspace.database
        waiting = tuple(item.item_key for item in open_items(engine, name))
        return hash((waiting, *standing_labels(engine, name)))

    def _can_push(self, task: DetectorTask) -> bool:
        """Whether a push may add something: a batch, or follow-ups beside one that waits."""
        waiting = open_items(self._workspace.database, task.name)
        if not any(item.kind == SHEET for item in waiting):
            return True
        return bool(follow_ups(planning_material(self._workspace, task)))
