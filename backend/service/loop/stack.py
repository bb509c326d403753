"""Everything a reviewer needs, running together: Label Studio, the ML backend and the worker."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType

from backend.base.adapters.child_process import ChildProcess, interrupts_ignored, radsieve_command
from backend.base.adapters.ports import refuse_taken_port
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Secrets, Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.label_studio.server import (
    ServerPlan,
    answers_health,
    start_label_studio,
)
from backend.review.loop.studio.connect import (
    connect_backend,
    ensure_projects,
    remember_label_studio,
)

logger = logging.getLogger(__name__)

BACKEND_USER = "radsieve"
BACKEND_START_S = 120.0

Tell = Callable[[str], None]
"""Called with a sentence for the person who waits."""


class Stack:
    """A context manager that starts the servers, and stops them however it is left."""

    def __init__(self, workspace: Workspace, tasks: Mapping[str, DetectorTask], tell: Tell) -> None:
        """Keep the arguments; nothing is started yet."""
        self._workspace, self._tasks, self._tell = workspace, tasks, tell
        self._running = ExitStack()
        self._programs: dict[str, ChildProcess] = {}
        self._studio: LabelStudio | None = None

    @property
    def studio(self) -> LabelStudio:
        """The running Label Studio.

        Raises:
            RadsieveError: the stack was not started.
        """
        if self._studio is None:
            raise RadsieveError("Label Studio does not run: use the stack as a context manager")
        return self._studio

    def __enter__(self) -> "Stack":
        """Start Label Studio, make the projects, start the backend and the worker."""
        try:
            self._start()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything, in the opposite order; a second Ctrl-C does not leave half running."""
        with interrupts_ignored():
            self._running.close()

    def watch(self, seconds: float) -> None:
        """Wait, and see that everything still runs.

        Raises:
            RadsieveError: one of the programs has ended; its last words are in the message.
        """
        time.sleep(seconds)
        for name, program in self._programs.items():
            if not program.is_running:
                raise RadsieveError(
                    f"the {name} has ended; its last words in {program.log_path}: "
                    f"{program.last_words}"
                )

    def _start(self) -> None:
        settings = self._workspace.settings
        if settings.label_studio_url:
            raise RadsieveError(
                f"a Label Studio of your own is set ({settings.label_studio_url}), and `up` starts "
                "another; unset RADSIEVE_LABEL_STUDIO_URL, or use `radsieve connect`, `serve` and "
                "`work` with yours"
            )
        refuse_taken_port(
            settings.host, settings.backend_port, "the ML backend", "RADSIEVE_BACKEND_PORT"
        )
        plan = server_plan(self._workspace)
        self._tell(f"starting Label Studio at {plan.url} (the first start takes about a minute)")
        server = self._running.enter_context(start_label_studio(plan))
        self._programs["Label Studio"] = server
        self._studio = remember_label_studio(self._workspace.root, plan.url, plan.token)
        self._ensure_projects()
        backend = ml_backend(settings, self._workspace.secrets)
        self._start_child("ML backend", "serve")
        self._wait_for_backend(backend.url)
        connect_backend(self._workspace.database, self.studio, backend)
        self._start_child("worker", "work")

    def _ensure_projects(self) -> None:
        engine, settings = self._workspace.database, self._workspace.settings
        pictures, reviewers = self._workspace.review, settings.reviewers
        for task in self._tasks.values():
            if task.learnt_from is not LearntFrom.RULE:
                ensure_projects(engine, self.studio, task, pictures=pictures, reviewers=reviewers)

    def _start_child(self, name: str, command: str) -> None:
        self._tell(f"starting the {name}")
        child = ChildProcess(
            radsieve_command(command, "--workspace", str(self._workspace.root)),
            self._workspace.logs / f"{command}.log",
        )
        self._running.callback(child.stop)
        self._programs[name] = child

    def _wait_for_backend(self, url: str) -> None:
        deadline = time.monotonic() + BACKEND_START_S
        while time.monotonic() < deadline:
            self.watch(0.2)
            if answers_health(url):
                return
        raise RadsieveError(f"the ML backend did not answer at {url} in {BACKEND_START_S:.0f} s")


def server_plan(workspace: Workspace) -> ServerPlan:
    """Return how the workspace's own Label Studio is started."""
    settings = workspace.settings
    return ServerPlan(
        data_dir=workspace.label_studio,
        document_root=workspace.review.parent,
        username=settings.label_studio_username,
        password=workspace.secrets.label_studio_password,
        token=workspace.secrets.label_studio_token,
        log_path=workspace.logs / "label-studio.log",
        host=settings.host,
        port=settings.label_studio_port,
    )


def ml_backend(settings: Settings, secrets: Secrets) -> MlBackend:
    """Return our ML backend as Label Studio reaches it."""
    return MlBackend(
        url=settings.backend_url or f"http://{settings.host}:{settings.backend_port}",
        title="radsieve",
        user=BACKEND_USER,
        password=secrets.backend_password,
    )
