"""Review in a file explorer: films lie in one folder per label, and moving a film is the answer.

A round is the set of films that were put out at one time. It records every film's folder, so that a
moved film can be distinguished from one that stayed. A film that stayed gets a label only where the
reviewer asks for it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.labels.core.labels import Label, LabelSource

FOLDER_REVIEWER = "folder"
"""The reviewer on record where no pseudonym was given."""

_FILM_FILE = re.compile(r"\d{4,}_([0-9a-f]{20})(?:[ (_-].*)?\.(?:jpg|png)", re.IGNORECASE)
"""Matches also copies by a file explorer: `0001_<id> (1).jpg`, `0001_<id> - Copy.jpg`."""
_CLUTTER = frozenset({".ds_store", ".localized", "thumbs.db", "ehthumbs.db", "desktop.ini"})
_REVIEWER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Flagged:
    """A film that the version in use doubts or calls bad, with its most probable label."""

    radiograph_id: str
    label: str
    probability: float
    """Probability of that label, 0 to 1."""


@dataclass(frozen=True, slots=True)
class FolderFilm:
    """One film of a round, as it was put out."""

    task: str
    radiograph_id: str
    label: str
    """The predicted label: the folder that the film was put into."""
    probability: float
    file: str
    """The name of its file."""
    sha256: str
    """Hash of the picture that was put out; for a link, of the film's own file."""
    read_as: str | None = None
    """The label whose folder held the film when the round was last read."""


@dataclass(frozen=True, slots=True)
class FolderTask:
    """A detector task of a round."""

    model_version: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """The films that were put out at one time."""

    archive: str
    """A hash that identifies the workspace's archive."""
    round_id: str
    made_at: str
    tasks: Mapping[str, FolderTask]
    films: tuple[FolderFilm, ...]
    read_at: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A file in one of a round's folders."""

    path: str
    """Path below the round's folder, with `/`."""
    sha256: str
    """Hash of the file's content; empty for a link that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The folders in which the films of a round lie now."""

    lies_in: Mapping[tuple[str, str], str]
    """(task, radiograph id) -> label; a film whose file is gone is left out."""
    problems: tuple[str, ...]
    """One sentence per file or folder that cannot be read: expected, got, and what to do."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of films of one detector task that were moved, accepted, left, or deleted."""

    moved: int
    accepted: int
    unmoved: int
    deleted: int


@dataclass(frozen=True, slots=True)
class FolderAnswers:
    """The answers that the folders of a round give."""

    labels: Mapping[str, Label]
    """Labels of moved and accepted films, by annotation name."""
    unmoved: Mapping[str, str]
    """States of films that stayed, by annotation name (`state_digest`).

    An acceptance that was read earlier stands."""
    silent: frozenset[str]
    """Annotation names of films whose file is gone; an answer that was read earlier stands."""
    counts: Mapping[str, Counts]


def flagged(
    task: DetectorTask, radiograph_ids: Sequence[str], probabilities: NDArray[np.float32]
) -> list[Flagged]:
    """Return the films that are bad or doubtful by their probabilities, the most doubtful first.

    Args:
        task: the detector task.
        radiograph_ids: ids of the films.
        probabilities: shape (films, labels); a film without a prediction (NaN) is not flagged.
    """
    expected = task.labels.index(task.expected_label)
    best = np.nan_to_num(probabilities, nan=-1.0).argmax(axis=1)
    sure = probabilities[np.arange(len(best)), best]
    doubtful = (best != expected) | (sure < task.thresholds.review_below)
    rows = np.flatnonzero(doubtful & ~np.isnan(probabilities).any(axis=1))
    films = [Flagged(radiograph_ids[row], task.labels[best[row]], float(sure[row])) for row in rows]
    return sorted(films, key=lambda film: (film.probability, film.radiograph_id))


def file_stems(films: Sequence[Flagged]) -> list[str]:
    """Return file names without their ending, which sort in the order of the films.

    >>> file_stems([Flagged("0f" * 10, "upright", 0.4)])
    ['0001_0f0f0f0f0f0f0f0f0f0f']
    """
    width = max(4, len(str(len(films))))
    return [f"{number:0{width}}_{film.radiograph_id}" for number, film in enumerate(films, start=1)]


def film_of_file(name: str) -> str | None:
    """Return the radiograph id in the name of a film's file or of a copy of it; None for others.

    >>> film_of_file("0001_0f0f0f0f0f0f0f0f0f0f - Copy.jpg")
    '0f0f0f0f0f0f0f0f0f0f'
    """
    match = _FILM_FILE.fullmatch(name)
    return match[1].lower() if match else None


def is_clutter(name: str) -> bool:
    """Return whether a file explorer makes files of this name by itself.

    >>> is_clutter("Thumbs.db"), is_clutter("._0001.jpg"), is_clutter("notes.txt")
    (True, True, False)
    """
    return name.lower() in _CLUTTER or name.startswith("._")


def folder_reviewer(name: str | None) -> str | None:
    """Return the reviewer to record for a pseudonym; None where the pseudonym is not allowed.

    >>> folder_reviewer(None), folder_reviewer("R2"), folder_reviewer("Dr. Who")
    ('folder', 'folder:R2', None)
    """
    if name is None:
        return FOLDER_REVIEWER
    return f"{FOLDER_REVIEWER}:{name}" if _REVIEWER.fullmatch(name) else None


def annotation_name(round_id: str, film: FolderFilm) -> str:
    """Return the annotation name under which the label of a film of a round is recorded."""
    return f"{annotation_prefix(round_id)}{film.task}/{film.radiograph_id}"


def annotation_prefix(round_id: str) -> str:
    """Return the prefix of the names of a round's annotations."""
    return f"folder/{round_id}/"


def state_digest(label: str) -> str:
    """Return a digest of the answer that a folder gives; equal answers have equal digests."""
    return hashlib.sha256(label.encode()).hexdigest()[:16]


def whereabouts_of(round_: Round, folders: Iterable[str], files: Iterable[Place]) -> Whereabouts:
    """Return the folders of a round's films, and the files and folders that are no part of it.

    Args:
        round_: the round as it was put out.
        folders: paths of all folders below the round's folder, with `/`.
        files: all files below it, without clutter.
    """
    known = {f"{task}/{label}" for task, of in round_.tasks.items() for label in of.labels}
    problems = [
        f"expected folders of the round's labels only, got {folder}; move its films into one of "
        "them and delete it"
        for folder in sorted(set(folders) - known - set(round_.tasks))
    ]
    films = {(film.task, film.radiograph_id): film for film in round_.films}
    lies_in: dict[tuple[str, str], Place] = {}
    for place in sorted(files, key=lambda file: file.path):
        key = _film_at(place.path)
        problem = _problem_of(place, known, films, lies_in)
        if problem:
            problems.append(problem)
        elif key:
            lies_in[key] = place
    labels = {key: place.path.split("/")[1] for key, place in lies_in.items()}
    return Whereabouts(labels, tuple(problems))


def _film_at(path: str) -> tuple[str, str] | None:
    """Return the task and the film of TASK/LABEL/FILE; None for a file of another form."""
    parts = path.split("/")
    film = film_of_file(parts[-1])
    return (parts[0], film) if len(parts) == 3 and film else None


def _problem_of(
    place: Place,
    known: set[str],
    films: Mapping[tuple[str, str], FolderFilm],
    seen: Mapping[tuple[str, str], Place],
) -> str | None:
    key = _film_at(place.path)
    if key is None or key not in films or place.path.rpartition("/")[0] not in known:
        return (
            f"expected films of this round in their own task's folders, got {place.path}; remove "
            "it, or put it back into a folder of its task"
        )
    if key in seen:
        return (
            f"expected every film once, got film {key[1]} in {seen[key].path} and in {place.path}; "
            "delete the one that is wrong"
        )
    if not place.sha256:
        return (
            f"expected a link to a film, got {place.path}, which leads nowhere; bring its archive "
            "back, or delete the link (then the film counts as not reviewed)"
        )
    if place.sha256 != films[key].sha256:
        return (
            f"expected the picture that was put out, got {place.path} with other content; delete "
            "it (then the film counts as not reviewed, and comes in the next round)"
        )
    return None


def unread_moves(round_: Round, whereabouts: Whereabouts) -> int:
    """Count the films that were moved since the round was last read, or was put out."""
    return sum(
        whereabouts.lies_in.get((film.task, film.radiograph_id), film.read_as or film.label)
        != (film.read_as or film.label)
        for film in round_.films
    )


def answers_of(
    round_: Round, whereabouts: Whereabouts, *, reviewer: str, now: str, accept_unmoved: bool
) -> FolderAnswers:
    """Return the answers that the folders of a round's films give.

    Args:
        round_: the round as it was put out.
        whereabouts: the folders of its films now.
        reviewer: a pseudonym.
        now: UTC, ISO 8601.
        accept_unmoved: whether a film that stayed gets the predicted label; otherwise it gets none.
    """
    labels: dict[str, Label] = {}
    unmoved: dict[str, str] = {}
    silent: set[str] = set()
    fates: dict[str, Counter[str]] = {task: Counter() for task in round_.tasks}
    for film in round_.films:
        name = annotation_name(round_.round_id, film)
        lies_in = whereabouts.lies_in.get((film.task, film.radiograph_id))
        fate = _fate(film, lies_in, accept_unmoved)
        fates[film.task][fate] += 1
        if lies_in is None:
            silent.add(name)
        elif fate == "unmoved":
            unmoved[name] = state_digest(lies_in)
        else:
            labels[name] = _label(film, lies_in, reviewer, now)
    fields = Counts.__dataclass_fields__
    counts = {task: Counts(**{fate: of[fate] for fate in fields}) for task, of in fates.items()}
    return FolderAnswers(labels, unmoved, frozenset(silent), counts)


def _fate(film: FolderFilm, lies_in: str | None, accept_unmoved: bool) -> str:
    if lies_in is None:
        return "deleted"
    if lies_in != film.label:
        return "moved"
    return "accepted" if accept_unmoved else "unmoved"


def _label(film: FolderFilm, label: str, reviewer: str, now: str) -> Label:
    return Label(film.radiograph_id, film.task, label, LabelSource.REVIEWER, now, reviewer)


def as_read(round_: Round, whereabouts: Whereabouts, now: str) -> Round:
    """Return the round with each film's folder as read now; a deleted film keeps its last one."""
    films = tuple(
        replace(
            film, read_as=whereabouts.lies_in.get((film.task, film.radiograph_id), film.read_as)
        )
        for film in round_.films
    )
    return replace(round_, films=films, read_at=now)
