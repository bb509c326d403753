"""A table of labels that a user already has: `file,label`, and maybe `source,confidence`."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_by_film, find_film
from backend.base.adapters.database import utc_now
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import InputFileError, UnknownRadiographError
from backend.base.core.spreadsheet_cell import plain_cell
from backend.labels.core.labels import Label, LabelSource, reviewer_and_rule

COLUMNS = ("file", "label")
SOURCES = {"": LabelSource.REVIEWER, "reviewer": LabelSource.REVIEWER, "report": LabelSource.REPORT}
"""What may stand in the column `source`; a report's labels give way to a reviewer's."""
GIVEN_BY = "table of labels"


def read_label_table(path: Path, task: DetectorTask, engine: Engine) -> list[Label]:
    """Return one label per row, of now.

    Args:
        path: CSV in UTF-8; `file` is the path or the name of an indexed file, or a radiograph id.
            Without a column `source` the labels are a reviewer's, without `confidence` sure.
        task: whose labels they are.
        engine: the database, to find the films.

    Raises:
        InputFileError: it cannot be read, or a row names an unknown film or label; the first such
            row is named.
    """
    lookup, now = FilmLookup(engine), utc_now()
    labels = []
    for line, row in table_rows(path, COLUMNS):
        where = f"{path}, line {line}"
        label = (row["label"] or "").strip()
        if label not in task.labels:
            raise InputFileError(
                f"{where}: expected one of {', '.join(task.labels)}, got label {label!r}"
            )
        film = lookup.radiograph_id((row["file"] or "").strip(), where)
        source, confidence = _source(row, where), _confidence(row, where)
        by, rule = reviewer_and_rule(source, GIVEN_BY)
        labels.append(
            Label(film, task.name, label, source, now, by, confidence=confidence, rule=rule)
        )
    return labels


def _source(row: Mapping[str, str | None], where: str) -> LabelSource:
    came = (row.get("source") or "").strip().lower()
    if came not in SOURCES:
        raise InputFileError(f"{where}: expected the source reviewer or report, got {came!r}")
    return SOURCES[came]


def _confidence(row: Mapping[str, str | None], where: str) -> float:
    came = (row.get("confidence") or "1").strip()
    try:
        confidence = float(came)
    except ValueError:
        confidence = -1.0
    if not 0.0 <= confidence <= 1.0:
        raise InputFileError(f"{where}: expected a confidence from 0 to 1, got {came!r}")
    return confidence


def table_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield line numbers and rows of a CSV in UTF-8 that has at least these columns.

    The apostrophe that our tables put before a cell is taken away (`base.core.spreadsheet_cell`).

    Raises:
        InputFileError: it cannot be read, or a column is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            _check_columns(path, reader.fieldnames or (), columns)
            for row in reader:
                yield reader.line_num, {name: _plain(cell) for name, cell in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(
            f"cannot read the labels {path}: {reason}; give a CSV in UTF-8 with the columns "
            f"{','.join(columns)}"
        ) from error


def _plain(cell: object) -> str | None:
    # Cells beyond the last column come as a list, under no name.
    return plain_cell(cell) if isinstance(cell, str) else None


def _check_columns(path: Path, came: Sequence[str], columns: Sequence[str]) -> None:
    if not set(columns) <= set(came):
        raise InputFileError(
            f"expected the columns {','.join(columns)} in {path}, got "
            f"{','.join(came) or 'nothing'}; name the columns so"
        )


class FilmLookup:
    """Films by id, by path or by a file name that only one of them has."""

    def __init__(self, engine: Engine) -> None:
        """Read the names of all files."""
        self._engine = engine
        self._by_path: dict[str, str] = {}
        by_name: dict[str, set[str]] = {}
        for film, paths in files_by_film(engine).items():
            self._by_path[film] = film
            for path in paths:
                self._by_path[path] = film
                by_name.setdefault(Path(path).name, set()).add(film)
        self._by_name = {name: min(films) for name, films in by_name.items() if len(films) == 1}

    def find(self, wanted: str) -> str | None:
        """Return the id of the film with this id, or a file of this path or name, else None."""
        return self._by_path.get(wanted) or self._by_name.get(wanted)

    def radiograph_id(self, wanted: str, where: str) -> str:
        """Return the id of the film that a table names by path, file name or id.

        Raises:
            InputFileError: there is none, or several; it begins with `where`.
        """
        film = self.find(wanted)
        if film:
            return film
        try:
            return find_film(self._engine, wanted).radiograph_id
        except UnknownRadiographError as error:
            raise InputFileError(f"{where}: {error}") from error
