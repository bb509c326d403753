"""A status line that changes in place while a command runs."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

REDIRECTED_EVERY_S = 60.0
"""Shortest time, in seconds, between two status lines in a file or a pipe."""
_FOLLOWED_EVERY_S = 0.5


class LiveLine:
    """The status line at the end of the screen, and the sentences above it.

    In a file or a pipe a changed status line is printed a minute after the last output.
    """

    def __init__(self, stream: TextIO) -> None:
        """Keep the stream to write to."""
        self._stream, self._in_place = stream, stream.isatty()
        self._shown, self._printed_at = "", float("-inf")
        self._writing = threading.Lock()

    def show(self, line: str) -> None:
        """Show a status line."""
        with self._writing:
            if self._in_place:
                width = shutil.get_terminal_size().columns - 1
                # Clears to the end of the line, because the line before may have been longer.
                click.echo(f"\r{line[:width]}\033[K", self._stream, nl=False)
            elif line != self._shown and time.monotonic() - self._printed_at >= REDIRECTED_EVERY_S:
                click.echo(line, self._stream)
                self._printed_at = time.monotonic()
            else:
                return
            self._shown = line

    def say(self, text: str) -> None:
        """Print sentences above the status line."""
        with self._writing:
            if self._in_place and self._shown:
                click.echo("\r\033[K", self._stream, nl=False)
            click.echo(text, self._stream)
            self._shown, self._printed_at = "", time.monotonic()

    def end(self) -> None:
        """Keep the last status line on the screen, and move the cursor below it."""
        if self._in_place and self._shown:
            click.echo(file=self._stream)

    @contextmanager
    def following(self, state: Callable[[], str]) -> Iterator[None]:
        """Update the status line twice a second while the block runs.

        Args:
            state: returns the status line; it is called in another thread.
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
    """Begin a status line on standard output; its last state stays on the screen."""
    line = LiveLine(sys.stdout)
    try:
        yield line
    finally:
        line.end()
