"""The table that `radsieve seed-reports` writes, and which films each report is of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_by_film
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import table_rows

COLUMNS = ("id", "label", "rule", "confidence")
SPAN_COLUMN = "span"
"""Columns that may be missing: a table made by a person lacks them."""
FILM_COLUMN = "file"
REPORT_COLUMN = "report_id"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the table: what one report says."""

    report_id: str
    label: str
    """`present`, `absent`, `abstain`, or a label of the detector task."""
    rule: str
    confidence: float
    span: str = field(default="", repr=False)
    """The sentence that decided the label, in the words of the report."""


def read_report_labels(path: Path) -> list[ReportRow]:
    """Read what `seed-reports` wrote.

    Raises:
        InputFileError: it cannot be read, a column is missing, or a confidence is not in 0-1; the
            first such row is named.
    """
    return [_report_row(row, f"{path}, line {line}") for line, row in table_rows(path, COLUMNS)]


def _report_row(row: Mapping[str, str | None], where: str) -> ReportRow:
    text = (row["confidence"] or "").strip()
    try:
        confidence = float(text or 1.0)
    except ValueError:
        confidence = -1.0
    if not 0 <= confidence <= 1:
        raise InputFileError(
            f"{where}: expected a confidence from 0 to 1, got {text!r}; write the table again with "
            "`radsieve seed-reports`"
        )
    report_id, label, rule, span = (
        (row.get(name) or "").strip() for name in ("id", "label", "rule", SPAN_COLUMN)
    )
    return ReportRow(report_id, label, rule, confidence, span)


def reports_by_table(path: Path, column: str = REPORT_COLUMN) -> Iterator[tuple[str, str]]:
    """Yield (name of a film's file, id of its report).

    Args:
        path: CSV in UTF-8 with the columns `file` and `column`.
        column: holds the report's id, such as `study_id`.

    Raises:
        InputFileError: it cannot be read, or a column is missing.
    """
    for _, row in table_rows(path, (FILM_COLUMN, column)):
        file, report_id = ((row[name] or "").strip() for name in (FILM_COLUMN, column))
        if file and report_id:
            yield file, report_id


def reports_by_place(engine: Engine, report_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (path of a film, id of its report) where the file or a folder above is named so.

    Args:
        engine: the database.
        report_ids: the reports that there are.
    """
    known = set(report_ids)
    for paths in files_by_film(engine).values():
        for path in paths:
            place = PurePath(path)
            names = [place.name, place.stem, *reversed(place.parts[:-1])]
            report_id = next((name for name in names if name in known), None)
            if report_id:
                yield path, report_id
