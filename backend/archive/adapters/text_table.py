"""The rows of a table that a program wrote as text or as an Excel workbook, cell by cell."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar

from backend.archive.adapters.excel_table import bounded_csv, is_workbook, other_workbook
from backend.archive.core.metadata_columns import our_columns
from backend.base.adapters.packed_file import DAMAGED, bounded_stream
from backend.base.core.errors import InputFileError

MOST_LINES = 600_000
"""Each takes about eight microseconds and 200 bytes."""
_HEAD_BYTES = 65536
_DELIMITERS = ",;\t|"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WITHOUT_BOM = ("utf-8-sig", "cp1252", "latin-1")
_SEPARATOR_LINE = re.compile(r'\W?sep=(.)[",;\t]*\s*', re.IGNORECASE)
"""What Excel writes and reads above the names of the columns."""

Row = tuple[int, Sequence[str]]
"""The line of a table, from 1, and its cells."""
Taken = TypeVar("Taken")


def read_rows(path: Path, take: Callable[[Iterator[Row]], Taken], *, whole: bool = True) -> Taken:
    """Read the rows of a table that are not empty; the first of them names the columns.

    Text may be UTF-8, UTF-16 or Windows-1252, and packed; columns are apart by comma, semicolon,
    tab or bar. Of a workbook the first sheet counts that names columns of ours.

    Args:
        path: the table.
        take: gets the rows and returns what is made of them; it may be called again from the start.
        whole: whether more than the first rows are asked for.

    Raises:
        InputFileError: it cannot be read, or is no table.
    """
    try:
        return _read(path, take, whole=whole)
    except DAMAGED as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(
            f"cannot read the metadata {path}: {reason}; give a .csv, .csv.gz or .xlsx file"
        ) from error


def _read(path: Path, take: Callable[[Iterator[Row]], Taken], *, whole: bool) -> Taken:
    with bounded_stream(path) as plain:
        head = plain.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if other_workbook(head):
        raise InputFileError(
            f"{path} is an older workbook or one with a password; save it as .xlsx without one, "
            "or as CSV"
        )
    if is_workbook(head):
        content = bounded_csv(path, whole=whole)
        return _taken(closing(io.BytesIO(content)), "utf-8", take, path)
    for encoding in _encodings(head):
        try:
            return _taken(bounded_stream(path), encoding, take, path)
        except UnicodeDecodeError:
            continue
    raise InputFileError(f"{path} is no text; save the table as CSV in UTF-8, or as .xlsx")


def _encodings(head: bytes) -> Sequence[str]:
    """Return what a text may be written in, surest first; none fits a file that is no text."""
    if head.startswith(_UTF_16):
        return ("utf-16",)
    if b"\0" not in head:
        return _WITHOUT_BOM
    # Names of columns are ASCII: in UTF-16 every second byte is zero.
    return ("utf-16-le",) if head[1:2] == b"\0" else ("utf-16-be",)


def _taken(
    opened: AbstractContextManager[BinaryIO | io.BufferedReader | io.BytesIO],
    encoding: str,
    take: Callable[[Iterator[Row]], Taken],
    path: Path,
) -> Taken:
    with opened as plain:
        lines = io.TextIOWrapper(plain, encoding=encoding, newline="")
        try:
            return take(_rows(_not_too_many(lines, path), path))
        finally:
            lines.detach()


def _not_too_many(lines: Iterable[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number > MOST_LINES:
            raise InputFileError(
                f"expected at most {MOST_LINES:,} lines in {path}, got more; split the table, and "
                "index the folders one after the other, each with its part"
            )
        yield line


def _rows(lines: Iterator[str], path: Path) -> Iterator[Row]:
    before, separator, header = _header(lines)
    delimiter = max((separator or ",", *_DELIMITERS), key=lambda one: _columns(header, one))
    reader = csv.reader(chain([header], lines), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + reader.line_num, cells
    except csv.Error as error:
        raise InputFileError(
            f"{path} is not a valid CSV: line {before + reader.line_num}: {error}; save it again "
            "as CSV"
        ) from error


def _header(lines: Iterator[str]) -> tuple[int, str | None, str]:
    """Return the number of lines above the names of the columns, their separator, and the names."""
    separator = None
    for before, line in enumerate(lines):
        if match := _SEPARATOR_LINE.fullmatch(line):
            separator = match[1]
        elif line.strip(f'{_DELIMITERS}" \r\n'):
            return before, separator, line
    return 0, separator, ""


def _columns(header: str, delimiter: str) -> tuple[int, int]:
    """Return how many names a separator makes of a line that are ours, and how many in all."""
    try:
        names = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:  # a name of a hundred thousand letters: they are apart by something else
        return 0, 0
    return len(our_columns(names)), len(names)
