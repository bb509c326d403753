"""Label Studio as a child process, which sends nothing to the internet and ends with us."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx

from backend.base.adapters.child_process import ChildProcess
from backend.base.adapters.ports import reached, refuse_taken_port
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.bounded_time import answer_within
from backend.review.adapters.label_studio.inner_addresses import protection

# An allow-list: Label Studio takes bare names such as HOST, PORT or DEBUG for settings of its own,
# and a proxy for the outside world must not be asked for our backend on this machine.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_HEALTH_S = 5.0


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Where a Label Studio runs, and the user who may log in."""

    data_dir: Path
    """Its database and secrets; made where it is missing."""
    document_root: Path
    """Files below its subfolders can be shown; the root itself cannot be a storage."""
    username: str
    password: str
    token: str
    """Legacy token of that user, 40 hex digits."""
    log_path: Path
    host: str = "127.0.0.1"
    port: int = 8080
    backend_host: str = "127.0.0.1"
    """The one address of those inside networks that it may call."""
    start_within_s: float = 900.0
    """The first start makes the database: 33 s on an idle machine, minutes on a busy one."""
    stop_within_s: float = 10.0
    """What has not ended by itself after that is killed."""
    extra_env: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address a browser on this machine uses."""
        return f"http://{reached(self.host)}:{self.port}"


class RunningServer(ChildProcess):
    """A started Label Studio; a context manager that stops it."""

    def __init__(self, plan: ServerPlan) -> None:
        """Start it; it does not answer yet.

        Raises:
            LabelStudioError: it is not installed.
        """
        self.plan = plan
        super().__init__(
            _command(plan),
            plan.log_path,
            environment=_environment(plan),
            stop_within_s=plan.stop_within_s,
        )

    @property
    def url(self) -> str:
        """The address a browser on this machine uses."""
        return self.plan.url

    def __enter__(self) -> "RunningServer":
        """Return the server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()


def start_label_studio(
    plan: ServerPlan, *, on_wait: Callable[[float], None] = lambda _seconds: None
) -> RunningServer:
    """Start the server and wait until it answers.

    Args:
        plan: where and how.
        on_wait: called about once a second with the seconds waited so far.

    Raises:
        PortTakenError: the port is used by another program.
        LabelStudioError: it is not installed, or it ended or hung before it answered.
    """
    server = launch_label_studio(plan)
    try:
        wait_until_up(server, on_wait)
    except BaseException:
        server.stop()
        raise
    return server


def launch_label_studio(plan: ServerPlan) -> RunningServer:
    """Start the server; it does not answer yet: see `wait_until_up`.

    Raises:
        PortTakenError: the port is used by another program.
        LabelStudioError: it is not installed.
    """
    refuse_no_label_studio(plan.host, plan.port)
    for folder in (plan.data_dir, plan.document_root):
        folder.mkdir(parents=True, exist_ok=True)
    return RunningServer(plan)


def refuse_no_label_studio(host: str, port: int) -> None:
    """Refuse to start Label Studio where that must fail.

    Raises:
        PortTakenError: the port is used by another program.
        LabelStudioError: it is not installed.
    """
    # Before the start: Label Studio would move to the next free port with only a printed warning.
    refuse_taken_port(host, port, "Label Studio", "RADSIEVE_LABEL_STUDIO_PORT")
    _executable()


def _executable() -> Path:
    path = Path(sys.prefix) / "bin" / "label-studio"
    if not path.exists():
        raise LabelStudioError(
            "Label Studio is not installed here; install it with `pip install radsieve[studio]`, "
            "or use one that runs elsewhere with `radsieve connect URL`"
        )
    return path


def _command(plan: ServerPlan) -> list[str]:
    options = ["--no-browser", "--internal-host", plan.host, "--port", str(plan.port)]
    return [sys.executable, str(_executable()), "start", *options, "--log-level", "INFO"]


def _environment(plan: ServerPlan) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    settings = {
        "BASE_DATA_DIR": str(plan.data_dir),
        "USERNAME": plan.username,
        "PASSWORD": plan.password,
        "USER_TOKEN": plan.token,
        "ENABLE_LEGACY_API_TOKEN": "true",
        "DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "LOCAL_FILES_SERVING_ENABLED": "true",
        "LOCAL_FILES_DOCUMENT_ROOT": str(plan.document_root),
        **protection(plan.backend_host),
    }
    # Without these four it calls home at every request, and so does the reviewer's browser.
    silence = {
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "false",
    }
    named = {f"LABEL_STUDIO_{name}": value for name, value in settings.items()}
    return {**inherited, **named, **silence, **plan.extra_env}


def wait_until_up(server: RunningServer, on_wait: Callable[[float], None]) -> None:
    """Wait until a started server answers; the arguments are those of `start_label_studio`.

    Raises:
        LabelStudioError: it ended or hung before it answered.
    """
    started = time.monotonic()
    while (waited := time.monotonic() - started) < server.plan.start_within_s:
        if not server.is_running:
            raise LabelStudioError(
                f"Label Studio ended before it answered; its last words in {server.plan.log_path}: "
                f"{server.last_words}"
            )
        if answers_health(server.url):
            return
        on_wait(waited)
        time.sleep(1.0)
    raise LabelStudioError(
        f"Label Studio did not answer at {server.url} within {server.plan.start_within_s:.0f} s; "
        f"its last words in {server.plan.log_path}: {server.last_words}"
    )


def answers_health(url: str) -> bool:
    """Tell whether a server (Label Studio or our ML backend) answers at `URL/health`."""
    try:
        # A proxy for the outside world must not be asked for a server on this machine.
        with answer_within(f"{url}/health", _HEALTH_S, trust_env=False) as answer:
            return answer.status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
