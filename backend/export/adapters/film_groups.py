"""Further groups of films: by a header field that was kept, and by a table of the user."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine, select

from backend.base.adapters.database import radiographs
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import FilmLookup, table_rows

FILE_COLUMN = "file"
_SEVERAL = "|"
"""Between several findings of one film, as in ChestX-ray14."""


def header_values(engine: Engine, tag: str) -> dict[str, str]:
    """Return the value of one kept header field by radiograph id, of films that have one."""
    columns = radiographs.c
    query = select(columns.radiograph_id, columns.dicom_tags)
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=1000).execute(query)
        values = {film: str(tags.get(tag) or "").strip() for film, tags in rows}
    return {film: value for film, value in values.items() if value}


def read_groups(path: Path, engine: Engine) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Return, by column and radiograph id, the groups that a table puts films in.

    Args:
        path: CSV in UTF-8 with the column `file` (path, name or radiograph id) and one column per
            attribute, such as `site` or `finding`; several groups of a film stand apart by `|`.
        engine: the database, to find the films.

    Raises:
        InputFileError: it cannot be read, has no further column, or names no film of the archive.
    """
    lookup = FilmLookup(engine)
    groups_of: dict[str, dict[str, tuple[str, ...]]] = {}
    known = 0
    for _, row in table_rows(path, [FILE_COLUMN]):
        film = lookup.find((row[FILE_COLUMN] or "").strip())
        known += film is not None
        for column, value in row.items():
            groups = tuple(part.strip() for part in (value or "").split(_SEVERAL) if part.strip())
            if film is not None and column != FILE_COLUMN and groups:
                groups_of.setdefault(column.strip(), {})[film] = groups
    if not known or not groups_of:
        raise InputFileError(
            f"expected films of this archive and their groups in {path}, got {known} films and the "
            f"columns {', '.join(groups_of) or 'none'}; give a column `{FILE_COLUMN}` and one per "
            "attribute, such as `site`"
        )
    return dict(groups_of)
