"""The job queue (huey): on SQLite in the workspace by default, on Redis by URL."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from huey import Huey, PriorityRedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.exceptions import TaskLockedException

from backend.base.core.errors import RadsieveError

logger = logging.getLogger(__name__)

PULL_DELAY_S = 2
"""A reviewer submits sheets seconds apart; one pull then reads several."""
BUSY_DELAY_S = 5
"""How long a job waits before it asks again whether its detector task is free."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the worker does; each takes the name of a detector task."""

    pull: Callable[[str], None]
    retrain: Callable[[str], None]


class JobQueue:
    """Puts jobs into the queue, each at most once until it starts, and works them off."""

    def __init__(self, where: Path | str, detector_tasks: Sequence[str]) -> None:
        """Open the queue; nothing runs here until `run_worker`.

        Args:
            where: the SQLite file of the queue, or the `redis://` URL of one, see
                `Workspace.job_queue`.
            detector_tasks: names of the detector tasks that have jobs.
        """
        self._huey = _open(where)
        self._detector_tasks = tuple(detector_tasks)
        self._jobs: Jobs | None = None
        self._job = self._huey.task(name="radsieve_job")(self._run)

    def pull_soon(self, detector_task: str | None) -> None:
        """Schedule a pull of one detector task, or of all; a waiting one is not doubled."""
        for name in [detector_task] if detector_task else self._detector_tasks:
            self._put("pull", name, delay_s=PULL_DELAY_S)

    def train_now(self, detector_task: str) -> None:
        """Schedule a retraining, unless one waits already."""
        self._put("retrain", detector_task, delay_s=0)

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return int(self._huey.pending_count() + self._huey.scheduled_count())

    def run_worker(self, jobs: Jobs, *, pull_every_s: int) -> None:
        """Work until SIGTERM or SIGINT; pulls by itself as well, since webhooks get lost."""
        self._jobs = jobs
        stopped = threading.Event()
        threading.Thread(target=self._keep_pulling, args=(stopped, pull_every_s)).start()
        try:
            Consumer(self._huey, workers=2, periodic=False, max_delay=1.0).run()
        finally:
            stopped.set()

    def _keep_pulling(self, stopped: threading.Event, every_s: int) -> None:
        while not stopped.wait(every_s):
            self.pull_soon(None)

    def forget_reservations(self) -> None:
        """Drop what a killed worker reserved; for the only worker, at its start."""
        for name in self._detector_tasks:
            for kind in ("pull", "retrain"):
                self._huey.delete(_mark(kind, name))
                self._huey.lock_task(f"{kind}-{name}").clear()

    def _put(self, kind: str, detector_task: str, *, delay_s: int) -> None:
        if self._huey.put_if_empty(_mark(kind, detector_task), "waiting"):
            self._job.schedule((kind, detector_task), delay=delay_s)

    def _run(self, kind: str, detector_task: str) -> None:
        if self._jobs is None:
            raise RadsieveError("jobs run in `radsieve work` only")
        self._huey.delete(_mark(kind, detector_task))
        try:
            with self._huey.lock_task(f"{kind}-{detector_task}"):
                getattr(self._jobs, kind)(detector_task)
        except TaskLockedException:
            self._put(kind, detector_task, delay_s=BUSY_DELAY_S)
        except RadsieveError as error:
            logger.error("%s of %s: %s", kind, detector_task, error)


def _mark(kind: str, detector_task: str) -> str:
    return f"radsieve-waiting-{kind}-{detector_task}"


def _open(where: Path | str) -> Huey:
    if isinstance(where, Path):
        return SqliteHuey("radsieve", filename=str(where), results=False)
    return PriorityRedisHuey("radsieve", url=where, results=False)
