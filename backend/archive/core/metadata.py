"""Rows of a table of metadata, and the film that each row describes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MetadataRow:
    """One row of a table of metadata; None where a cell is empty."""

    file: str
    """Base name, or the end of the path."""
    patient_id: str | None = None
    age_years: float | None = None
    sex: str | None = None
    view_position: str | None = None
    study_id: str | None = None
    line: int = field(default=0, compare=False)
    """Line of the table, from 1; the names of the columns are line 1."""


@dataclass(frozen=True, slots=True)
class MetadataMatch:
    """Rows that describe exactly one film, and file names that fit several films or none."""

    by_film: dict[str, MetadataRow]
    """Radiograph id -> its row."""
    ambiguous: tuple[MetadataRow, ...]
    """Rows whose names fit films with different content, in the order of the table."""
    rows_without_film: tuple[MetadataRow, ...]
    """Rows that name no indexed file, in the order of the table."""

    @property
    def without_film(self) -> int:
        """How many rows name no indexed file."""
        return len(self.rows_without_film)


def match_rows(rows: Sequence[MetadataRow], files: Iterable[tuple[str, str]]) -> MetadataMatch:
    """Find the film that each row describes.

    A row that gives more of the path outweighs one that gives less; of two that give the same, the
    later one counts.

    Args:
        rows: of the table.
        files: path and radiograph id of every file that may be meant.

    >>> files = [("/a/x.png", "1"), ("/b/x.png", "2"), ("/b/y.png", "3")]
    >>> match = match_rows([MetadataRow("x.png"), MetadataRow("b/x.png", "P")], files)
    >>> match.by_film["2"].patient_id, [row.file for row in match.ambiguous]
    ('P', ['x.png'])
    """
    films_by_name: dict[str, set[str]] = {row.file: set() for row in rows}
    by_base = defaultdict(list)
    for name in films_by_name:
        by_base[name.rpartition("/")[2]].append(name)
    for path, film in files:
        for name in by_base.get(path.rpartition("/")[2], ()):
            if path.endswith(f"/{name.lstrip('/')}"):
                films_by_name[name].add(film)
    by_film = {}
    for row in sorted(rows, key=lambda each: each.file.count("/")):
        if len(films_by_name[row.file]) == 1:
            by_film[next(iter(films_by_name[row.file]))] = row
    several = (row for row in rows if len(films_by_name[row.file]) > 1)
    without = (row for row in rows if not films_by_name[row.file])
    return MetadataMatch(by_film, tuple(several), tuple(without))
