"""Programs of ours that run beside us, each in a process group that can be ended as a whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.base.core.errors import RadsieveError

GRACE_S = 10.0
"""How long a program may take to end by itself after SIGTERM."""
LAST_LOG_LINES = 5


class ChildProcess:
    """A started program; ending it ends everything that it started."""

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stop_within_s: float = GRACE_S,
    ) -> None:
        """Start it in a process group of its own.

        Args:
            command: the program and its arguments.
            log_path: standard output and error go to the end of this file.
            environment: None: that of this process.
            stop_within_s: how long it may take to end by itself after SIGTERM.
        """
        self.log_path, self._stop_within_s, self._stopped = log_path, stop_within_s, False
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Id of the process, and of its group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The last lines of its log, on one line."""
        lines = self.log_path.read_text(errors="replace").splitlines()
        return " | ".join(line.strip() for line in lines[-LAST_LOG_LINES:] if line.strip())

    def stop(self) -> None:
        """End it: SIGTERM, then SIGKILL for what is left; a second call does nothing."""
        # The number may belong to somebody else once the process was waited for.
        if self._stopped:
            return
        self._stopped = True
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, how)
            except ProcessLookupError:
                break
            self._wait_for_group()
        self._process.wait()

    def _wait_for_group(self) -> None:
        deadline = time.monotonic() + self._stop_within_s
        while time.monotonic() < deadline:
            self._process.poll()
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)


def radsieve_command(*arguments: str) -> list[str]:
    """Return the command line that runs one of our own commands in this environment."""
    return [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), *arguments]


def run_step(arguments: Sequence[str], workspace: Path) -> None:
    """Run one of our own commands and wait for it; its output goes where ours goes.

    A process of its own, so that the memory of training is given back when it is done.

    Raises:
        RadsieveError: the command failed; it has said why.
    """
    command = radsieve_command(*arguments, "--workspace", str(workspace))
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:
        raise RadsieveError(f"`radsieve {arguments[0]}` failed, see the line above")


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let neither Ctrl-C nor SIGTERM cut short what is done inside; main thread only."""
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, signal.SIG_IGN) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
