"""Read reports one at a time from a table, a folder or an archive."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from backend.base.core.errors import InputFileError
from backend.reports.adapters.report_files import (
    ENDINGS,
    file_reports,
    is_archive,
    report_id_of,
    report_names,
)
from backend.reports.adapters.report_table import AskedColumns, table_columns, table_reports
from backend.reports.core.columns import ReportColumns
from backend.reports.core.mining.finding import BadReport, Report

_TABLES = """
CREATE TABLE seen (id BLOB PRIMARY KEY, place INTEGER, text BLOB) WITHOUT ROWID;
CREATE TABLE repeated (id BLOB PRIMARY KEY, clashes INTEGER) WITHOUT ROWID
"""
REPEAT = "the same id and text as above"
CLASH = "an id that another report has too; neither is used"


class RepeatedIds:
    """Finds the reports of a file that are left out because another has the same id.

    Two texts under one id: nobody can say which of them is about the film, so neither is used. The
    same text twice, as in tables with a row for each film, is used once. Only hashes are kept, and
    those in a file that SQLite deletes: memory stays the same for any number of reports.
    """

    def __init__(self, reports: Iterable[tuple[int, str, str]]) -> None:
        """Read all places, ids and texts once."""
        # An empty name is a database in a temporary file of its own.
        self._base = sqlite3.connect("")
        self._base.executescript(_TABLES)
        for place, report_id, text in reports:
            self._add(place, _hash(report_id), _hash(text))
        self._any = bool(self._base.execute("SELECT 1 FROM repeated LIMIT 1").fetchone())

    def problem(self, place: int, report_id: str) -> str:
        """Return why the report at this place is not used; empty where it is used."""
        if not self._any:
            return ""
        row = self._base.execute(
            "SELECT clashes, place FROM repeated JOIN seen USING (id) WHERE id = ?",
            (_hash(report_id),),
        ).fetchone()
        if row is None:
            return ""
        clashes, first = row
        return CLASH if clashes else (REPEAT if place > first else "")

    def close(self) -> None:
        """Delete the temporary database."""
        self._base.close()

    def _add(self, place: int, name: bytes, text: bytes) -> None:
        added = self._base.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (name, place, text)
        )
        if added.rowcount:
            return
        (before,) = self._base.execute("SELECT text FROM seen WHERE id = ?", (name,)).fetchone()
        self._base.execute(
            "INSERT INTO repeated VALUES (?, ?) ON CONFLICT DO UPDATE SET clashes = "
            "max(clashes, excluded.clashes)",
            (name, before != text),
        )


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def read_reports(
    path: Path, *, id_column: str | None = None, text_columns: Sequence[str] = ()
) -> Iterator[Report | BadReport]:
    """Yield reports and, in their place, what could not be used.

    The file is read twice, because an id that two reports have is used for neither, and that shows
    only at the end. Memory does not grow with the number of reports.

    Args:
        path: CSV or TSV (also `.gz`), JSON lines, a folder or tar archive of OpenI XML or plain
            text files, or one such file.
        id_column: of a table; told by its name where not given.
        text_columns: of a table; told by their names where not given.

    Raises:
        InputFileError: nothing can be made of it as a whole; single rows are listed instead.
    """
    asked = AskedColumns(id_column, tuple(text_columns))
    _check(path, asked)
    with closing(RepeatedIds(_ids(path, asked))) as repeated:
        for place, (where, report) in enumerate(_found(path, asked)):
            if isinstance(report, str):
                yield BadReport(where, report)
                continue
            problem = repeated.problem(place, report.report_id)
            yield BadReport(where, problem) if problem else report


def columns_read(
    path: Path, *, id_column: str | None = None, text_columns: Sequence[str] = ()
) -> ReportColumns | None:
    """Return which columns `read_reports` reads, None where the file is no table.

    Raises:
        InputFileError: the file cannot be read, or its columns cannot be told.
    """
    asked = AskedColumns(id_column, tuple(text_columns))
    _check(path, asked)
    return None if _holds_files(path) else table_columns(path, asked)


def _check(path: Path, asked: AskedColumns) -> None:
    if not path.exists():
        raise InputFileError(f"no file or folder {path}; correct the path")
    if not (path.is_dir() or path.is_file()):
        raise InputFileError(f"{path} is no file and no folder; it is read twice, so save it first")
    if not _holds_files(path):
        return
    if asked.report_id or asked.texts:
        raise InputFileError(f"{path} is no table, so it has no columns; leave out their names")
    if next(report_names(path), None) is None:
        raise InputFileError(
            f"no report in {path}; expected files that end in {' or '.join(ENDINGS)}, or a table"
        )


def _holds_files(path: Path) -> bool:
    return path.is_dir() or is_archive(path) or path.suffix.lower() in ENDINGS


def _found(path: Path, asked: AskedColumns) -> Iterator[tuple[str, Report | str]]:
    return file_reports(path) if _holds_files(path) else table_reports(path, asked)


def _ids(path: Path, asked: AskedColumns) -> Iterator[tuple[int, str, str]]:
    """Yield the place, the id and the text of each report; of a file, its name for the text."""
    if _holds_files(path):
        for place, name in enumerate(report_names(path)):
            yield place, report_id_of(name), name
        return
    for place, (_, report) in enumerate(table_reports(path, asked)):
        if isinstance(report, Report):
            yield place, report.report_id, report.text
