"""The grid: the whole archive as columns in memory, searched, and read anew when it changes."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError, UnknownRadiographError
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.film_predictions import prediction_source, swept_joint
from backend.review.adapters.browse_store import (
    archive_columns,
    index_state,
    latest_slices,
    review_state_of,
)
from backend.review.core.browse import (
    DECISIONS,
    REASONS,
    UNDECIDED,
    ArchiveColumns,
    CutSides,
    FilmFilter,
    FilmOrder,
    HowDecided,
    Places,
    TaskColumns,
    cut_sides,
    in_order,
    matching,
    ordered,
)
from backend.review.core.browse_decisions import decided_label, decisions, suspicions
from backend.review.loop.review_state import ReviewState, read_state
from backend.review.loop.similar_films import likeness

Kept = TypeVar("Kept")
LOOKED_EVERY_S = 1.0
"""How often the database is asked whether anything has changed."""
KEPT_SEARCHES = 32


@dataclass(frozen=True, slots=True)
class GridQuestion:
    """What a person asks the grid for."""

    task: str
    wanted: FilmFilter = field(default_factory=FilmFilter)
    order: FilmOrder = FilmOrder.PROBABLE
    like: str = ""
    """The radiograph id that films are compared with, where the order is `SIMILAR`."""


@dataclass(frozen=True, eq=False)
class FilmSearch:
    """The answer, kept for a while: who scrolls through it sees one order, whatever happens."""

    token: str
    question: GridQuestion
    archive: ArchiveColumns
    task: TaskColumns
    places: Places
    measured_on: str = ""
    """What films were compared by, where they were; see `Likeness`."""

    @cached_property
    def sides(self) -> CutSides:
        """The films with a prediction, by their probability."""
        return cut_sides(self.places, self.task.probability_of(self.question.wanted.label))


class ArchiveBrowser:
    """Answers what the grid of one workspace asks; for many threads."""

    def __init__(self, workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
        """Keep the arguments; the archive is read at the first question."""
        self._workspace, self._tasks = workspace, tasks
        self._lock = threading.RLock()
        self._kept: dict[str, tuple[Hashable, Any]] = {}
        self._states: tuple[float, Hashable, Hashable] = (-np.inf, None, None)
        self._searches: OrderedDict[str, FilmSearch] = OrderedDict()

    def task(self, name: str) -> DetectorTask:
        """Return a detector task.

        Raises:
            RadsieveError: there is none of that name.
        """
        if name not in self._tasks:
            raise RadsieveError(
                f"expected a detector task, got {name!r}; there are {', '.join(self._tasks)}"
            )
        return self._tasks[name]

    def archive(self) -> ArchiveColumns:
        """Return what is known of all films."""
        with self._lock:
            state = self._state()[0]
            return self._latest("archive", state, lambda: archive_columns(self._workspace.database))

    def task_columns(self, name: str) -> TaskColumns:
        """Return what is known of all films for a detector task."""
        task = self.task(name)
        with self._lock:
            archive = self.archive()
            of_index, of_review = self._state()
            predictions = self._prediction_state(task)
            probabilities = self._latest(
                f"probabilities {name}",
                (of_index, of_review if task.sums_up else None, predictions),
                lambda: self._probabilities(task, archive),
            )
            return self._latest(
                f"columns {name}",
                (of_index, of_review, predictions),
                lambda: self._columns(task, archive, probabilities),
            )

    def search(self, question: GridQuestion) -> FilmSearch:
        """Return the films that fit, in the order asked for.

        Raises:
            RadsieveError: an unknown task or film, or films that cannot be compared.
        """
        with self._lock:
            archive, task = self.archive(), self.task_columns(question.task)
            states = self._state(), self._prediction_state(self.task(question.task))
            token = hashlib.sha256(repr((question, states)).encode()).hexdigest()[:16]
            known = self.result(token)
            if known is None:
                known = self._keep(self._found(token, question, archive, task))
            return known

    def result(self, token: str) -> FilmSearch | None:
        """Return a search that is still kept, with what is known of its films now."""
        with self._lock:
            search = self._searches.get(token)
            if search is None:
                return None
            self._searches.move_to_end(token)
            archive = self.archive()
            if archive is not search.archive:
                return search
            return replace(search, task=self.task_columns(search.question.task))

    def look_again(self) -> None:
        """Ask the database at the next question: something was changed just now."""
        with self._lock:
            self._states = (-np.inf, *self._states[1:])

    def _found(
        self, token: str, question: GridQuestion, archive: ArchiveColumns, task: TaskColumns
    ) -> FilmSearch:
        places = matching(archive, task, question.wanted)
        if question.order is not FilmOrder.SIMILAR:
            label = question.wanted.label
            shown = in_order(places, question.order, archive, task, label)
            return FilmSearch(token, question, archive, task, shown)
        if question.like not in archive.place_of:
            raise UnknownRadiographError(f"no film {question.like!r} in the index")
        like = likeness(self._workspace, archive, archive.place_of[question.like])
        shown = ordered(places, like.cosine, descending=True)
        return FilmSearch(token, question, archive, task, shown, like.measured_on)

    def _keep(self, search: FilmSearch) -> FilmSearch:
        self._searches[search.token] = search
        while len(self._searches) > KEPT_SEARCHES:
            self._searches.popitem(last=False)
        return search

    def _state(self) -> tuple[Hashable, Hashable]:
        """Return the states of index and review, asked for at most once a second."""
        now = time.monotonic()
        if now - self._states[0] > LOOKED_EVERY_S:
            engine = self._workspace.database
            self._states = (now, index_state(engine), review_state_of(engine))
        return self._states[1:]

    def _latest(self, name: str, state: Hashable, read: Callable[[], Kept]) -> Kept:
        known = self._kept.get(name)
        if known is None or known[0] != state:
            known = self._kept[name] = (state, read())
        kept: Kept = known[1]
        return kept

    def _prediction_state(self, task: DetectorTask) -> Hashable:
        """Return what changes when a sweep writes predictions of the versions in use."""
        files = [file for file in map(self._prediction_file, (task, *task.parts)) if file]
        return tuple(
            (str(file.path), file.path.stat().st_mtime_ns if file.path.exists() else None)
            for file in files
        )

    def _prediction_file(self, task: DetectorTask) -> PredictionFile | None:
        version = published_version(self._workspace.database, task.name)
        return PredictionFile(self._workspace.predictions, task.name, version) if version else None

    def _probabilities(self, task: DetectorTask, archive: ArchiveColumns) -> NDArray[np.float32]:
        """Return shape (films, labels); NaN where the version in use has not swept a film.

        What a rule suspects is a version as well; its numbers are scores and no probabilities.
        """
        ids = archive.radiograph_ids
        nothing = np.full((len(ids), len(task.labels)), np.nan, np.float32)
        if not len(ids):
            return nothing
        if task.sums_up:
            return swept_joint(prediction_source(self._workspace), task, ids)
        file = self._prediction_file(task)
        table = file.load() if file and file.exists() else None
        return nothing if table is None or table.labels != task.labels else table.probabilities(ids)

    def _columns(
        self, task: DetectorTask, archive: ArchiveColumns, probabilities: NDArray[np.float32]
    ) -> TaskColumns:
        engine = self._workspace.database
        return _task_columns(
            task, archive, probabilities, read_state(engine, task), latest_slices(engine, task.name)
        )


def _task_columns(
    task: DetectorTask,
    archive: ArchiveColumns,
    probabilities: NDArray[np.float32],
    state: ReviewState,
    slices: Mapping[str, str],
) -> TaskColumns:
    """Return the columns of a detector task."""
    count, place = len(archive), archive.place_of
    standing = suspicions(task, state.labels, state.verdicts)
    how = dict.fromkeys(standing, HowDecided.SUSPECTED)
    how |= decisions(task, state.verdicts, state.looks)
    standing |= {film: decided_label(task, verdict) for film, verdict in state.verdicts.items()}
    reasons = {film: REASONS.index(name) for film, name in slices.items() if name in REASONS}
    return TaskColumns(
        probabilities=probabilities,
        expected=task.labels.index(task.expected_label),
        decided=_column(place, standing, UNDECIDED),
        decision=_column(place, {film: DECISIONS.index(one) for film, one in how.items()}, 0),
        reason=_column(place, reasons, 0),
        waits=_flags(count, [place[film] for film in state.waiting if film in place]),
    )


def _column(place: Mapping[str, int], codes: Mapping[str, int], rest: int) -> NDArray[np.int16]:
    """Return a code per film; films that have left the archive are left out."""
    column = np.full(len(place), rest, np.int16)
    for film, code in codes.items():
        if film in place:
            column[place[film]] = code
    return column


def _flags(count: int, places: Sequence[int]) -> NDArray[np.bool_]:
    flags = np.zeros(count, bool)
    flags[places] = True
    return flags
