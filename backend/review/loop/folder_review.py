"""Review in a file explorer: put flagged films into folders per class, and read the moves back.

Reading back gives labels and no looks: how long a film was on a screen is not known, so a
certificate counts none of these films as looked at.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.archive_files import read_indexed
from backend.archive.adapters.catalogue import files_of_films, films
from backend.archive.adapters.pixels.film_reader import film_format, picture_at
from backend.base.adapters.database import utc_now
from backend.base.adapters.lock import in_turn
from backend.base.adapters.workspace import Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.progress import Progress
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import (
    refuse_joint,
    require_published,
)
from backend.review.adapters.film_folder import FilmFolder
from backend.review.adapters.folder_labels import FolderChanges, replace_round
from backend.review.adapters.review_turn import review_turn
from backend.review.core.folder_review import (
    Counts,
    Flagged,
    FolderFilm,
    FolderTask,
    Round,
    Whereabouts,
    answers_of,
    as_read,
    file_stems,
    flagged,
    folder_reviewer,
    unread_moves,
    whereabouts_of,
)
from backend.review.loop.rank import looked_at

SMALL_PX = 412
"""Longest side of a picture, in pixels: as large as the largest thumbnail on a contact sheet."""
LARGE_PX = 1024
"""Longest side of a large picture, in pixels."""
_AT_ONCE = 32
"""The most films in memory at the same time."""
_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg"}
"""File name endings of the formats that any viewer opens."""


@dataclass(frozen=True, slots=True)
class PutOut:
    """Options of putting films out."""

    judged_too: bool = False
    """Whether films that a reviewer has judged already are put out as well."""
    link: bool = False
    """Whether to link to the films' own files where any viewer shows them correctly."""
    large: bool = False
    """Whether pictures have `LARGE_PX` instead of `SMALL_PX`."""

    @property
    def longest_px(self) -> int:
        """The longest side of a picture, in pixels."""
        return LARGE_PX if self.large else SMALL_PX


@dataclass(frozen=True, slots=True)
class OutReport:
    """The result of putting films out."""

    round_id: str
    films: Mapping[str, int]
    """Number of films that were put out, by detector task."""
    linked: int
    """Number of films that were put out as links."""
    unreadable: Mapping[str, str]
    """Radiograph id -> why a flagged film could not be shown."""


@dataclass(frozen=True, slots=True)
class InReport:
    """The result of reading a round back."""

    round_id: str
    counts: Mapping[str, Counts]
    changes: FolderChanges


@dataclass(frozen=True, slots=True)
class _Shown:
    """A picture to write, or a film's own file to link to."""

    path: str
    suffix: str
    sha256: str = ""
    pixels: NDArray[np.uint8] | None = None


def put_out(
    workspace: Workspace,
    tasks: Sequence[DetectorTask],
    target: Path,
    how: PutOut,
    *,
    progress: Progress = lambda done, to_do: None,
) -> OutReport:
    """Put the films that the versions in use flag into folders per predicted class.

    Args:
        workspace: the archive.
        tasks: the detector tasks; each asks for a label, is published and was swept.
        target: the folder to put films into.
        how: whether judged films are included, and whether films are pictures or links.
        progress: called with the films done and to do.

    Raises:
        NothingPublishedError: a detector task has no published model version.
        RadsieveError: the folder holds foreign files, or moves that were not read yet.
    """
    with in_turn(workspace.root / "review-folder.lock"):
        engine, predictions = workspace.database, workspace.predictions
        versions = {task.name: _version(engine, task) for task in tasks}
        to_put_out = {
            task.name: _flagged(engine, predictions, task, judged_too=how.judged_too)
            for task in tasks
        }
        folder = FilmFolder(target, workspace.secrets.archive_key)
        _refuse_unread(folder)
        folder.begin()
        asked = {task.name: FolderTask(versions[task.name], task.labels) for task in tasks}
        folder.make_folders(asked)
        writer = _Writer(engine, folder, how)
        put = tuple(writer.write(to_put_out, progress))
        round_id = f"{utc_now()[:10]}-{secrets.token_hex(4)}"
        folder.write_round(Round(folder.archive, round_id, utc_now(), asked, put))
    counts = {name: sum(film.task == name for film in put) for name in asked}
    return OutReport(round_id, counts, writer.linked, writer.unreadable)


def read_in(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    target: Path,
    *,
    reviewer: str | None = None,
    accept_unmoved: bool = False,
) -> InReport:
    """Record the folders in which films lie as a reviewer's labels: all of them, or none.

    Args:
        workspace: the archive of the films.
        tasks: all detector tasks, by name.
        target: the folder that films were put into.
        reviewer: a pseudonym of letters, digits, `_` and `-`.
        accept_unmoved: whether a film that stayed gets the predicted label.

    Raises:
        RadsieveError: the folder holds a file or folder that is no part of the round; nothing was
            recorded.
    """
    pseudonym = folder_reviewer(reviewer)
    if pseudonym is None:
        raise RadsieveError(
            f"expected a pseudonym of 1 to 64 letters, digits, _ or -, got {reviewer!r}; never "
            "give a real name"
        )
    with in_turn(workspace.root / "review-folder.lock"):
        folder = FilmFolder(target, workspace.secrets.archive_key)
        round_ = folder.read_round()
        _refuse_unknown_labels(round_, tasks)
        where = _whereabouts(folder, round_)
        with review_turn(workspace.root):
            now = utc_now()
            answers = answers_of(
                round_, where, reviewer=pseudonym, now=now, accept_unmoved=accept_unmoved
            )
            changes = replace_round(workspace.database, round_.round_id, answers)
        folder.write_round(as_read(round_, where, now))
    return InReport(round_.round_id, answers.counts, changes)


def _version(engine: Engine, task: DetectorTask) -> str:
    if task.answer is AnswerKind.BOX:
        raise RadsieveError(
            f"expected a detector task with labels to choose from, got {task.name}, whose answer "
            f"is a box; review it with `radsieve push {task.name}`"
        )
    refuse_joint(task, "review in folders")
    return require_published(engine, task)


def _flagged(
    engine: Engine, predictions: Path, task: DetectorTask, *, judged_too: bool
) -> list[Flagged]:
    version = require_published(engine, task)
    table = load_predictions(predictions, task.name, version)
    judged = set() if judged_too else looked_at(engine, task)
    ids = sorted(table.radiograph_ids - judged)
    return flagged(task, ids, table.probabilities(ids))


def _refuse_unread(folder: FilmFolder) -> None:
    """Refuse to write over moves that were not read yet."""
    if not folder.has_round():
        return
    round_ = folder.read_round()
    moves = unread_moves(round_, _whereabouts(folder, round_))
    if moves:
        raise RadsieveError(
            f"expected a round that was read, got {moves} films in {folder.root} that were moved "
            f"since; read them with `radsieve review-folder in {folder.root}`, or name another "
            "folder"
        )


def _whereabouts(folder: FilmFolder, round_: Round) -> Whereabouts:
    where = whereabouts_of(round_, folder.folders(), folder.places())
    if where.problems:
        more = len(where.problems) - 1
        also = f" (and {more} more like this)" if more else ""
        raise RadsieveError(f"{where.problems[0]}{also}; nothing was saved")
    return where


def _refuse_unknown_labels(round_: Round, tasks: Mapping[str, DetectorTask]) -> None:
    for name, of in round_.tasks.items():
        known = tasks[name].labels if name in tasks else ()
        unknown = [label for label in of.labels if label not in known]
        if unknown:
            raise RadsieveError(
                f"expected labels of detector tasks that there are, got {name}/{unknown[0]}; "
                f"tasks/{name}.py has changed since, so put the films out again"
            )


class _Writer:
    """Writes the films of one round."""

    def __init__(self, engine: Engine, folder: FilmFolder, how: PutOut) -> None:
        self._engine, self._folder, self._how = engine, folder, how
        self._changed_greys = {film.radiograph_id for film in films(engine) if film.normalisation}
        self.linked = 0
        self.unreadable: dict[str, str] = {}

    def write(
        self, to_put_out: Mapping[str, Sequence[Flagged]], progress: Progress
    ) -> Iterator[FolderFilm]:
        """Put every film into the folder of its predicted label."""
        to_do = [
            (task, stem, film)
            for task, flagged_films in to_put_out.items()
            for stem, film in zip(file_stems(flagged_films), flagged_films, strict=True)
        ]
        ids = [film.radiograph_id for _, _, film in to_do]
        paths = files_of_films(self._engine, ids)
        progress(0, len(to_do))
        with ThreadPoolExecutor(os.cpu_count() or 1, "film") as pool:
            for number, chunk in enumerate(in_chunks(to_do, _AT_ONCE)):
                chunk_ids = [film.radiograph_id for _, _, film in chunk]
                shown = pool.map(
                    self._shown, chunk_ids, [paths.get(film, []) for film in chunk_ids]
                )
                for (task, stem, film), made in zip(chunk, shown, strict=True):
                    if isinstance(made, _Shown):
                        yield self._put(task, stem, film, made)
                    else:
                        self.unreadable[film.radiograph_id] = made
                progress(min((number + 1) * _AT_ONCE, len(to_do)), len(to_do))

    def _put(self, task: str, stem: str, film: Flagged, made: _Shown) -> FolderFilm:
        file = f"{stem}{made.suffix}"
        path, sha256 = f"{task}/{film.label}/{file}", made.sha256
        if made.pixels is None:
            self._folder.link(path, Path(made.path))
            self.linked += 1
        else:
            sha256 = self._folder.write_picture(path, made.pixels)
        return FolderFilm(task, film.radiograph_id, film.label, film.probability, file, sha256)

    def _shown(self, film_id: str, paths: Sequence[str]) -> _Shown | str:
        """Return the picture or link to put out, or why the film cannot be shown."""
        try:
            path, content = read_indexed(film_id, paths)
            suffix = _SUFFIXES.get(film_format(content) or "")
            # A viewer would not repeat the change of greys, so such films are rendered here.
            if self._how.link and suffix and film_id not in self._changed_greys:
                return _Shown(path, suffix, sha256=hashlib.sha256(content).hexdigest())
            pixels = picture_at(content, Path(path).name, self._how.longest_px)
            return _Shown(path, ".jpg", pixels=pixels)
        except UnreadableFilmError as error:
            return str(error)
