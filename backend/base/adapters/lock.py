"""One at a time: a lock that the operating system frees when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from backend.base.core.errors import RadsieveError

_FOR_EVER = -1.0


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Hold a lock file while the block runs, which learns whether it was free.

    Args:
        path: of the lock file; it stays, because removing it would let two hold it.
    """
    try:
        held = _lock(path, timeout_s=0).acquire()
    except Timeout:
        yield False
        return
    with held:
        yield True


@contextmanager
def exclusive_lock(path: Path, busy: str) -> Iterator[None]:
    """Hold a lock file while the block runs.

    Args:
        path: of the lock file; it stays, because removing it would let two hold it.
        busy: what to tell the user when another process holds it.

    Raises:
        RadsieveError: another process holds it.
    """
    with if_free(path) as is_free:
        if not is_free:
            raise RadsieveError(busy)
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock file, and hold it while the block runs.

    Args:
        path: of the lock file; it stays, because removing it would let two hold it.
    """
    with _lock(path, timeout_s=_FOR_EVER):
        yield


def _lock(path: Path, *, timeout_s: float) -> FileLock:
    # Without `flock`, a file that merely exists would be taken for a lock, and outlive its holder.
    return FileLock(path, timeout=timeout_s, fallback_to_soft=False)
