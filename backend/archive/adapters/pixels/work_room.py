"""How much memory may be at work on pixels at once, in all threads of this process together."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from backend.archive.core.decoded_film import check_work


class WorkRoom:
    """Bytes that are lent to whoever asked first; a request for more than all gets all."""

    def __init__(self, total_bytes: float) -> None:
        """Begin with everything free."""
        self._total = self._free = total_bytes
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def taken(self, wanted_bytes: float) -> Iterator[None]:
        """Wait for so much, and give it back at the end."""
        amount, ticket = min(wanted_bytes, self._total), object()
        with self._changed:
            self._waiting.append(ticket)
            self._changed.wait_for(lambda: self._waiting[0] is ticket and self._free >= amount)
            self._waiting.popleft()
            self._free -= amount
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()


ROOM = WorkRoom(max(1_000_000_000, 200_000_000 * (os.cpu_count() or 1)))


@contextmanager
def room_for(pixels: float, bytes_per_pixel: float, file_bytes: int) -> Iterator[None]:
    """Refuse a film that claims too much, or wait until there is room to decode it.

    Args:
        pixels: see `check_work`.
        bytes_per_pixel: see there.
        file_bytes: size of the file.

    Raises:
        UnreadableFilmError: it would take too much.
    """
    check_work(pixels, bytes_per_pixel, file_bytes)
    with ROOM.taken(pixels * bytes_per_pixel):
        yield
