"""Webhooks are hints: accepted at once and read later; labels are never read from them.

Label Studio waits a second for us while a reviewer waits for it, tries once, and does not sign what
it sends. So a request thread only hands the bytes over; what happened is read from Label Studio.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, select

from backend.base.adapters.database import projects
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource
from backend.review.adapters.label_studio.requests import BadPayloadError, WebhookHint, hint
from backend.service.edge.backend import Scheduler
from backend.service.edge.payloads import read_control, task_of

logger = logging.getLogger(__name__)

MAX_HINT_BYTES = 2**20
"""A larger body (an import sends all its items) is not worth reading: the pull reads the truth."""
MAX_WAITING = 1000

TRAIN = "START_TRAINING"
NO_NEWS = frozenset({"TASKS_CREATED", "PROJECT_CREATED", "PROJECT_UPDATED", "PROJECT_DELETED"})
"""Actions that change no answer. Everything else, even what we do not know, may: so we look."""


class WebhookInbox:
    """Accepts webhooks in any thread, and reads them one by one in a thread of its own."""

    def __init__(
        self, database: Engine, tasks: Mapping[str, DetectorTask], schedule: Scheduler
    ) -> None:
        """Take where to look projects up, and what to tell; the thread starts with the first."""
        self._database, self._tasks, self._schedule = database, tasks, schedule
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhooks")
        self._room = threading.BoundedSemaphore(MAX_WAITING)

    def put(self, body: bytes, *, may_train: bool = False) -> None:
        """Take a webhook's body; returns at once, whatever it is.

        Args:
            body: as it came.
            may_train: whether who sent it may start a training; else it is news of answers.
        """
        if self._room.acquire(blocking=False):
            self._thread.submit(self._handle, body, may_train)
        else:
            # Those that wait will start a pull, and a pull reads everything.
            logger.warning("webhook dropped: %d are waiting", MAX_WAITING)

    def _handle(self, body: bytes, may_train: bool) -> None:
        try:
            self._act(hint(body), may_train)
        except Exception as error:  # the thread must outlive whatever a hint can do to it
            logger.error("webhook not understood: %s", type(error).__name__)
        finally:
            self._room.release()

    def _act(self, news: WebhookHint, may_train: bool) -> None:
        if news.action in NO_NEWS:
            return
        task = self._task_of(news)
        logger.info("webhook %.40s for %s", news.action, task or "unknown task")
        if news.action != TRAIN or not may_train:
            self._schedule.pull_soon(task)
        else:
            self._train([task] if task else self._answered_tasks(news.project))

    def _train(self, tasks: Sequence[str]) -> None:
        for task in tasks:
            self._schedule.train_now(task)
        if not tasks:
            logger.error("cannot train: no detector task is known of which reviewers said anything")

    def _answered_tasks(self, number: int | None) -> list[str]:
        """Return the tasks that learn and that reviewers answered for, if all share a project."""
        if number not in self._shared_projects():
            return []
        learning = (LearntFrom.MADE_FILMS, LearntFrom.ANSWERS)
        return [
            name
            for name, task in self._tasks.items()
            if task.learnt_from in learning
            and standing_labels(self._database, name, source=LabelSource.REVIEWER)
        ]

    def _shared_projects(self) -> set[int]:
        query = select(projects.c.project_id).where(projects.c.detector_task == "")
        with self._database.connect() as connection:
            return set(connection.execute(query).scalars())

    def _task_of(self, news: WebhookHint) -> str | None:
        named = task_of(news.data, self._tasks)
        if named:
            return named.name
        try:
            task = read_control(news.label_config, self._tasks).task
        except BadPayloadError:
            return self._task_by_number(news.project)
        return task.name if task else None

    def _task_by_number(self, number: int | None) -> str | None:
        query = select(projects.c.detector_task).where(projects.c.project_id == number).distinct()
        with self._database.connect() as connection:
            found = connection.execute(query).scalars().all()
        # A project that all tasks share has no name on record.
        return found[0] or None if len(found) == 1 else None
