"""Which files of indexed films are no longer what was indexed."""

from collections.abc import Mapping

from sqlalchemy import Engine

from backend.archive.adapters.archive_files import read_indexed, state_of
from backend.archive.adapters.catalogue_writer import KnownFile, known_files
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import FilmChangedError

_CHUNK = 500


def changed_files(engine: Engine, films: Mapping[str, str]) -> dict[str, str]:
    """Return by path what is the matter with files that do not hold their film any more.

    They are told as the index tells them, by size and time; where those differ the bytes decide, so
    that a file which was only touched counts as it was.

    Args:
        engine: the database.
        films: path -> radiograph id.
    """
    changed: dict[str, str] = {}
    for paths in in_chunks(sorted(films), _CHUNK):
        known = known_files(engine, paths)
        for path in paths:
            problem = _problem(path, films[path], known.get(path))
            if problem:
                changed[path] = problem
    return changed


def _problem(path: str, film: str, known: KnownFile | None) -> str | None:
    is_listed = known is not None and known.radiograph_id == film
    if known and is_listed and known.is_unchanged(state_of(path)):
        return None
    try:
        read_indexed(film, [path])
    except FilmChangedError as error:
        return str(error)
    return None
