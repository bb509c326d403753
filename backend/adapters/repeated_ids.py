"""Ids that stand for more than one report, found before anything is made of them."""

import hashlib
import sqlite3
from collections.abc import Iterable

_TABLES = """
CREATE TABLE seen (id BLOB PRIMARY KEY, place INTEGER, text BLOB) WITHOUT ROWID;
CREATE TABLE repeated (id BLOB PRIMARY KEY, clashes INTEGER) WITHOUT ROWID
"""
REPEAT = "the same id and text as above"
CLASH = "an id that another report has too; neither is used"


class RepeatedIds:
    """Which reports of a file to leave out because of their id.

    Two texts under one id: nobody can say which of them is about the film, so neither is used. The
    same text twice, as in tables with a row for each film, is used once. Only hashes are kept, and
    those in a file that SQLite deletes: memory stays the same for any number of reports.
    """

    def __init__(self, reports: Iterable[tuple[int, str, str]]) -> None:
        """Go through all places, ids and texts."""
        # An empty name is a database in a temporary file of its own.
        self._base = sqlite3.connect("")
        self._base.executescript(_TABLES)
        for place, report_id, text in reports:
            self._add(place, _hash(report_id), _hash(text))
        self._any = bool(self._base.execute("SELECT 1 FROM repeated LIMIT 1").fetchone())

    def problem(self, place: int, report_id: str) -> str:
        """Return why the report at this place is not used, or nothing if it is."""
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
        """Delete what was kept."""
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
