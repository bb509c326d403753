"""The sheet of an Excel workbook that holds a table, as CSV; `excel_table` lets a child do this.

What it needs is imported before the child's memory is bounded, and by nobody else.
"""

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import cast

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from backend.archive.core.metadata_columns import is_of_metadata
from backend.base.adapters.csv_table import csv_bytes

_MOST_ROWS, _MOST_COLUMNS = 700_000, 200
_FIRST_ROWS = 50


def table_as_csv(content: bytes) -> bytes:
    """Return the first sheet whose names of columns are ours; where none has any, the first."""
    return _as_csv(content, _MOST_ROWS)


def first_rows_as_csv(content: bytes) -> bytes:
    """Return the first rows of that sheet."""
    return _as_csv(content, _FIRST_ROWS)


def _as_csv(content: bytes, most_rows: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are not asked for
        workbook = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        rows = _of_table(workbook, most_rows)
        return csv_bytes(next(rows, ()), rows)


def _of_table(workbook: Workbook, most_rows: int) -> Iterator[Sequence[str]]:
    sheets = [sheet for sheet in workbook.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    for sheet in sheets:
        rows = _rows(sheet, most_rows)
        first = list(islice(rows, _FIRST_ROWS))
        if is_of_metadata(next((row for row in first if any(row)), ())):
            return chain(first, rows)
    return _rows(sheets[0], most_rows)


def _rows(sheet: ReadOnlyWorksheet, most_rows: int) -> Iterator[Sequence[str]]:
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong
    rows = cast(Worksheet, sheet).iter_rows(max_row=most_rows, values_only=True)
    return ([_text(value) for value in row[:_MOST_COLUMNS]] for row in rows)


def _text(value: object) -> str:
    """Return a cell on one line; whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(str(value).split())
