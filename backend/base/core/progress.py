"""How work that takes long reports how far it is."""

from collections.abc import Callable
from threading import Lock

Progress = Callable[[int, int], None]
"""Called with (steps done, steps to do); whoever calls it says what a step is."""


class StepCounter:
    """Counts steps, in several threads, and reports them."""

    def __init__(self, progress: Progress, to_do: int) -> None:
        """Take whom to report to, and how many steps there are."""
        self._progress, self._to_do = progress, to_do
        self._lock, self._done = Lock(), 0

    def __call__(self, steps: int = 1) -> None:
        """Add steps that are done."""
        with self._lock:
            self._done += steps
            self._progress(self._done, self._to_do)


def step_counter(progress: Progress | None, to_do: int) -> StepCounter | None:
    """Return what to call after each of so many steps; None where nobody listens."""
    return StepCounter(progress, to_do) if progress else None
