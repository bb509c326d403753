"""`radsieve up` in a process of its own, as a person starts it, for benchmarks and pictures."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.loop.studio.connect import require_label_studio

WELCOME_ENDS = "stops everything"
_PATIENCE_S = 3600.0


@dataclass(frozen=True, slots=True)
class StartedRadsieve:
    """A workspace in which `radsieve up` runs."""

    workspace: Workspace
    process: subprocess.Popen[bytes]
    log: Path
    environment: Mapping[str, str]
    until_welcome_s: float

    @property
    def studio(self) -> LabelStudio:
        """Its Label Studio."""
        return require_label_studio(self.workspace.root, self.workspace.settings)

    def watch(self) -> None:
        """See that it still runs.

        Raises:
            RuntimeError: it has ended; its output is in the message.
        """
        if self.process.poll() is not None:
            raise RuntimeError(self.log.read_text())


@contextmanager
def started_radsieve(folder: Path, *arguments: str, **settings: str) -> Iterator[StartedRadsieve]:
    """Run `radsieve up` on free ports, wait until it says where to begin; stop it at the end.

    Args:
        folder: for the workspace and the log.
        arguments: of `radsieve up`.
        settings: environment variables.
    """
    environment = os.environ | {
        "RADSIEVE_WORKSPACE": str(folder / "workspace"),
        "RADSIEVE_LABEL_STUDIO_PORT": str(_free_port()),
        "RADSIEVE_BACKEND_PORT": str(_free_port()),
        **settings,
    }
    log, started_at = folder / "up.log", time.monotonic()
    with log.open("w") as written:
        process = subprocess.Popen(
            command("up", *arguments), env=environment, stdout=written, stderr=written
        )
    try:
        _wait_for_welcome(process, log)
        until_welcome_s = time.monotonic() - started_at
        for name in ("RADSIEVE_LABEL_STUDIO_PORT", "RADSIEVE_BACKEND_PORT", *settings):
            os.environ[name] = environment[name]
        workspace = Workspace.open_or_make(folder / "workspace")
        yield StartedRadsieve(workspace, process, log, environment, until_welcome_s)
    finally:
        process.send_signal(signal.SIGTERM)  # which is heeded even where Ctrl-C is not
        process.wait(120)


def command(*arguments: str) -> list[str]:
    """Return the command line of a radsieve command of this environment."""
    return [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), *arguments]


def _wait_for_welcome(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while WELCOME_ENDS not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
