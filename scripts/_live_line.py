"""A line that says how things stand, for as long as somebody watches."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

REDIRECTED_EVERY_S = 60.0
"""Where nobody sees a line change in place, a changed one is printed so often at most."""


@contextmanager
def live_line() -> Iterator[Callable[[str], None]]:
    """Show the latest line: in place on a terminal, else a line a minute where it has changed."""
    stream = sys.stdout
    try:
        show: Callable[[str], None] = _in_place if stream.isatty() else _now_and_then()
        yield show
    finally:
        if stream.isatty():
            click.echo()


def _in_place(line: str) -> None:
    width = shutil.get_terminal_size().columns - 1
    # Clear to the end of the line: the line before may have been longer.
    click.echo(f"\r{line[:width]}\033[K", nl=False)


def _now_and_then() -> Callable[[str], None]:
    shown, shown_at = "", float("-inf")

    def show(line: str) -> None:
        nonlocal shown, shown_at
        if line != shown and time.monotonic() - shown_at >= REDIRECTED_EVERY_S:
            shown, shown_at = line, time.monotonic()
            click.echo(line)

    return show
