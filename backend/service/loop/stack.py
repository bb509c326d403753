"""Everything a reviewer needs, running together: Label Studio, the ML backend and the worker.

Label Studio takes longest to start, so it starts first, while films are read and learnt from.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType

from backend.base.adapters.activity import activity
from backend.base.adapters.child_process import ChildProcess, interrupts_ignored, radsieve_command
from backend.base.adapters.ports import refuse_taken_port
from backend.base.adapters.secrets_file import Secrets
from backend.base.adapters.settings import Settings
from backend.base.adapters.started_programs import WORKER, on_record
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.errors import RadsieveError
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.inner_addresses import backend_address, host_of
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.label_studio.server import (
    RunningServer,
    ServerPlan,
    answers_health,
    launch_label_studio,
    refuse_no_label_studio,
    wait_until_up,
)
from backend.review.adapters.project_store import known_projects
from backend.review.loop.studio.connect import (
    connect_backend,
    ensure_shared_projects,
    remember_label_studio,
)
from backend.review.loop.studio.stray_items import archive_former_projects
from backend.service.loop.leftovers import end_leftovers

logger = logging.getLogger(__name__)

BACKEND_USER = "radsieve"
BACKEND_START_S = 120.0

Tell = Callable[[str], None]
"""Called with a sentence for the person who waits."""


class Stack:
    """A context manager that starts the servers, and stops them however it is left.

    Inside, `open_review` waits until they answer and connects them.
    """

    def __init__(
        self,
        workspace: Workspace,
        tasks: Mapping[str, DetectorTask],
        tell: Tell,
        *,
        command: str = "radsieve up",
    ) -> None:
        """Keep the arguments; nothing is started yet.

        Args:
            workspace: what the servers serve.
            tasks: detector tasks by name.
            tell: called with each sentence.
            command: that runs the stack, as a person calls it.
        """
        self._workspace, self._tasks, self._tell = workspace, tasks, tell
        self._command = command
        self._running = ExitStack()
        self._programs: dict[str, ChildProcess] = {}
        self._label_studio: RunningServer | None = None
        self._studio: LabelStudio | None = None
        self._connected: set[int] = set()
        """Ids of the projects that the backend is connected to."""

    @property
    def _backend(self) -> MlBackend:
        return ml_backend(self._workspace.settings, self._workspace.secrets)

    @property
    def studio(self) -> LabelStudio:
        """The running Label Studio.

        Raises:
            RadsieveError: the stack was not started.
        """
        if self._studio is None:
            raise RadsieveError("Label Studio is not connected: call `open_review` first")
        return self._studio

    def __enter__(self) -> "Stack":
        """Start Label Studio and the backend; neither answers yet. What was left over is ended."""
        root = self._workspace.root
        try:
            if said := end_leftovers(root):
                self._tell(said)
            self._running.enter_context(on_record(root, self._command, os.getpid()))
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
        """Wait; see that everything still runs, and that every project has the backend.

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
        self._connect_new_projects()

    def open_review(self) -> None:
        """Wait until the servers answer, make the projects, connect them, start the worker.

        Raises:
            RadsieveError: a server does not start.
        """
        with activity(self._workspace.root, Doing.STUDIO_STARTS):
            self._wait_for_label_studio()
        with activity(self._workspace.root, Doing.STUDIO_OPENS):
            self._connect()

    def _wait_for_label_studio(self) -> None:
        if self._label_studio:
            wait_until_up(self._label_studio, lambda _seconds: self.watch(0.0))

    def _connect(self) -> None:
        plan = server_plan(self._workspace)
        self._studio = remember_label_studio(self._workspace.root, plan.url, plan.token)
        self._ensure_projects()
        self._wait_for_backend(self._backend.url)
        self._connect_new_projects()
        self._start_child(WORKER, "work")

    def _start(self) -> None:
        refuse_what_cannot_start(self._workspace.settings)
        # Before any program that uses it: the first to open a database makes its tables.
        self._workspace.database.dispose()
        plan = server_plan(self._workspace)
        self._tell(f"starting Label Studio at {plan.url} (the first start takes about a minute)")
        self._label_studio = launch_label_studio(plan)
        self._keep("Label Studio", self._label_studio)
        self._start_child("ML backend", "serve")

    def _connect_new_projects(self) -> None:
        """Connect the backend to projects that were made since this was called last."""
        if self._studio is None:
            return
        engine = self._workspace.database
        known = {record.project_id for record in known_projects(engine, self._studio.url)}
        if known - self._connected:
            connect_backend(engine, self._studio, self._backend)
            self._connected = known

    def _ensure_projects(self) -> None:
        engine, settings = self._workspace.database, self._workspace.settings
        pictures, reviewers = self._workspace.review, settings.reviewers
        ensure_shared_projects(engine, self.studio, pictures=pictures, reviewers=reviewers)
        archive_former_projects(engine, self.studio, self._tasks.values())

    def _start_child(self, name: str, command: str) -> None:
        self._tell(f"starting the {name}")
        child = ChildProcess(
            radsieve_command(command, "--workspace", str(self._workspace.root)),
            self._workspace.logs / f"{command}.log",
        )
        self._keep(name, child)

    def _keep(self, name: str, program: ChildProcess) -> None:
        """Watch a program from now on, and end it with the stack."""
        self._programs[name] = program
        self._running.enter_context(on_record(self._workspace.root, name, program.pid))
        self._running.callback(program.stop)

    def _wait_for_backend(self, url: str) -> None:
        deadline = time.monotonic() + BACKEND_START_S
        while time.monotonic() < deadline:
            self.watch(0.2)
            if answers_health(url):
                return
        raise RadsieveError(f"the ML backend did not answer at {url} in {BACKEND_START_S:.0f} s")


def refuse_what_cannot_start(settings: Settings) -> None:
    """Refuse to start servers where that must fail; it may be asked before a workspace is made.

    Raises:
        PortTakenError: another program has one of their ports.
        RadsieveError: another Label Studio is to be used, or none is installed.
    """
    if settings.label_studio_url:
        raise RadsieveError(
            f"a Label Studio of your own is set ({settings.label_studio_url}), and `up` starts "
            "another; unset RADSIEVE_LABEL_STUDIO_URL, or use `radsieve connect`, `serve` and "
            "`work` with yours"
        )
    refuse_taken_port(
        settings.host, settings.backend_port, "the ML backend", "RADSIEVE_BACKEND_PORT"
    )
    refuse_no_label_studio(settings.host, settings.label_studio_port)


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
        backend_host=host_of(ml_backend(settings, workspace.secrets).url),
    )


def ml_backend(settings: Settings, secrets: Secrets) -> MlBackend:
    """Return our ML backend as Label Studio reaches it."""
    return MlBackend(
        url=settings.backend_url
        or f"http://{backend_address(settings.host)}:{settings.backend_port}",
        title="radsieve",
        user=BACKEND_USER,
        password=secrets.backend_password,
    )
