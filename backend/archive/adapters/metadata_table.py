"""The table of patients, studies, ages, sexes and views that a user may have beside the films."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from backend.archive.adapters.text_table import Row, read_rows
from backend.archive.core.header_words import (
    age_in_years,
    says_nothing,
    sexes_in_column,
    view_name,
)
from backend.archive.core.metadata import MetadataRow
from backend.archive.core.metadata_columns import (
    FILE_COLUMN,
    KNOWN_COLUMNS,
    is_of_metadata,
    our_columns,
)
from backend.archive.core.patients import named_patient, named_study
from backend.base.core.errors import InputFileError
from backend.base.core.spreadsheet_cell import plain_cell

_age, _view = lru_cache(1024)(age_in_years), lru_cache(1024)(view_name)


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """The rows of a table of metadata, and the cells that could not be read."""

    rows: tuple[MetadataRow, ...]
    rows_with_unreadable_age: tuple[MetadataRow, ...]
    """Rows whose age is neither an age nor said to be missing; it counts as missing."""
    rows_with_unreadable_sex: tuple[MetadataRow, ...]
    """Rows whose sex is neither a sex nor said to be missing; it counts as missing."""

    @property
    def unreadable_ages(self) -> int:
        """How many ages could not be read."""
        return len(self.rows_with_unreadable_age)


def read_metadata(path: Path) -> MetadataTable:
    """Read a `.csv`, a `.csv.gz` or an Excel `.xlsx`; what may differ `read_rows` says.

    Column names may be written otherwise: `PatientID`, `Patient ID` and `patientid` all are
    `patient_id`. A column with the exact name counts before one that is only like it. The table of
    NIH ChestX-ray14 is read as it is.

    Raises:
        InputFileError: it cannot be read, or lacks the column `file` or all of the others.
    """
    return read_rows(path, lambda rows: _table(rows, path))


def looks_like_metadata(path: Path) -> bool:
    """Whether a file is a table whose names of columns say that there are metadata in it."""
    try:
        return read_rows(path, lambda rows: is_of_metadata(_header(rows)), whole=False)
    except InputFileError:
        return False


def _header(rows: Iterator[Row]) -> Sequence[str]:
    return next(rows, (1, ()))[1]


def _checked_columns(header: Sequence[str], path: Path) -> Mapping[str, int]:
    columns = our_columns(header)
    # The first line of a table without names of columns is about a patient.
    names = ", ".join(name.strip() for name in header) if columns else "none that is known"
    came = names if header else "nothing"
    if FILE_COLUMN not in columns:
        raise InputFileError(
            f"expected a column {FILE_COLUMN!r} in {path}, got {came}; name the column that "
            f"holds the file names {FILE_COLUMN!r}"
        )
    if not columns.keys() & set(KNOWN_COLUMNS):
        raise InputFileError(
            f"expected any of {', '.join(KNOWN_COLUMNS)} in {path}, got {came}; rename its columns"
        )
    return columns


def _table(rows: Iterator[Row], path: Path) -> MetadataTable:
    columns = _checked_columns(_header(rows), path)
    read: list[MetadataRow] = []
    sexes: list[str] = []
    no_age: list[int] = []
    one_text: dict[str, str] = {}
    for line, row in rows:
        cells = {ours: _cell(row, column) for ours, column in columns.items()}
        if not cells[FILE_COLUMN]:
            continue
        read.append(_row(cells, line))
        sexes.append(one_text.setdefault(cells.get("sex", ""), cells.get("sex", "")))
        if read[-1].age_years is None and not says_nothing(cells.get("age_years")):
            no_age.append(len(read) - 1)
    meant = sexes_in_column(one_text)
    unread = {text for text, sex in meant.items() if sex is None and not says_nothing(text)}
    found = [replace(row, sex=meant[sex]) for row, sex in zip(read, sexes, strict=True)]
    return MetadataTable(
        rows=tuple(found),
        rows_with_unreadable_age=tuple(found[place] for place in no_age),
        rows_with_unreadable_sex=tuple(
            row for row, sex in zip(found, sexes, strict=True) if sex in unread
        ),
    )


def _cell(row: Sequence[str], column: int) -> str:
    return plain_cell(row[column].strip()) if column < len(row) else ""


def _row(cells: Mapping[str, str], line: int) -> MetadataRow:
    """Return a row without its sex, which the whole column tells."""
    return MetadataRow(
        file=cells[FILE_COLUMN].replace("\\", "/").removeprefix("./"),
        patient_id=named_patient(cells.get("patient_id")),
        age_years=_age(cells.get("age_years")),
        view_position=_view(cells.get("view_position")),
        study_id=named_study(cells.get("study_id")),
        line=line,
    )
