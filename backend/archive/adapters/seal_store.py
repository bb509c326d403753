"""The films that were sealed at any training, in the database; no row is ever removed."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select

from backend.archive.core.seal import NamedFilm
from backend.base.adapters.database import sealed_films, utc_now
from backend.base.adapters.recorder import recording
from backend.base.core.chunks import in_chunks

_CHUNK = 500
"""Rows in one statement."""


def note_sealed(engine: Engine, films: Iterable[NamedFilm]) -> None:
    """Record that films are sealed; one recorded before with the same patient is left as it is."""
    with recording(engine) as recorder:
        known = _noted(recorder.connection)
        now = utc_now()
        rows = [
            {"radiograph_id": film, "patient_key": patient, "sealed_at": now}
            for film, patient in sorted(set(films) - known)
        ]
        for chunk in in_chunks(rows, _CHUNK):
            recorder.insert(sealed_films, chunk)


def noted_sealed(engine: Engine) -> set[NamedFilm]:
    """Return every film that was ever sealed, with the patient it belonged to at that time."""
    with engine.connect() as connection:
        return _noted(connection)


def _noted(connection: Connection) -> set[NamedFilm]:
    query = select(sealed_films.c.radiograph_id, sealed_films.c.patient_key)
    return {(film, patient) for film, patient in connection.execute(query)}
