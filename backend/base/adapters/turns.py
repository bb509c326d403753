"""Turns of jobs: what must not run twice at once, in one program or on several machines.

A turn ends with the job, and with the program or the machine that died in it: nobody has to forget
what a killed worker had begun, and nobody can forget what a running one holds.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from redis import Redis
from redis.exceptions import RedisError

from backend.base.adapters.lock import if_free

_HELD_S = 30.0
"""How long Redis keeps the turn of a worker that it does not hear of any more."""


class Turns(Protocol):
    """Hands out turns by name."""

    def taken(self, name: str) -> AbstractContextManager[bool]:
        """Take a turn for the length of a block, which learns whether it was free."""


class FileTurns:
    """Turns among the programs of one machine: lock files, which the system frees."""

    def __init__(self, beside: Path) -> None:
        """Take a file; the lock files lie beside it, and stay."""
        self._beside = beside

    def taken(self, name: str) -> AbstractContextManager[bool]:
        """Take a turn for the length of a block, which learns whether it was free."""
        return if_free(self._beside.with_name(f"{self._beside.name}.{name}.lock"))


class RedisTurns:
    """Turns among all who use one Redis, which forgets those it hears nothing of."""

    def __init__(self, url: str) -> None:
        """Take the address; nothing is asked before the first turn."""
        self._redis = Redis.from_url(url)

    @contextmanager
    def taken(self, name: str) -> Iterator[bool]:
        """Take a turn for the length of a block, which learns whether it was free."""
        lock = self._redis.lock(f"radsieve-turn-{name}", timeout=_HELD_S, thread_local=False)
        if not lock.acquire(blocking=False):
            yield False
            return
        done = threading.Event()

        def keep() -> None:
            while not done.wait(_HELD_S / 3):
                with suppress(RedisError):
                    lock.reacquire()

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield True
        finally:
            done.set()
            keeper.join()
            # Redis may have been away so long that it forgot the turn by itself.
            with suppress(RedisError):
                lock.release()
