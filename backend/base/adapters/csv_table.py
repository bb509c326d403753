"""The one writer of CSV: UTF-8, lines end in a line feed, and no cell that a spreadsheet runs."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.base.adapters.files import open_atomically
from backend.base.core.spreadsheet_cell import safe_cell

WriteRow = Callable[[Sequence[object]], object]


@contextmanager
def open_csv(path: Path, columns: Sequence[str]) -> Iterator[WriteRow]:
    """Write a CSV row by row; it gets its name when it is complete, and is deleted otherwise."""
    with open_atomically(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        write_row = _row_writer(text)
        write_row(columns)
        yield write_row
        text.flush()
        text.detach()


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""Return a CSV: equal values give equal bytes, and None is an empty cell.

    >>> csv_bytes(["reviewer", "share"], [["=1+1", -0.5], ["user 2", None]])
    b"reviewer,share\n'=1+1,-0.5\nuser 2,\n"
    """
    text = io.StringIO(newline="")
    write_row = _row_writer(text)
    for row in (columns, *rows):
        write_row(row)
    return text.getvalue().encode()


class _Lines:
    """Takes whole lines: what ends a line is all that the module `csv` puts in quotes."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text

    def write(self, line: str) -> object:
        return self._text.write(line.removesuffix("\r\n") + "\n")


def _row_writer(text: io.TextIOBase) -> WriteRow:
    writer = csv.writer(_Lines(text), lineterminator="\r\n")
    return lambda row: writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - a value that is missing
        return None
    return safe_cell(value) if isinstance(value, str) else value
