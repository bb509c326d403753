"""The table of patients, studies, ages, sexes and views that a user may have beside the films."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.archive.core.metadata import MetadataRow
from backend.archive.core.patients import age_in_years, named_patient, sex_letter, view_name
from backend.base.adapters.packed_file import DAMAGED, bounded_stream
from backend.base.core.errors import InputFileError
from backend.base.core.spreadsheet_cell import plain_cell

FILE_COLUMN = "file"
_LONGEST_LINE = 65536
KNOWN_COLUMNS = ("patient_id", "study_id", "age_years", "sex", "view_position")
MOST_LINES = 600_000
"""Each takes about eight microseconds and 200 bytes."""
_age, _sex = lru_cache(1024)(age_in_years), lru_cache(1024)(sex_letter)
_view = lru_cache(1024)(view_name)
_OTHER_NAMES = {
    "filename": FILE_COLUMN,
    "imageindex": FILE_COLUMN,
    "age": "age_years",
    "patientage": "age_years",
    "gender": "sex",
    "patientgender": "sex",
    "patientsex": "sex",
    "studyinstanceuid": "study_id",
}
"""As NIH ChestX-ray14 names its columns, in its first and its later edition; then PadChest and
DICOM; in lower case, without blanks, hyphens and underscores."""


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """The rows of a table of metadata, and the cells that could not be read."""

    rows: tuple[MetadataRow, ...]
    rows_with_unreadable_age: tuple[MetadataRow, ...]
    """Rows whose age is neither empty nor an age; it counts as missing."""

    @property
    def unreadable_ages(self) -> int:
        """How many ages could not be read."""
        return len(self.rows_with_unreadable_age)


def read_metadata(path: Path) -> MetadataTable:
    """Read a `.csv` or `.csv.gz`; columns apart by comma, semicolon or tab.

    Column names may be written otherwise: `PatientID`, `Patient ID` and `patientid` all are
    `patient_id`. A column with the exact name counts before one that is only like it. The table of
    NIH ChestX-ray14 is read as it is.

    Raises:
        InputFileError: it cannot be read, or lacks the column `file` or all of the others.
    """
    try:
        with bounded_stream(path) as plain:
            first_line = plain.peek(_LONGEST_LINE).partition(b"\n")[0]
            lines = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
            return _read(lines, _delimiter(first_line.decode("latin-1")), path)
    except DAMAGED as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(
            f"cannot read the metadata {path}: {reason}; give a .csv or .csv.gz file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from error


def _read(lines: io.TextIOWrapper, delimiter: str, path: Path) -> MetadataTable:
    reader = csv.DictReader(_not_too_many(lines, path), delimiter=delimiter)
    try:
        header = list(reader.fieldnames or ())
        columns = _our_columns(header)
        _check_columns(columns, header, path)
        return _table(_cells(reader, columns))
    except csv.Error as error:
        raise InputFileError(
            f"{path} is not a valid CSV: line {reader.line_num}: {error}; save it again as CSV"
        ) from error


def looks_like_metadata(path: Path) -> bool:
    """Whether the first line of a file names columns that `read_metadata` takes something from."""
    try:
        with bounded_stream(path) as plain:
            first = plain.readline(_LONGEST_LINE).decode("utf-8-sig", errors="replace")
    except DAMAGED:
        return False
    columns = _our_columns(next(csv.reader([first], delimiter=_delimiter(first)), []))
    return FILE_COLUMN in columns and bool(columns.keys() & set(KNOWN_COLUMNS))


def _delimiter(first_line: str) -> str:
    return max(",;\t", key=first_line.count)


def _not_too_many(lines: Iterable[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number > MOST_LINES:
            raise InputFileError(
                f"expected at most {MOST_LINES:,} lines in {path}, got more; split the table, and "
                "index the folders one after the other, each with its part"
            )
        yield line


def _check_columns(columns: Mapping[str, str], header: Sequence[str], path: Path) -> None:
    came = ", ".join(name.strip() for name in header) or "nothing"
    if FILE_COLUMN not in columns:
        raise InputFileError(
            f"expected a column {FILE_COLUMN!r} in {path}, got {came}; name the column that "
            f"holds the file names {FILE_COLUMN!r}"
        )
    if not columns.keys() & set(KNOWN_COLUMNS):
        raise InputFileError(
            f"expected any of {', '.join(KNOWN_COLUMNS)} in {path}, got {came}; rename its columns"
        )


def _our_columns(header: Sequence[str]) -> dict[str, str]:
    """Return, by our name of a column, its name in the table."""
    columns: dict[str, str] = {}
    for name in sorted(header, key=lambda name: name.strip() not in _OUR_NAMES.values()):
        ours = _OUR_NAMES.get(_plain(name))
        if ours:
            columns.setdefault(ours, name)
    return columns


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


_OUR_NAMES = {_plain(name): name for name in (FILE_COLUMN, *KNOWN_COLUMNS)} | _OTHER_NAMES


def _cells(
    reader: "csv.DictReader[str]", columns: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line of each row and its cells by our names; None stands for missing ones."""
    for row in reader:
        cells = {ours: plain_cell((row[name] or "").strip()) for ours, name in columns.items()}
        yield reader.line_num, cells


def _table(lines: Iterable[tuple[int, Mapping[str, str]]]) -> MetadataTable:
    rows, unreadable = [], []
    for line, cells in lines:
        if not cells[FILE_COLUMN]:
            continue
        row = _row(cells, line)
        rows.append(row)
        if cells.get("age_years") and row.age_years is None:
            unreadable.append(row)
    return MetadataTable(tuple(rows), tuple(unreadable))


def _row(cells: Mapping[str, str], line: int) -> MetadataRow:
    return MetadataRow(
        file=cells[FILE_COLUMN].replace("\\", "/").removeprefix("./"),
        patient_id=named_patient(cells.get("patient_id")),
        age_years=_age(cells.get("age_years")),
        sex=_sex(cells.get("sex")),
        view_position=_view(cells.get("view_position")),
        study_id=named_patient(cells.get("study_id")),
        line=line,
    )
