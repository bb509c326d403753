"""The programs that were started for a workspace, found again where their starter was killed.

On Linux a program is told when its starter dies, see `child_process.tied_to_us`. Elsewhere, or
where a program hangs, it stays and holds a port or the processor. So each gets a small file beside
those of `activity`, with its number and the moment it began, and with both of its starter. A system
gives numbers out again, and names are shared: only a process with that number that began at that
moment is the one that was started, and nothing else is ever ended.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from backend.base.adapters.activity import FOLDER
from backend.base.adapters.files import write_atomically

GRACE_S = 10.0
"""How long a program may take to end by itself after SIGTERM."""
WORKER = "worker"
"""Name of the program that is started last: with it the review is open."""
_SUFFIX = ".program"
_SAME_MOMENT_S = 1.5
"""Linux tells the moment in steps of a hundredth, after that of its own start, in seconds."""


@dataclass(frozen=True, slots=True)
class StartedProgram:
    """A program that runs, and who started it."""

    name: str
    """For people, such as `Label Studio`."""
    pid: int
    began: float
    """Seconds since 1970."""
    starter: int
    """Its process number; that of the program itself where it runs a stack of others."""
    starter_began: float

    @property
    def is_left_over(self) -> bool:
        """Whether its starter has died, so that nobody watches it or will end it."""
        return not _lives(self.starter, self.starter_began)


def note_program(workspace: Path, name: str, pid: int) -> None:
    """Keep on record that this process has started a program, or that it is one with a stack.

    It is a help for later: where it cannot be kept, the program runs all the same.
    """
    me = os.getpid()
    with contextlib.suppress(psutil.Error, OSError):
        if workspace.is_dir():  # a vanished workspace is not made again
            program = StartedProgram(name, pid, _began(pid), me, _began(me))
            path = workspace / FOLDER / f"{pid}{_SUFFIX}"
            write_atomically(path, json.dumps(asdict(program)).encode(), mode=0o600)


@contextmanager
def on_record(workspace: Path, name: str, pid: int) -> Iterator[None]:
    """Keep a program on record while the block runs, see `note_program`."""
    note_program(workspace, name, pid)
    try:
        yield
    finally:
        (workspace / FOLDER / f"{pid}{_SUFFIX}").unlink(missing_ok=True)


def started_programs(workspace: Path) -> list[StartedProgram]:
    """Return the programs on record that run, the oldest first."""
    programs = (_read(path) for path in (workspace / FOLDER).glob(f"*{_SUFFIX}"))
    living = (each for each in programs if each and _lives(each.pid, each.began))
    return sorted(living, key=lambda each: each.began)


def left_over(workspace: Path) -> list[StartedProgram]:
    """Return the programs that run though their starter has died, the oldest first."""
    return [each for each in started_programs(workspace) if each.is_left_over]


def stack_of(workspace: Path) -> StartedProgram | None:
    """Return the program that runs the servers of a workspace, such as `radsieve up`, if one does.

    Of a program that runs no servers there is no record that names it as its own starter.
    """
    running = (each for each in started_programs(workspace) if each.pid == each.starter)
    return next(running, None)


def started_by(workspace: Path, starter: StartedProgram) -> list[StartedProgram]:
    """Return the programs that run and that another one has started, the oldest first."""
    return [each for each in started_programs(workspace) if each.starter == starter.pid != each.pid]


def forget_ended(workspace: Path) -> None:
    """Remove the records of programs that have ended."""
    for path in (workspace / FOLDER).glob(f"*{_SUFFIX}"):
        program = _read(path)
        if program is None or not _lives(program.pid, program.began):
            path.unlink(missing_ok=True)


def end_programs(programs: Iterable[StartedProgram]) -> None:
    """End programs and all that they have started, and wait for that; see `end_processes`."""
    whole = list(dict.fromkeys(_with_descendants(programs)))
    end_processes(whole, GRACE_S)
    psutil.wait_procs(whole, GRACE_S)


def end_processes(processes: Sequence[psutil.Process], within_s: float) -> None:
    """Send SIGTERM, and SIGKILL to what is left after a while; those of another user stay."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(processes, within_s)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _with_descendants(programs: Iterable[StartedProgram]) -> Iterator[psutil.Process]:
    for program in programs:
        if _lives(program.pid, program.began):
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(program.pid)
                yield from (process, *process.children(recursive=True))


def _began(pid: int) -> float:
    return float(psutil.Process(pid).create_time())


def _lives(pid: int, began: float) -> bool:
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - began) < _SAME_MOMENT_S
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _read(path: Path) -> StartedProgram | None:
    try:
        return StartedProgram(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
