"""Rows of a table of metadata, and the films that each row describes."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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

    by_film: Mapping[str, Sequence[MetadataRow]]
    """Radiograph id -> its rows, those that give the most of its path, in the order of the table.
    """
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

    Letters with accents may be written as one sign or as two (NFC, NFD). A name that fits no file
    as it is may fit one in other capitals. A row that gives more of the path outweighs one that
    gives less.

    Args:
        rows: of the table.
        files: path and radiograph id of every file that may be meant.

    >>> files = [("/a/x.png", "1"), ("/b/x.png", "2"), ("/b/y.png", "3")]
    >>> match = match_rows([MetadataRow("x.png"), MetadataRow("b/X.PNG", "P")], files)
    >>> match.by_film["2"][0].patient_id, [row.file for row in match.ambiguous]
    ('P', ['x.png'])
    """
    films_by_name = _films_by_name({row.file for row in rows}, files)
    by_film: dict[str, list[MetadataRow]] = defaultdict(list)
    for row in rows:
        if len(films_by_name[row.file]) == 1:
            by_film[next(iter(films_by_name[row.file]))].append(row)
    several = (row for row in rows if len(films_by_name[row.file]) > 1)
    without = (row for row in rows if not films_by_name[row.file])
    most = {film: _most_of_path(described) for film, described in by_film.items()}
    return MetadataMatch(most, tuple(several), tuple(without))


def _films_by_name(
    names: Iterable[str], files: Iterable[tuple[str, str]]
) -> Mapping[str, set[str]]:
    """Return the films that each name fits: as it is, or else in other capitals."""
    exact: dict[str, set[str]] = {name: set() for name in names}
    folded: dict[str, set[str]] = {name: set() for name in exact}
    by_base = defaultdict(list)
    for name in exact:
        plain = _composed(name).lstrip("/")
        by_base[plain.rpartition("/")[2].casefold()].append((name, plain, plain.casefold()))
    for path, film in files:
        plain = _composed(path)
        small = plain.casefold()
        for name, end, small_end in by_base.get(small.rpartition("/")[2], ()):
            if plain.endswith(f"/{end}"):
                exact[name].add(film)
            elif small.endswith(f"/{small_end}"):
                folded[name].add(film)
    taken = {film for films in exact.values() if len(films) == 1 for film in films}
    return {name: films or folded[name] - taken for name, films in exact.items()}


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _most_of_path(rows: Sequence[MetadataRow]) -> Sequence[MetadataRow]:
    most = max(row.file.count("/") for row in rows)
    return [row for row in rows if row.file.count("/") == most]
