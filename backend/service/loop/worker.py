"""The worker: pulls, pushes the next films, and retrains when enough new labels came in.

What a reviewer waits for never waits for a training: second looks and the next batch come from the
version in use. It never imports torch. What needs a network runs as a command in a process of its
own, which gives its memory back.
"""

import logging
from collections.abc import Mapping

from backend.base.adapters.child_process import run_step
from backend.base.adapters.jobs import JobQueue, Jobs
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.detectors.adapters.versions.registry import published_version
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import has_items, has_own_batches, open_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.core.item import SHEET, first_looks_waiting
from backend.review.loop.follow_ups import follow_ups
from backend.review.loop.grid_looks import waits_for_push
from backend.review.loop.planning_material import planning_material
from backend.review.loop.pull import pull
from backend.review.loop.studio.connect import require_label_studio
from backend.service.loop.retrain import is_due, retrain

logger = logging.getLogger(__name__)

SHEETS_AHEAD = 3
"""The next batch is made while so many sheets still wait for each reviewer: making it takes less
time than answering them, on a busy machine as well."""
PUSH_NICENESS = 5
"""A push begins while the reviewer's next sheet is being painted: it gives way to that, and goes
before a training, see `Settings.training_niceness`."""


def run_worker(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
    """Pull, push and retrain until SIGTERM or SIGINT; begin with a pull of every detector task."""
    queue = JobQueue(workspace.job_queue, list(tasks))
    worker = Worker(workspace, tasks, queue)
    queue.pull_soon(None)
    for name in worker.teaches_itself():
        queue.train_now(name)
    queue.run_worker(
        Jobs(pull=worker.pull, push=worker.push, retrain=worker.retrain),
        pull_every_s=workspace.settings.pull_every_s,
        root=workspace.root,
    )


class Worker:
    """Does the jobs of the queue, and puts into it what follows from them."""

    def __init__(
        self, workspace: Workspace, tasks: Mapping[str, DetectorTask], queue: JobQueue
    ) -> None:
        """Take the archive, the detector tasks by name, and where jobs are put."""
        self._workspace, self._tasks, self._queue = workspace, tasks, queue
        self._pushed: dict[str, int] = {}
        """By detector task, what the last push that succeeded was made from: see `_state`."""

    def teaches_itself(self) -> list[str]:
        """Return the detector tasks that can be learnt without answers, and were not yet."""
        return [
            name
            for name, task in self._tasks.items()
            if task.learnt_from is LearntFrom.MADE_FILMS
            and published_version(self._workspace.database, name) is None
        ]

    def pull(self, name: str) -> None:
        """Pull; then ask for a training if one is due, and for a push if it may add something."""
        task = self._tasks[name]
        report = pull(self._workspace, task, self._studio())
        for problem in report.unreadable:
            logger.warning("%s: %s", name, problem)
        if report.annotations or report.withdrawn:
            logger.info("%s: %s", name, report)
        if not self._is_begun(task):
            return
        if self._pushed.get(name) != self._state(name):
            self._push_if_of_use(task)
        learns = task.learnt_from not in (LearntFrom.OTHERS, LearntFrom.RULE)
        if learns and is_due(self._workspace, task):
            self._queue.train_now(name)

    def push(self, name: str) -> None:
        """Send second looks, and the next batch while there are still sheets of the last one."""
        labels = self._labels(name)
        step = ["push", name, *self._how_to_push(name)]
        run_step(step, self._workspace.root, niceness=PUSH_NICENESS)
        # Not before the push: one that failed is tried again at the next pull. What was answered
        # meanwhile is not in it.
        self._pushed[name] = hash((labels, self._waiting(name), self._sent(name)))

    def _studio(self) -> LabelStudio:
        return require_label_studio(self._workspace.root, self._workspace.settings)

    def retrain(self, name: str) -> None:
        """Train, judge, publish or say why not; then push what the new version suspects."""
        retrain(self._workspace.root, name, self._workspace.settings.training_niceness)
        for other, task in self._tasks.items():
            if other == name or name in {part.name for part in task.parts}:
                self._push_if_of_use(task)

    def _push_if_of_use(self, task: DetectorTask) -> None:
        if self._is_begun(task) and self._can_push(task):
            self._queue.push_now(task.name)
        else:
            self._pushed[task.name] = self._state(task.name)

    def _is_begun(self, task: DetectorTask) -> bool:
        """Return whether a version is published, or a first label is there to learn from.

        Of a rule's task nothing is shown by itself until somebody has pushed it by name, or has
        sent or labelled films of it in the grid.
        """
        engine, name = self._workspace.database, task.name
        if published_version(engine, name):
            by_rule = task.learnt_from is LearntFrom.RULE
            return not by_rule or has_items(engine, name) or bool(self._sent(name))
        waits = task.learnt_from in (LearntFrom.ANSWERS, LearntFrom.OTHERS)
        return waits and bool(standing_labels(engine, name))

    def _state(self, name: str) -> int:
        """Return a hash of what decides whether a push adds anything: labels, and what waits."""
        return hash((self._labels(name), self._waiting(name), self._sent(name)))

    def _labels(self, name: str) -> int:
        return hash(tuple(standing_labels(self._workspace.database, name)))

    def _waiting(self, name: str) -> tuple[str, ...]:
        return tuple(item.item_key for item in open_items(self._workspace.database, name))

    def _sent(self, name: str) -> int:
        """Return how many films were sent to review from the grid and are on no item yet."""
        return waits_for_push(self._workspace.database, name)

    def _can_push(self, task: DetectorTask) -> bool:
        """Whether a push may add something: a batch, or follow-ups beside one that waits."""
        engine = self._workspace.database
        waiting = first_looks_waiting(open_items(engine, task.name), SHEET)
        if self._is_asked_by_itself(task) and waiting <= self._ahead:
            return True
        if self._sent(task.name):
            return True
        return bool(follow_ups(planning_material(self._workspace, task)))

    def _how_to_push(self, name: str) -> list[str]:
        if self._is_asked_by_itself(self._tasks[name]):
            return ["--ahead", str(self._ahead)]
        return ["--second-looks"]

    def _is_asked_by_itself(self, task: DetectorTask) -> bool:
        """Whether a task gets batches: the joint one does, and what was pushed by name."""
        return task.sums_up or has_own_batches(self._workspace.database, task.name)

    @property
    def _ahead(self) -> int:
        return SHEETS_AHEAD * self._workspace.settings.reviewers
