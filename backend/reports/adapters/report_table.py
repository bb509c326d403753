"""Reports in a table: CSV, TSV, or one JSON object a line."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from backend.base.core.errors import InputFileError
from backend.reports.adapters.text_source import LONGEST_LINE, Lines, open_text
from backend.reports.core.columns import ReportColumns, UnknownColumnsError, find_columns
from backend.reports.core.mining.finding import Report, report_or_reason

JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass(frozen=True, slots=True)
class AskedColumns:
    """The columns that the user names; empty where they are told by their names."""

    report_id: str | None = None
    texts: tuple[str, ...] = ()

    def among(self, names: Sequence[str]) -> ReportColumns:
        """Return the columns to read.

        Raises:
            UnknownColumnsError: a named column is missing, or no column has a known name.
        """
        return find_columns(names, id_column=self.report_id, text_columns=self.texts)


def is_json_lines(path: Path) -> bool:
    """Tell JSON lines from a table, by the name without `.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix in JSON_LINES


def table_reports(path: Path, asked: AskedColumns) -> Iterator[tuple[str, Report | str]]:
    """Yield the place of each row of a table, and its report or why it gives none.

    Raises:
        InputFileError: it cannot be read, or its columns cannot be told.
    """
    with open_text(path) as file:
        lines = Lines(file)
        read = _json_reports if is_json_lines(path) else _csv_reports
        try:
            yield from read(lines, asked)
        except UnknownColumnsError as error:
            raise InputFileError(f"{path}: {error}") from error


def table_columns(path: Path, asked: AskedColumns) -> ReportColumns:
    """Return the columns that `table_reports` reads, told from the beginning of the table.

    Raises:
        InputFileError: it cannot be read, or its columns cannot be told.
    """
    with open_text(path) as file:
        try:
            lines = Lines(file)
            if not is_json_lines(path):
                return asked.among(_header(lines)[0])
            rows = (row for _, row in _objects(lines) if not isinstance(row, str))
            return asked.among(tuple(next(rows, {})))
        except UnknownColumnsError as error:
            raise InputFileError(f"{path}: {error}") from error


def _csv_reports(lines: Lines, asked: AskedColumns) -> Iterator[tuple[str, Report | str]]:
    names, delimiter = _header(lines)
    columns = asked.among(names)
    needed = max(names.index(name) for name in (columns.report_id, *columns.texts))
    for number, cells in _rows(lines, delimiter):
        where = f"line {number}"
        if isinstance(cells, str):
            yield where, cells
        elif any(cells[len(names) :]):
            yield where, "more cells than columns"
        elif len(cells) <= needed:
            yield where, "fewer cells than columns"
        else:
            yield where, _report(dict(zip(names, cells, strict=False)), columns)
    yield from _too_long(lines)


def _report(row: Mapping[str, str], columns: ReportColumns) -> Report | str:
    used = {columns.report_id, *columns.texts}
    rest = {name: cell for name, cell in row.items() if name not in used}
    text = columns.text_of(lambda column: row.get(column, ""))
    return report_or_reason(row[columns.report_id], text, rest)


def _header(lines: Lines) -> tuple[list[str], str]:
    """Return the names of the columns, and the character that separates them."""
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count)
    names = next(csv.reader(chain([first], lines), delimiter=delimiter), [])
    return [name.strip() for name in names], delimiter


def _rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line on which each row begins, and its cells or why they cannot be read."""
    # A setting of the whole process: reports may pass the default of 131,072 characters.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield start, "no row of a table: a quote that is not closed?"
            continue
        if lines.is_at_end:
            yield start, "a quote that is never closed; what follows it was not read"
        elif any(cells):
            yield start, cells


def _json_reports(lines: Lines, asked: AskedColumns) -> Iterator[tuple[str, Report | str]]:
    columns_of = lru_cache(maxsize=64)(asked.among)
    has_columns = False
    for number, row in _objects(lines):
        where = f"line {number}"
        if isinstance(row, str):
            yield where, row
            continue
        try:
            columns = columns_of(tuple(row))
        except UnknownColumnsError:
            if not has_columns:
                raise
            yield where, "not the names of the lines above"
            continue
        has_columns = True
        yield where, _report(row, columns)
    if lines.number == 0:
        asked.among(())
    yield from _too_long(lines)


def _objects(lines: Lines) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield the number of each line with text, and its values or why they cannot be read."""
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        # Deeply nested brackets raise a RecursionError.
        except (ValueError, RecursionError):
            yield lines.number, "no JSON"
            continue
        if isinstance(row, dict):
            yield lines.number, {name: _cell(value) for name, value in row.items()}
        else:
            yield lines.number, "no JSON object"


def _cell(value: object) -> str:
    """Return a JSON value as the text of a table cell; a list of sentences is joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(part for part in value if isinstance(part, str))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def _too_long(lines: Lines) -> Iterator[tuple[str, str]]:
    for number in lines.too_long:
        yield f"line {number}", f"a line of more than {LONGEST_LINE:,} characters"
