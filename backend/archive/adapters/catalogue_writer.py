"""Write the catalogue, for the index; each call is one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    String,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from backend.archive.adapters.archive_files import FoundFile, is_below
from backend.archive.adapters.thumbnail_store import thumbnail_digest
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.metadata import MetadataRow
from backend.archive.core.metadata_findings import KnownFacts
from backend.archive.core.patients import PatientSource
from backend.base.adapters.database import files, radiographs, utc_now
from backend.base.adapters.recorder import recording
from backend.base.core.chunks import in_chunks

_CHUNK = 500
"""Rows in one statement: well below the number of variables SQLite takes."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when it was last read."""

    size_bytes: int
    modified_ns: int
    radiograph_id: str | None
    thumbnail_row: int | None
    problem: str | None
    study_key: str | None
    """Empty where the film is of no study that is known, None where nobody has looked yet."""
    thumbnail_digest: str | None
    """None where nobody has looked at the thumbnail yet."""

    def is_unchanged(self, found: FoundFile) -> bool:
        """Whether it need not be read again; what could not be opened is always tried again."""
        now = (found.size_bytes, found.modified_ns)
        return found.size_bytes >= 0 and (self.size_bytes, self.modified_ns) == now

    @property
    def lacks_study(self) -> bool:
        """Whether an earlier radsieve indexed the film, which did not ask for its study."""
        return self.radiograph_id is not None and self.study_key is None


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """A film's id, its row among the thumbnails, its patient and its study."""

    radiograph_id: str
    thumbnail_row: int
    patient_key: str
    patient_source: PatientSource
    study_key: str
    """Empty where no study is known."""


def known_files(engine: Engine, paths: Sequence[str]) -> dict[str, KnownFile]:
    """Return what the catalogue knows of these files (at most some thousands), by path."""
    query = (
        select(
            files.c.path,
            files.c.size_bytes,
            files.c.modified_ns,
            files.c.radiograph_id,
            radiographs.c.thumbnail_row,
            files.c.problem,
            radiographs.c.study_key,
            radiographs.c.thumbnail_digest,
        )
        .outerjoin(radiographs, radiographs.c.radiograph_id == files.c.radiograph_id)
        .where(files.c.path.in_(paths))
    )
    with engine.connect() as connection:
        return {path: KnownFile(*values) for path, *values in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class KnownThumbnail:
    """Where the thumbnail of a film is, and its digest."""

    row: int
    digest: str | None
    """None where nobody has looked at it yet."""


def thumbnail_of_film(engine: Engine, radiograph_id: str) -> KnownThumbnail | None:
    """Return the thumbnail of a film, None where it is not in the catalogue."""
    columns = radiographs.c
    query = select(columns.thumbnail_row, columns.thumbnail_digest).where(
        columns.radiograph_id == radiograph_id
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return KnownThumbnail(*row) if row else None


def note_thumbnails(engine: Engine, digests: Mapping[str, str]) -> None:
    """Keep the digests of thumbnails, by radiograph id."""
    with recording(engine) as recorder:
        recorder.update_each(
            radiographs,
            {"thumbnail_digest": bindparam("digest")},
            {film: {"digest": digest} for film, digest in digests.items()},
        )


def next_thumbnail_row(engine: Engine) -> int:
    """Return the first free row of the thumbnails; a crash may have left a thumbnail there."""
    with engine.connect() as connection:
        last = connection.execute(select(func.max(radiographs.c.thumbnail_row))).scalar()
    return 0 if last is None else last + 1


def paths_of(engine: Engine, radiograph_id: str) -> list[str]:
    """Return the listed paths of a film."""
    query = select(files.c.path).where(files.c.radiograph_id == radiograph_id)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def add_film(engine: Engine, film: DecodedFilm, place: FilmPlace, found: FoundFile) -> None:
    """Add a film and its file."""
    row = {
        "radiograph_id": place.radiograph_id,
        "thumbnail_row": place.thumbnail_row,
        "width_px": film.width_px,
        "height_px": film.height_px,
        "file_format": film.file_format,
        "normalisation": list(film.normalisation),
        "coloured_share": film.coloured_share,
        "white_is_zero": film.white_is_zero,
        "dicom_tags": dict(film.dicom_tags),
        "patient_key": place.patient_key,
        "patient_source": place.patient_source.value,
        "study_key": place.study_key,
        "age_years": film.header.age_years,
        "sex": film.header.sex,
        "view_position": film.header.view_position,
        "indexed_at": utc_now(),
        "thumbnail_digest": thumbnail_digest(film.pixels),
    }
    with recording(engine) as recorder:
        recorder.insert(radiographs, [row])
        _list_file(recorder.connection, found, {"radiograph_id": place.radiograph_id})


def add_file(engine: Engine, found: FoundFile, radiograph_id: str) -> None:
    """List a file of a film that is there already; an older entry of the path is replaced."""
    with engine.begin() as connection:
        _list_file(connection, found, {"radiograph_id": radiograph_id})


def add_problem(engine: Engine, found: FoundFile, problem: str) -> None:
    """List a file that cannot be read; an older entry of the path is replaced."""
    with engine.begin() as connection:
        _list_file(connection, found, {"problem": problem})


def files_below(engine: Engine, roots: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Yield path and radiograph id of every listed file that is or lies in one of `roots`."""
    query = select(files.c.path, files.c.radiograph_id).order_by(files.c.path)
    with engine.connect() as connection:
        for path, film in connection.execution_options(yield_per=1000).execute(query):
            if is_below(path, roots):
                yield path, film


def forget_files(engine: Engine, paths: Sequence[str]) -> None:
    """Take paths off the list; their films stay."""
    with engine.begin() as connection:
        for chunk in in_chunks(paths, _CHUNK):
            connection.execute(delete(files).where(files.c.path.in_(chunk)))


def fill_studies(engine: Engine, study_keys: Mapping[str, str]) -> None:
    """Write the studies of films that have none on record; others keep theirs.

    Args:
        engine: the database.
        study_keys: by radiograph id; empty where no study is known.
    """
    rows = [{"film": film, "study": key} for film, key in study_keys.items()]
    fill = (
        update(radiographs)
        .where(radiographs.c.radiograph_id == bindparam("film"))
        .where(radiographs.c.study_key.is_(None))
        .values(study_key=bindparam("study"))
    )
    with engine.begin() as connection:
        for chunk in in_chunks(rows, _CHUNK):
            connection.execute(fill, chunk)


def update_from_metadata(
    engine: Engine,
    rows: Mapping[str, MetadataRow],
    *,
    patient_keys: Mapping[str, str],
    study_keys: Mapping[str, str],
) -> None:
    """Write ages, sexes, views, patients and studies from a table; its empty cells change nothing.

    Args:
        engine: the database.
        rows: by radiograph id.
        patient_keys: by patient id as the table writes it.
        study_keys: by study id as the table writes it.
    """
    changes = {
        film: {
            "patient": patient_keys.get(row.patient_id or ""),
            "source": PatientSource.METADATA.value if row.patient_id else None,
            "age": row.age_years,
            "new_sex": row.sex,
            "view": row.view_position,
            "study": study_keys.get(row.study_id or ""),
        }
        for film, row in rows.items()
    }
    with recording(engine) as recorder:
        recorder.update_each(radiographs, _known_or_before(), changes)


def known_of_dicom(engine: Engine, radiograph_ids: Sequence[str]) -> dict[str, KnownFacts]:
    """Return what the catalogue knows of those among some films that are DICOM."""
    columns = radiographs.c
    facts = (columns.patient_key, columns.patient_source, columns.age_years, columns.sex)
    query = select(columns.radiograph_id, *facts).where(columns.file_format == "DICOM")
    known: dict[str, KnownFacts] = {}
    with engine.connect() as connection:
        for chunk in in_chunks(radiograph_ids, _CHUNK):
            rows = connection.execute(query.where(columns.radiograph_id.in_(chunk)))
            known |= {film: KnownFacts(*values) for film, *values in rows}
    return known


def rename_patient(engine: Engine, before: str, patient_key: str) -> None:
    """Give all films of a patient, by key, another key."""
    query = select(radiographs.c.radiograph_id).where(radiographs.c.patient_key == before)
    with engine.connect() as connection:
        known = list(connection.execute(query).scalars())
    if known:
        with recording(engine) as recorder:
            recorder.update_each(
                radiographs,
                {"patient_key": bindparam("patient", type_=String)},
                {film: {"patient": patient_key} for film in known},
            )


def _known_or_before() -> dict[str, ColumnElement[Any]]:
    """Return by column what the table says of it, or else what it was."""
    columns = radiographs.c
    return {
        "patient_key": func.coalesce(bindparam("patient", type_=String), columns.patient_key),
        "patient_source": func.coalesce(bindparam("source", type_=String), columns.patient_source),
        "age_years": func.coalesce(bindparam("age", type_=Float), columns.age_years),
        "sex": func.coalesce(bindparam("new_sex", type_=String), columns.sex),
        "view_position": func.coalesce(bindparam("view", type_=String), columns.view_position),
        "study_key": func.coalesce(bindparam("study", type_=String), columns.study_key),
    }


def _list_file(connection: Connection, found: FoundFile, what: Mapping[str, str]) -> None:
    since = _held_since(connection, found.path, what.get("radiograph_id"))
    row = {
        "path": found.path,
        "size_bytes": found.size_bytes,
        "modified_ns": found.modified_ns,
        "indexed_at": since or utc_now(),
        **what,
    }
    connection.execute(delete(files).where(files.c.path == found.path))
    connection.execute(insert(files), row)


def _held_since(connection: Connection, path: str, film: str | None) -> str | None:
    """Return when the path was listed with this very film; None where it was not."""
    # A file that was only touched is no new one: an export before it was made of the same archive.
    query = select(files.c.indexed_at).where(files.c.path == path, files.c.radiograph_id == film)
    return connection.execute(query).scalar() if film else None
