"""The job queue (huey): on SQLite in the workspace by default, on Redis by URL."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from huey import Huey, PriorityRedisHuey, SqliteHuey
from huey.consumer import Consumer

from backend.base.adapters.foreign_errors import as_line
from backend.base.adapters.turns import FileTurns, RedisTurns, Turns
from backend.base.core.errors import RadsieveError

logger = logging.getLogger(__name__)

PULL_DELAY_S = 1
"""A reviewer submits sheets seconds apart; one pull then reads several."""


class Lane(StrEnum):
    """A kind of job. What a reviewer waits for never waits for a job of another lane."""

    PULL = "pull"
    PUSH = "push"
    RETRAIN = "retrain"


_MOST_URGENT_FIRST = {Lane.PULL: 2, Lane.PUSH: 1, Lane.RETRAIN: 0}
_BUSY_DELAY_S = {Lane.PULL: 1, Lane.PUSH: 1, Lane.RETRAIN: 5}
"""How long a job waits before it asks again whether it is its turn."""
_LOOK_EVERY_S = 2.0
"""How often the worker looks whether its workspace is still there."""
_WORKERS = 4
"""One may train, one may push, and two are always free to pull."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the worker does; each takes the name of a detector task."""

    pull: Callable[[str], None]
    push: Callable[[str], None]
    retrain: Callable[[str], None]


class JobQueue:
    """Puts jobs into the queue, each at most once until it starts, and works them off.

    Of two programs that put the same job at the same moment, both may: it is then done twice.

    Pulls of different detector tasks run side by side. Pushes run one after another, because each
    of them has Label Studio to itself, and so do trainings, because each takes the whole machine.
    """

    def __init__(self, where: Path | str, detector_tasks: Sequence[str]) -> None:
        """Open the queue; nothing runs here until `run_worker`.

        Args:
            where: the SQLite file of the queue, or the `redis://` URL of one, see
                `Workspace.job_queue`.
            detector_tasks: names of the detector tasks that have jobs.
        """
        self._huey = _open(where)
        self._turns: Turns = FileTurns(where) if isinstance(where, Path) else RedisTurns(where)
        self._putting = threading.Lock()
        self._detector_tasks = tuple(detector_tasks)
        self._jobs: Jobs | None = None
        self._job = self._huey.task(name="radsieve_job")(self._run)

    def pull_soon(self, detector_task: str | None) -> None:
        """Schedule a pull of one detector task, or of all; a waiting one is not doubled."""
        for name in [detector_task] if detector_task else self._detector_tasks:
            self._put(Lane.PULL, name, delay_s=PULL_DELAY_S)

    def push_now(self, detector_task: str) -> None:
        """Schedule a push, unless one waits already."""
        self._put(Lane.PUSH, detector_task, delay_s=0)

    def train_now(self, detector_task: str) -> None:
        """Schedule a retraining, unless one waits already."""
        self._put(Lane.RETRAIN, detector_task, delay_s=0)

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return int(self._huey.pending_count() + self._huey.scheduled_count())

    def run_worker(self, jobs: Jobs, *, pull_every_s: int, root: Path) -> None:
        """Work until SIGTERM or SIGINT; pulls by itself as well, since webhooks get lost.

        Raises:
            RadsieveError: the folder `root`, the workspace, has vanished.
        """
        self._jobs = jobs
        stopped = threading.Event()
        for keep, argument in ((self._keep_pulling, pull_every_s), (_stop_without, root)):
            threading.Thread(target=keep, args=(stopped, argument), daemon=True).start()
        try:
            Consumer(self._huey, workers=_WORKERS, periodic=False, max_delay=1.0).run()
        finally:
            stopped.set()
        if not root.exists():
            raise RadsieveError(
                f"the workspace {root} has vanished, so the worker has stopped; bring it back and "
                "start `radsieve work` again"
            )

    def _keep_pulling(self, stopped: threading.Event, every_s: int) -> None:
        while not stopped.wait(every_s):
            try:
                self.pull_soon(None)
            except Exception as error:
                logger.error("no pull was scheduled: %s", as_line(error))

    def _put(self, lane: Lane, detector_task: str, *, delay_s: int) -> None:
        with self._putting:
            if (lane.value, detector_task) not in self._in_queue():
                self._schedule(lane, detector_task, delay_s)

    def _in_queue(self) -> set[tuple[str, str]]:
        """Return the jobs that wait; what a killed worker had begun is not among them."""
        return {tuple(job.args) for job in (*self._huey.pending(), *self._huey.scheduled())}

    def _schedule(self, lane: Lane, detector_task: str, delay_s: int) -> None:
        arguments, priority = (lane.value, detector_task), _MOST_URGENT_FIRST[lane]
        self._job.schedule(arguments, delay=delay_s, priority=priority)

    def _run(self, lane: str, detector_task: str) -> None:
        if self._jobs is None:
            raise RadsieveError("jobs run in `radsieve work` only")
        kind = Lane(lane)
        with self._turns.taken(_turn(kind, detector_task)) as is_ours:
            if not is_ours:
                self._put(kind, detector_task, delay_s=_BUSY_DELAY_S[kind])
                return
            try:
                getattr(self._jobs, kind.value)(detector_task)
            except Exception as error:
                logger.error("%s of %s: %s", lane, detector_task, as_line(error))


def _stop_without(stopped: threading.Event, root: Path) -> None:
    """Stop this process as SIGTERM does, once the workspace is gone."""
    while not stopped.wait(_LOOK_EVERY_S):
        if not root.exists():
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _turn(lane: Lane, detector_task: str) -> str:
    """Return the name of the turn that a job has while it runs."""
    return f"{lane}-{detector_task}" if lane is Lane.PULL else f"{lane}"


def _open(where: Path | str) -> Huey:
    if isinstance(where, Path):
        return SqliteHuey("radsieve", filename=str(where), results=False)
    return PriorityRedisHuey("radsieve", url=where, results=False)
