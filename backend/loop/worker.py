"""The worker: pulls, and retrains when enough new labels came in; one job per task at a time."""

import logging
from collections.abc import Mapping

from backend.adapters.jobs import JobQueue, Jobs
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.loop.connect import require_label_studio
from backend.loop.publish import align_label_studio
from backend.loop.pull import pull
from backend.loop.push import push, push_exact_class
from backend.loop.retrain import is_due, retrain

logger = logging.getLogger(__name__)


def run_worker(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
    """Work until SIGTERM or SIGINT."""
    queue = JobQueue(workspace, list(tasks))

    def pull_job(name: str) -> None:
        pull_and_follow_up(workspace, tasks[name], queue)

    def retrain_job(name: str) -> None:
        retrain(workspace, tasks[name], tasks)
        push_next(workspace, tasks[name])

    queue.pull_soon(None)
    queue.run_worker(
        Jobs(pull=pull_job, retrain=retrain_job), pull_every_s=workspace.settings.pull_every_s
    )


def pull_and_follow_up(workspace: Workspace, task: DetectorTask, queue: JobQueue) -> None:
    """Pull; then retrain if it is due, or else see that the reviewer has something to look at."""
    studio = require_label_studio(workspace)
    report = pull(workspace, task, studio)
    for problem in report.unreadable:
        logger.warning("%s: %s", task.name, problem)
    push_exact_class(workspace, task, studio)
    align_label_studio(workspace, task, studio)
    if is_due(workspace, task):
        queue.train_now(task.name)
    elif report.annotations:
        push_next(workspace, task)
    if report.annotations or report.withdrawn:
        logger.info("%s: %s", task.name, report)


def push_next(workspace: Workspace, task: DetectorTask) -> None:
    """Push the next batch if the last one is done."""
    studio = require_label_studio(workspace)
    count = workspace.settings.batch_films
    report = push(workspace, task, studio, count=count, single=False)
    if report.items:
        logger.info("%s: pushed %d items, %d films", task.name, report.items, report.films)
