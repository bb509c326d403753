"""Programs of ours that run beside us, each in a process group that can be ended as a whole."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from backend.base.adapters.started_programs import GRACE_S, end_processes, on_record
from backend.base.core.errors import RadsieveError

LAST_LOG_LINES = 5
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal that was closed."""
_TIED = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Asks for SIGTERM at its parent's death, sees that it still lives, and becomes the program."""
_steps: set[subprocess.Popen[bytes]] = set()
"""Those that run now, in whatever thread."""


class ChildProcess:
    """A started program; ending it ends everything that it started.

    It ends as well when the thread ends that has started it, see `tied_to_us`.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stop_within_s: float = GRACE_S,
        keep_answer: bool = False,
    ) -> None:
        """Start it in a process group of its own.

        Args:
            command: the program and its arguments.
            log_path: standard output and error go to the end of this file.
            environment: None: that of this process.
            stop_within_s: how long it may take to end by itself after SIGTERM.
            keep_answer: standard output goes into a file beside the log, see `answer`.
        """
        self.log_path, self._stop_within_s, self._stopped = log_path, stop_within_s, False
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self._answer_path = log_path.with_suffix(".answer") if keep_answer else None
        with log_path.open("ab") as log, ExitStack() as apart:
            answer = apart.enter_context(self._answer_path.open("wb")) if self._answer_path else log
            self._process = subprocess.Popen(
                tied_to_us(command),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=log,
                start_new_session=True,
                umask=0o077,  # it writes into a workspace, which is its owner's alone
            )

    @property
    def pid(self) -> int:
        """Id of the process, and of its group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        if self._process.poll() is None:
            return True
        self._stopped = self._stopped or not self._group_lives()  # the number is free now
        return False

    @property
    def has_failed(self) -> bool:
        """Whether the program has ended, and not well."""
        return not self.is_running and bool(self._process.returncode)

    @property
    def answer(self) -> str:
        """What it has written to standard output, where that was kept apart."""
        return self._answer_path.read_text(errors="replace").strip() if self._answer_path else ""

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
        elsewhere = self._descendants()
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, how)
            except (ProcessLookupError, PermissionError):  # macOS refuses a group of the dead
                break
            if self._is_group_gone():
                break
        self._process.wait()
        # A step that gives way is in a session of its own, which the signals did not reach.
        end_processes(elsewhere, self._stop_within_s)

    def _descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def _is_group_gone(self) -> bool:
        """Wait for a while until no program of the group is left."""
        deadline = time.monotonic() + self._stop_within_s
        while time.monotonic() < deadline:
            self._process.poll()
            if not self._group_lives():
                return True
            time.sleep(0.05)
        return False

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def radsieve_command(*arguments: str) -> list[str]:
    """Return the command line that runs one of our own commands in this environment."""
    return [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), *arguments]


def tied_to_us(command: Sequence[str]) -> list[str]:
    """Return a command line whose program gets SIGTERM when we die, whatever has killed us.

    Nothing that we do ourselves outlives `kill -9`. Linux sends the signal, even where we had no
    time to note what we had started; the program stays the same process, with the same number. A
    pipe that children watch would need a thread in each of ours, and a second process beside Label
    Studio. Other systems have nothing like it: there a program stays, and the next `radsieve up`
    ends it (`started_programs`).

    The system takes the thread that starts the program for its parent: it must outlive the program.

    Args:
        command: the path of a program, and its arguments.
    """
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-IS", "-c", _TIED, str(os.getpid()), *command]


def run_step(arguments: Sequence[str], workspace: Path, *, niceness: int = 0) -> None:
    """Run one of our own commands and wait for it; its output goes where ours goes.

    A process of its own, so that the memory of training is given back when it is done. It ends when
    this process is interrupted or ends, also where another thread than the first waits for it.

    Args:
        arguments: the command and what it takes.
        workspace: its folder.
        niceness: how far it gives way to everything else, 0 to 19; above 0 it also keeps to one
            core fewer than there are. Beside one other program on the same core it gets half the
            time at 0, a tenth at 10 and a seventieth at 19.

    Raises:
        RadsieveError: the command failed; it has said why.
    """
    command = radsieve_command(*arguments, "--workspace", str(workspace))
    environment = {**os.environ, **_fewer_threads()} if niceness else None
    with subprocess.Popen(
        tied_to_us(command),
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=niceness > 0,
    ) as process:
        _steps.add(process)
        try:
            with on_record(workspace, f"radsieve {arguments[0]}", process.pid):
                if niceness:
                    _lower_priority(process.pid, niceness)
                failed = process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            _steps.discard(process)
    if failed:
        raise RadsieveError(f"`radsieve {arguments[0]}` failed, see the line above")


@atexit.register
def _end_steps() -> None:
    """End the steps of threads that nobody joins, such as a training of the worker."""
    for process in list(_steps):
        process.terminate()


def _fewer_threads() -> dict[str, str]:
    """Return the variables by which libraries learn how many threads they may use."""
    threads = str(max(1, (os.cpu_count() or 1) - 1))
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)


def _lower_priority(pid: int, niceness: int) -> None:
    """Let everything else go first: other programs of its session, and other sessions as well.

    Linux shares a core out between sessions first, where it groups them, and then looks at
    priorities within each (man 7 sched, "The autogroup feature"). So the step is the only one of a
    session that has a low priority itself.
    """
    with contextlib.suppress(OSError):  # it may have ended already, or may not change this
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
        Path(f"/proc/{pid}/autogroup").write_text(f"{niceness}\n")


def interrupt_on_signals() -> None:
    """Let `kill` and a closed terminal raise KeyboardInterrupt, as Ctrl-C does; main thread only.

    What this process was started to ignore it goes on ignoring: `nohup` and a script that starts it
    in the background mean it so.
    """
    for kind in _STOP_SIGNALS:
        if signal.getsignal(kind) is not signal.SIG_IGN:
            signal.signal(kind, signal.default_int_handler)


def heeds_ctrl_c() -> bool:
    """Whether Ctrl-C stops this process: not where a script has started it in the background."""
    return signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let no Ctrl-C, `kill` or closed terminal cut short what is done inside; main thread only."""
    before = {kind: signal.signal(kind, signal.SIG_IGN) for kind in _STOP_SIGNALS}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
