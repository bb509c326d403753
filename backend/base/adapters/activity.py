"""What radsieve's programs do in a workspace right now: each keeps a small file while it works.

A file is replaced as a whole, so that a reader never sees half of it. A file whose program has
ended does not count.
"""

import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from backend.base.adapters.files import write_atomically
from backend.base.core.progress import Progress

FOLDER = "activity"
"""In the workspace."""
_WRITE_EVERY_S = 0.5
_CLOCKS_DIFFER_S = 2.0
"""By as much the times of processes and of files differ, which the system keeps apart."""
_NUMBERS = itertools.count()
"""A program may do several things at once."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that a program does, and how far it is."""

    what: str
    """Words that follow `now:`, see `base.core.doing`."""
    started_at: float
    """Seconds since 1970."""
    done: int = 0
    to_do: int = 0
    """Steps in all; 0 where nobody knows yet."""

    def share(self) -> float | None:
        """Return how much is done, 0 to 1; None where nobody knows."""
        return min(1.0, self.done / self.to_do) if self.to_do else None

    def left_s(self, now: float) -> float | None:
        """Return how many seconds are left at the rate so far; None where that is not known."""
        if not (self.to_do and self.done):
            return None
        return (now - self.started_at) * max(0, self.to_do - self.done) / self.done


@contextmanager
def activity(workspace: Path, what: str) -> Iterator[Progress]:
    """Say what this program does while the block runs; the function given takes (done, to do)."""
    folder, last = workspace / FOLDER, 0.0
    path = folder / f"{os.getpid()}-{next(_NUMBERS)}.json"
    begun = Activity(what, time.time())

    def show(done: int, to_do: int) -> None:
        nonlocal last
        if done >= to_do or time.monotonic() - last >= _WRITE_EVERY_S:
            last = time.monotonic()
            _write(path, Activity(what, begun.started_at, done, to_do))

    folder.mkdir(parents=True, exist_ok=True)
    _write(path, begun)
    try:
        yield show
    finally:
        path.unlink(missing_ok=True)


def activities(workspace: Path) -> list[Activity]:
    """Return what the programs that live do now, the oldest first."""
    living = [path for path in (workspace / FOLDER).glob("*.json") if _lives(path)]
    read = [_read(path) for path in living]
    return sorted((each for each in read if each), key=lambda each: each.started_at)


def _write(path: Path, at: Activity) -> None:
    write_atomically(path, json.dumps(asdict(at)).encode())


def _read(path: Path) -> Activity | None:
    try:
        return Activity(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _lives(path: Path) -> bool:
    number = path.stem.partition("-")[0]
    if not number.isdigit():
        return False
    try:
        # A process that began after the file was written has only got the number of the dead one.
        began = psutil.Process(int(number)).create_time()
        return began <= path.stat().st_mtime + _CLOCKS_DIFFER_S
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False
    except psutil.AccessDenied:  # it lives, and belongs to another user
        return True
