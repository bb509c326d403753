"""What the grid reads from the database: films as columns, and whether anything has changed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, Row, func, select

from backend.base.adapters.database import (
    batches,
    files,
    items,
    ledger,
    picks,
    publications,
    radiographs,
)
from backend.labels.core.labels import Slice
from backend.review.core.browse import ArchiveColumns

_SIZE, _PERSON = ("width_px", "height_px"), ("age_years", "sex", "view_position")
_COLUMNS = ("radiograph_id", "thumbnail_row", *_SIZE, *_PERSON)
_IN_ARCHIVE = select(files.c.radiograph_id).where(files.c.problem.is_(None))
"""Ids of the films that have at least one file."""
State = tuple[object, ...]
"""Two of them are equal where nothing has changed that the grid shows."""


def index_state(engine: Engine) -> State:
    """Return what changes whenever films come, go or get other metadata."""
    film = radiographs.c
    queries = (
        select(func.count(), func.max(files.c.indexed_at), func.count(files.c.problem)),
        select(func.count(), func.max(film.indexed_at), func.sum(film.age_years)),
        select(func.count(film.sex), func.count(film.view_position)),
    )
    with engine.connect() as connection:
        return tuple(tuple(connection.execute(query).one()) for query in queries)


def review_state_of(engine: Engine) -> State:
    """Return what changes whenever a label, a look, an item or a version in use does."""
    queries = (
        select(func.max(ledger.c.seq)),
        select(func.count(), func.count(items.c.closed_at)),
        select(func.max(publications.c.id)),
    )
    with engine.connect() as connection:
        return tuple(tuple(connection.execute(query).one()) for query in queries)


def archive_columns(engine: Engine) -> ArchiveColumns:
    """Return every film that has at least one file, ordered by thumbnail row."""
    query = (
        select(*(radiographs.c[name] for name in _COLUMNS))
        .where(radiographs.c.radiograph_id.in_(_IN_ARCHIVE))
        .order_by(radiographs.c.thumbnail_row)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    ids, numbers, width, height, ages, sex, view = (
        _columns(rows) if rows else ((), (), (), (), (), (), ())
    )
    sexes, sex_codes = _coded(sex)
    views, view_codes = _coded(view)
    return ArchiveColumns(
        radiograph_ids=tuple(ids),
        thumbnail_rows=np.array(numbers, np.int64),
        width_px=np.array(width, np.int32),
        height_px=np.array(height, np.int32),
        ages=np.array([np.nan if age is None else age for age in ages], np.float32),
        sexes=sexes,
        sex=sex_codes,
        views=views,
        view=view_codes,
    )


def _columns(rows: Sequence[Row[Any]]) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True))


def _coded(words: Sequence[str | None]) -> tuple[Sequence[str], NDArray[np.int16]]:
    """Return the distinct words, sorted, and the number of each film's; empty: not known."""
    known = sorted({word or "" for word in words})
    number = {word: place for place, word in enumerate(known)}
    return known, np.array([number[word or ""] for word in words], np.int16)


def latest_slices(engine: Engine, detector_task: str) -> dict[str, str]:
    """Return by radiograph id in which slice of a batch of this task each film was last."""
    query = (
        select(picks.c.radiograph_id, picks.c.slice)
        .join(batches, batches.c.batch_id == picks.c.batch_id)
        .where(batches.c.detector_task == detector_task)
        .order_by(picks.c.batch_id)
    )
    with engine.connect() as connection:
        # The latest batch comes last, and so it is the one that stays.
        return {film: slice_ for film, slice_ in connection.execute(query)}


def films_sent(engine: Engine, detector_task: str) -> dict[int, list[str]]:
    """Return by batch the films that somebody sent to review from the grid, in the order sent.

    Those that have left the archive are left out: nobody waits for them, unless they come back.
    """
    query = (
        select(picks.c.batch_id, picks.c.radiograph_id)
        .join(batches, batches.c.batch_id == picks.c.batch_id)
        .where(batches.c.detector_task == detector_task)
        .where(picks.c.slice == Slice.CHOSEN.value)
        .where(picks.c.radiograph_id.in_(_IN_ARCHIVE))
        .order_by(picks.c.batch_id, picks.c.rank)
    )
    by_batch: dict[int, list[str]] = {}
    with engine.connect() as connection:
        for batch_id, film in connection.execute(query):
            by_batch.setdefault(batch_id, []).append(film)
    return by_batch
