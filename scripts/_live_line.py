"""A line that says how things stand, for as long as somebody watches."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

REDIRECTED_EVERY_S = 60.0
"""Where nobody sees a line change in place, a changed one is printed so often at most."""
_FOLLOWED_EVERY_S = 0.5


class LiveLine:
    """The last line of the screen, which changes in place, and the sentences above it.

    In a file or a pipe a changed line is printed a minute after anything was printed last.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream."""
        self._stream, self._in_place = stream, stream.isatty()
        self._shown, self._printed_at = "", float("-inf")
        self._writing = threading.Lock()

    def show(self, line: str) -> None:
        """Show how things stand now."""
        with self._writing:
            if self._in_place:
                width = shutil.get_terminal_size().columns - 1
                # Clear to the end of the line: the line before may have been longer.
                click.echo(f"\r{line[:width]}\033[K", self._stream, nl=False)
            elif line != self._shown and time.monotonic() - self._printed_at >= REDIRECTED_EVERY_S:
                click.echo(line, self._stream)
                self._printed_at = time.monotonic()
            else:
                return
            self._shown = line

    def say(self, text: str) -> None:
        """Print sentences that stay."""
        with self._writing:
            if self._in_place and self._shown:
                click.echo("\r\033[K", self._stream, nl=False)
            click.echo(text, self._stream)
            self._shown, self._printed_at = "", time.monotonic()

    def end(self) -> None:
        """Leave the last line standing, and the cursor below it."""
        if self._in_place and self._shown:
            click.echo(file=self._stream)

    @contextmanager
    def following(self, state: Callable[[], str]) -> Iterator[None]:
        """Show how things stand, asked anew twice a second, while the block does something else.

        Args:
            state: called in another thread.
        """
        ended = threading.Event()
        follower = threading.Thread(target=self._follow, args=(state, ended), daemon=True)
        follower.start()
        try:
            yield
        finally:
            ended.set()
            follower.join()

    def _follow(self, state: Callable[[], str], ended: threading.Event) -> None:
        while not ended.wait(_FOLLOWED_EVERY_S):
            self.show(state())


@contextmanager
def live_line() -> Iterator[LiveLine]:
    """Begin a live line on standard output; it is left standing at the end."""
    line = LiveLine(sys.stdout)
    try:
        yield line
    finally:
        line.end()
