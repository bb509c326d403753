"""The table of patients, studies, ages, sexes and views that a user may have beside the films."""

import csv
import gzip
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import error as ZlibError

from backend.archive.core.metadata import MetadataRow
from backend.archive.core.patients import age_in_years, named_patient, sex_letter, view_name
from backend.base.core.errors import InputFileError

FILE_COLUMN = "file"
KNOWN_COLUMNS = ("patient_id", "study_id", "age_years", "sex", "view_position")
_OTHER_NAMES = {
    "Image Index": FILE_COLUMN,
    "Patient ID": "patient_id",
    "Patient Age": "age_years",
    "Patient Gender": "sex",
    "Patient Sex": "sex",
    "View Position": "view_position",
    "StudyID": "study_id",
    "StudyInstanceUID": "study_id",
}
"""As NIH ChestX-ray14 names its columns, in its first and its later edition; then PadChest and
DICOM."""


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """The rows of a table of metadata, and the cells that could not be read."""

    rows: tuple[MetadataRow, ...]
    unreadable_ages: int
    """Cells that are neither empty nor an age; they count as missing."""


def read_metadata(path: Path) -> MetadataTable:
    """Read a `.csv` or `.csv.gz`; columns apart by comma, semicolon or tab.

    The table of NIH ChestX-ray14 is read as it is.

    Raises:
        InputFileError: it cannot be read, or lacks the column `file` or all of the others.
    """
    text = _text(path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        _check_columns([_our_name(name) for name in reader.fieldnames or ()], path)
        return _table(_stripped(row) for row in reader)
    except csv.Error as error:
        raise InputFileError(
            f"{path} is not a valid CSV: line {reader.line_num}: {error}; save it again as CSV"
        ) from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return plain.decode("utf-8-sig")
    except (OSError, EOFError, ZlibError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(
            f"cannot read the metadata {path}: {reason}; give a .csv or .csv.gz file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{path} is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8"
        ) from error


def _check_columns(columns: list[str], path: Path) -> None:
    came = ", ".join(columns) or "nothing"
    if FILE_COLUMN not in columns:
        raise InputFileError(
            f"expected a column {FILE_COLUMN!r} in {path}, got {came}; name the column that "
            f"holds the file names {FILE_COLUMN!r}"
        )
    if not set(columns) & set(KNOWN_COLUMNS):
        raise InputFileError(
            f"expected any of {', '.join(KNOWN_COLUMNS)} in {path}, got {came}; rename its columns"
        )


def _our_name(column: str) -> str:
    return _OTHER_NAMES.get(column.strip(), column.strip())


def _stripped(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    # csv puts surplus cells under None and gives None for missing ones.
    return {
        _our_name(name): cell.strip()
        for name, cell in row.items()
        if name and isinstance(cell, str)
    }


def _table(cells: Iterable[Mapping[str, str]]) -> MetadataTable:
    rows = []
    unreadable_ages = 0
    for row in cells:
        if not row.get(FILE_COLUMN):
            continue
        metadata = _row(row)
        rows.append(metadata)
        unreadable_ages += bool(row.get("age_years")) and metadata.age_years is None
    return MetadataTable(tuple(rows), unreadable_ages)


def _row(cells: Mapping[str, str]) -> MetadataRow:
    return MetadataRow(
        file=cells[FILE_COLUMN].replace("\\", "/").removeprefix("./"),
        patient_id=named_patient(cells.get("patient_id")),
        age_years=age_in_years(cells.get("age_years")),
        sex=sex_letter(cells.get("sex")),
        view_position=view_name(cells.get("view_position")),
        study_id=named_patient(cells.get("study_id")),
    )
