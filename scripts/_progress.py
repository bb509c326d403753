"""Progress in a file or a pipe: a line a minute, and a last one."""

import threading
import time
from types import TracebackType

import click

EVERY_S = 60.0


class ProgressLines:
    """Prints progress lines on standard error while the block runs, also without any progress."""

    def __init__(self, doing: str, unit: str, *, every_s: float = EVERY_S) -> None:
        """Keep the words for the activity, the unit that is counted, and the interval."""
        self._doing, self._unit, self._every_s = doing, unit, every_s
        self._done = self._to_do = 0
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._printer = threading.Thread(target=self._print_now_and_then, daemon=True)

    def __enter__(self) -> "ProgressLines":
        """Begin to print."""
        self._printer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Print the last line, unless there was nothing to do."""
        self._ended.set()
        self._printer.join()
        if self._done:
            self._print("stopped" if kind else "done")

    def note(self, done: int, to_do: int) -> None:
        """Note the number of steps done, and the number of all steps."""
        self._done, self._to_do = done, to_do

    def _print_now_and_then(self) -> None:
        while not self._ended.wait(self._every_s):
            self._print("running")

    def _print(self, state: str) -> None:
        done, to_do, seconds = self._done, self._to_do, time.monotonic() - self._began
        counts = f"{self._unit} {done:,} of {to_do:,}, " if to_do else ""
        left = (to_do - done) * seconds / done if done else 0.0
        ahead = f", about {_words(left)} left" if state == "running" and left else ""
        click.echo(f"{self._doing}: {state}, {counts}{_words(seconds)}{ahead}", err=True)


def _words(seconds: float) -> str:
    """Return a time in words.

    >>> _words(9.4), _words(90), _words(7300)
    ('9 s', '1 min 30 s', '2 h 1 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
