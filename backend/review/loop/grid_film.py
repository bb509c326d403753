"""One film of the grid: its picture as large as its file allows, and what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_of_films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.database import utc_now
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownRadiographError, UnreadableFilmError
from backend.labels.adapters.label_store import label_history
from backend.review.adapters.batch_store import picks_of_film
from backend.review.adapters.sprites import jpeg
from backend.review.core.browse_words import label_words, reason_words, task_words
from backend.review.loop.browse import ArchiveBrowser

LARGE_PX = 1200
"""Longest side of a film that is looked at alone."""


@dataclass(frozen=True, slots=True)
class FilmNote:
    """One sentence about a film, and when it became true."""

    at: str
    """UTC, ISO 8601."""
    words: str


@dataclass(frozen=True, slots=True)
class FilmCard:
    """What the grid says of one film: no path, no patient."""

    radiograph_id: str
    size_px: tuple[int, int]
    probabilities: Mapping[str, float]
    """By the words of the label, for the detector task that is shown; empty: no prediction."""
    notes: Sequence[FilmNote]
    """The latest first."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def film_card(
    engine: Engine,
    tasks: Mapping[str, DetectorTask],
    browser: ArchiveBrowser,
    name: str,
    film: str,
) -> FilmCard:
    """Return what is known of a film.

    Args:
        engine: of the database that it is indexed in.
        tasks: all detector tasks, by name.
        browser: the archive as columns.
        name: of the detector task that is shown.
        film: a radiograph id.

    Raises:
        UnknownRadiographError: the archive has no such film.
    """
    archive, task = browser.archive(), browser.task(name)
    place = _place(browser, film)
    row = browser.task_columns(name).probabilities[place]
    shares = zip(task.labels, row, strict=True)
    known = {} if np.isnan(row).any() else {label_words(task, one): float(p) for one, p in shares}
    told = (*_labels(engine, tasks, film), *_picks(engine, tasks, film))
    notes = [*_changes(engine, film), *told]
    return FilmCard(
        film,
        (int(archive.width_px[place]), int(archive.height_px[place])),
        {words: round(p, 4) for words, p in known.items()},
        sorted(notes, key=lambda note: note.at, reverse=True),
    )


def large_picture(workspace: Workspace, browser: ArchiveBrowser, film: str) -> bytes:
    """Return a JPEG of a film; where its file cannot be read any more, of its thumbnail.

    Raises:
        UnknownRadiographError: the archive has no such film.
    """
    # Imported here: the readers of all formats take a while, and the grid starts without them.
    from backend.archive.adapters.archive_files import read_indexed  # noqa: PLC0415
    from backend.archive.adapters.pixels.film_reader import picture_at  # noqa: PLC0415

    place = _place(browser, film)
    try:
        paths = files_of_films(workspace.database, [film]).get(film, [])
        path, content = read_indexed(film, paths)
        return jpeg(picture_at(content, Path(path).name, LARGE_PX))
    except UnreadableFilmError:
        row = int(browser.archive().thumbnail_rows[place])
        return jpeg(ThumbnailStore(workspace.thumbnails).read([row])[0])


def _place(browser: ArchiveBrowser, film: str) -> int:
    places = browser.archive().place_of
    if film not in places:
        raise UnknownRadiographError("no such film in the archive (any more); reload the page")
    return places[film]


def _changes(engine: Engine, film: str) -> list[FilmNote]:
    """Say whether no file holds the film any more; the picture is then its thumbnail."""
    from backend.archive.adapters.changed_files import changed_files  # noqa: PLC0415

    paths = files_of_films(engine, [film]).get(film, [])
    changed = changed_files(engine, dict.fromkeys(paths, film))
    if len(changed) < len(paths):
        return []
    return [FilmNote(utc_now(), next(iter(changed.values()), "no file of it is in the index"))]


def _labels(engine: Engine, tasks: Mapping[str, DetectorTask], film: str) -> list[FilmNote]:
    notes = []
    for task in tasks.values():
        for record in label_history(engine, task.name, film):
            label = record.label
            denied = "not " if label.denied else ""
            gone = ", taken back since" if record.withdrawn_at else ""
            by = label.given_by or label.source.value.lower()
            words = f"{task_words(task)}: {denied}{label_words(task, label.label)}, by {by}{gone}"
            notes.append(FilmNote(label.answered_at, words))
    return notes


def _picks(engine: Engine, tasks: Mapping[str, DetectorTask], film: str) -> list[FilmNote]:
    return [
        FilmNote(
            pick.created_at,
            f"{task_words(tasks[pick.detector_task])}: in review batch {pick.batch_id}, "
            f"{reason_words(pick.slice)} ({pick.reason})",
        )
        for pick in picks_of_film(engine, film)
        if pick.detector_task in tasks
    ]
