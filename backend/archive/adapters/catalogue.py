"""Read the films of the archive from the tables that the index fills."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    func,
    not_,
    or_,
    select,
    true,
)

from backend.archive.adapters.earlier_steps import coloured_share, white_is_zero
from backend.archive.core.film import Film
from backend.archive.core.header_tags import polarity_tag
from backend.archive.core.identity import RADIOGRAPH_ID_LENGTH
from backend.archive.core.patients import PatientSource
from backend.archive.core.shown_names import film_of
from backend.base.adapters.database import files, radiographs
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import UnknownRadiographError

_SHORTEST_PREFIX = 4
_CHUNK = 500
"""Ids in one statement: well below the number of variables SQLite takes."""
_NAMED = (PatientSource.METADATA.value, PatientSource.DICOM.value)
"""Sources that name a patient; a folder, or the film itself, only stands for one."""


_FIELDS = list(Film.__dataclass_fields__)
_ROW, _PATH, _NORMALISATION, _COLOURED = map(
    _FIELDS.index, ("thumbnail_row", "path", "normalisation", "coloured_share")
)


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file of the archive that cannot be read as a radiograph, and why."""

    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class PatientCounts:
    """How many films of how many patients there are, and how the patients are known."""

    films: int
    patients: int
    films_by_source: dict[str, int]
    most_films_of_one: int
    """Very many mean that the ids were removed, and one stands for all."""


def films(engine: Engine) -> list[Film]:
    """Return every film that has at least one file, ordered by thumbnail row."""
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=1000).execute(_film_query())
        return list(_films_of(rows))


def index_times(engine: Engine) -> dict[str, str]:
    """Return by id when each film came into the index (UTC, ISO 8601), those without files too."""
    query = select(radiographs.c.radiograph_id, radiographs.c.indexed_at)
    with engine.connect() as connection:
        return {film: at for film, at in connection.execute(query)}


def film_ids(engine: Engine) -> set[str]:
    """Return the ids of the films that have at least one file."""
    query = select(files.c.radiograph_id).where(files.c.problem.is_(None)).distinct()
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


def count_films(engine: Engine) -> int:
    """Count the films of the index, those whose files are gone as well."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(radiographs)).scalar_one())


def gone_films(connection: Connection) -> set[str]:
    """Return the ids of the films of the index that have no file, or none that can be read."""
    # An id that is missing would make `not in` empty.
    has_file = _has_file(files.c.radiograph_id.is_not(None))
    query = select(radiographs.c.radiograph_id).where(not_(has_file))
    return set(connection.execute(query).scalars())


def study_films(engine: Engine, radiograph_id: str, *, at_most: int | None = None) -> list[Film]:
    """Return the other films of a film's study, in the order indexed; none where it has no study.

    Some archives number the studies of each patient anew, so two patients who are both known are
    never of one study, whatever the numbers say.

    Args:
        engine: the database.
        radiograph_id: the film.
        at_most: so many; None: all.
    """
    columns = radiographs.c
    of_film = select(columns.study_key, columns.patient_key, columns.patient_source).where(
        columns.radiograph_id == radiograph_id
    )
    with engine.connect() as connection:
        film = connection.execute(of_film).first()
    if film is None or not film.study_key:
        return []
    same = and_(columns.study_key == film.study_key, columns.radiograph_id != radiograph_id)
    if film.patient_source in _NAMED:
        unnamed = columns.patient_source.not_in(_NAMED)
        same = and_(same, or_(columns.patient_key == film.patient_key, unnamed))
    return _matching(engine, same)[:at_most]


def find_film(engine: Engine, id_or_path: str) -> Film:
    """Return the film with this id, start of an id, path, or file name.

    Raises:
        UnknownRadiographError: nothing or more than one film fits.
    """
    for condition in _ways_to_find(id_or_path):
        found = _matching(engine, condition)
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownRadiographError(
                f"the name fits {len(found)} films, such as {found[0].radiograph_id} and "
                f"{found[1].radiograph_id}; give the whole path or the radiograph id"
            )
    raise UnknownRadiographError(
        "no film of this name in the index; give a radiograph id or the path of an indexed file, "
        "or add the file with `radsieve index`"
    )


def unreadable_files(engine: Engine) -> list[UnreadableFile]:
    """Return every listed file that could not be read, ordered by path."""
    query = (
        select(files.c.path, files.c.problem)
        .where(files.c.problem.is_not(None))
        .order_by(files.c.path)
    )
    with engine.connect() as connection:
        return [UnreadableFile(**row._mapping) for row in connection.execute(query)]


def files_by_film(engine: Engine) -> dict[str, list[str]]:
    """Return the paths of every film's files, sorted, by radiograph id."""
    return _paths_by_film(engine, true())


def files_of_films(engine: Engine, radiograph_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths of these films' files, sorted; a film that has none is left out."""
    paths: dict[str, list[str]] = {}
    for chunk in in_chunks(sorted(set(radiograph_ids)), _CHUNK):
        paths |= _paths_by_film(engine, files.c.radiograph_id.in_(chunk))
    return paths


def _paths_by_film(engine: Engine, condition: ColumnElement[bool]) -> dict[str, list[str]]:
    query = (
        select(files.c.radiograph_id, files.c.path)
        .where(files.c.problem.is_(None))
        .where(condition)
        .order_by(files.c.path)
    )
    paths: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=1000).execute(query):
            paths.setdefault(row.radiograph_id, []).append(row.path)
    return paths


def polarity_tags(engine: Engine, radiograph_id: str | None = None) -> dict[str, str]:
    """Return by radiograph id the tag that says which grey value is white, where a film has one.

    Args:
        engine: the database.
        radiograph_id: the only film to ask about; None for all.
    """
    columns = radiographs.c
    query = select(
        columns.radiograph_id, columns.white_is_zero, columns.normalisation, columns.dicom_tags
    ).where(columns.file_format.in_(["DICOM", "TIFF"]))
    if radiograph_id is not None:
        query = query.where(columns.radiograph_id == radiograph_id)
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=1000).execute(query)
        by_film = {
            film: polarity_tag(white_is_zero(stored, steps), tags)
            for film, stored, steps, tags in rows
        }
    return {film: tag for film, tag in by_film.items() if tag}


def patient_counts(engine: Engine) -> PatientCounts:
    """Count films that have at least one file."""
    readable = select(files.c.radiograph_id).where(files.c.problem.is_(None))
    source = radiographs.c.patient_source
    by_patient = (
        select(radiographs.c.patient_key, source, func.count())
        .where(radiographs.c.radiograph_id.in_(readable))
        .group_by(radiographs.c.patient_key, source)
    )
    of_patient: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    with engine.connect() as connection:
        for patient, known_by, count in connection.execute(by_patient):
            of_patient[patient] += count
            by_source[known_by] += count
    most = max(of_patient.values(), default=0)
    return PatientCounts(of_patient.total(), len(of_patient), dict(by_source), most)


def _film_query() -> Select[tuple[object, ...]]:
    columns = [files.c.path if name == "path" else radiographs.c[name] for name in _FIELDS]
    return (
        select(*columns)
        .join(files, files.c.radiograph_id == radiographs.c.radiograph_id)
        .where(files.c.problem.is_(None))
        .order_by(radiographs.c.thumbnail_row, files.c.path)
    )


def _films_of(rows: Iterable[Row[Any]]) -> Iterator[Film]:
    # By place rather than by name: of 100,000 films it takes two thirds of the time.
    for _, same_film in groupby(rows, key=itemgetter(_ROW)):
        first, *others = same_film
        values = list(first)
        values[_PATH] = _existing([first.path, *(row.path for row in others)])
        values[_NORMALISATION] = tuple(first.normalisation)
        values[_COLOURED] = coloured_share(first.coloured_share, first.normalisation)
        yield Film(*values)


def _existing(paths: list[str]) -> str:
    if len(paths) == 1:  # asking the disk about every film of a large archive takes minutes
        return paths[0]
    return next((path for path in paths if Path(path).exists()), paths[0])


def _ways_to_find(wanted: str) -> Iterator[ColumnElement[bool]]:
    yield radiographs.c.radiograph_id == (film_of(wanted) or wanted)
    yield _has_file(files.c.path.in_([wanted, str(Path(wanted).absolute())]))
    if _SHORTEST_PREFIX <= len(wanted) < RADIOGRAPH_ID_LENGTH:
        yield radiographs.c.radiograph_id.startswith(wanted.lower(), autoescape=True)
    yield _has_file(files.c.path.endswith(f"/{wanted}", autoescape=True))


def _has_file(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    holders = select(files.c.radiograph_id).where(condition).where(files.c.problem.is_(None))
    return radiographs.c.radiograph_id.in_(holders)


def _matching(engine: Engine, condition: ColumnElement[bool]) -> list[Film]:
    with engine.connect() as connection:
        return list(_films_of(connection.execute(_film_query().where(condition))))
