"""The archive as columns: filter films, sort them, and divide them by a cut-off.

Every column has one entry per film, in the order of the archive. A filter and a sort return
positions in that order, so that a question about 100,000 films takes a few milliseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.labels import Slice

Places = NDArray[np.int64]
"""Positions of films in the archive."""
UNDECIDED = -1
"""Code in place of a label's number: no label stands, or none is predicted."""
CLASS_UNKNOWN = -2
"""Code in place of a label's number: only labels that the film does not have are known."""
REASONS = ("", *(slice_.value for slice_ in Slice))
"""Reasons for which a film was shown last, by code; the first stands for films never shown."""
CUT_STEPS = 1000
"""Steps of the slider for a cut-off, from 0 to 1."""


class HowDecided(StrEnum):
    """How a film's label was decided; the most cautious value where several hold."""

    NOBODY = "nobody"
    """Nobody has decided. Somebody may have seen the film, for another question or undecided."""
    REPORT = "report"
    SUSPECTED = "suspected"
    """Nobody has decided, and a rule on pixels suspects the film."""
    POLICY = "policy"
    """A rule on metadata or on copies, set by a person, decided."""
    UNSEEN = "not timed"
    """A person decided, without a timed look on a screen."""
    ONE_LOOK = "one look"
    TWO_LOOKS = "two looks"
    """The film was called bad on two items."""
    DISPUTED = "disputed"
    """Two looks disagree."""


DECISIONS = tuple(HowDecided)
"""Values of `HowDecided` by code."""


class FilmOrder(StrEnum):
    """The order in which the grid shows films."""

    PROBABLE = "probable"
    """The highest probability of the chosen label first."""
    IMPROBABLE = "improbable"
    UNSURE = "unsure"
    """The smallest gap between the two most probable labels first."""
    YOUNGEST = "youngest"
    OLDEST = "oldest"
    ARCHIVE = "archive"
    """The order in which the films were indexed."""
    SIMILAR = "similar"
    """The films most similar to a given film first."""


@dataclass(frozen=True, eq=False)
class ArchiveColumns:
    """Columns of every film that do not depend on a detector task; see the module."""

    radiograph_ids: Sequence[str]
    thumbnail_rows: NDArray[np.int64]
    width_px: NDArray[np.int32]
    height_px: NDArray[np.int32]
    ages: NDArray[np.float32]
    """Years; NaN where not known."""
    sexes: Sequence[str]
    """Names of the codes in `sex`; the empty one stands for not known."""
    sex: NDArray[np.int16]
    views: Sequence[str]
    """Names of the codes in `view`; the empty one stands for not known."""
    view: NDArray[np.int16]

    def __len__(self) -> int:
        """Return the number of films."""
        return len(self.radiograph_ids)

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The position of each film in the archive, by radiograph id."""
        return {film: position for position, film in enumerate(self.radiograph_ids)}


@dataclass(frozen=True, eq=False)
class TaskColumns:
    """Columns of every film for one detector task."""

    probabilities: NDArray[np.float32]
    """Shape (films, labels); NaN where there is no prediction."""
    expected: int
    """The number of the expected label."""
    decided: NDArray[np.int16]
    """The number of the label that stands, `UNDECIDED` or `CLASS_UNKNOWN`."""
    decision: NDArray[np.int16]
    """How the label was decided, as a code of `DECISIONS`."""
    reason: NDArray[np.int16]
    """The reason for which the film was shown last, as a code of `REASONS`."""
    waits: NDArray[np.bool_]
    """Whether the film waits for a look in Label Studio."""

    @cached_property
    def has_prediction(self) -> NDArray[np.bool_]:
        """Shape (films,): whether a film has a prediction."""
        return np.asarray(~np.isnan(self.probabilities).any(axis=1), bool)

    @cached_property
    def predicted(self) -> NDArray[np.int16]:
        """The number of the most probable label, or `UNDECIDED`."""
        best = np.nan_to_num(self.probabilities, nan=-1.0).argmax(axis=1)
        return np.where(self.has_prediction, best, UNDECIDED).astype(np.int16)

    @cached_property
    def taken_for(self) -> NDArray[np.int16]:
        """The number of the label that stands, otherwise of the most probable label."""
        return np.where(self.decided == UNDECIDED, self.predicted, self.decided)

    @cached_property
    def unsureness(self) -> NDArray[np.float32]:
        """1 minus the gap between the two most probable labels; NaN without a prediction."""
        best_two = np.sort(self.probabilities, axis=1)[:, -2:]
        return np.asarray(1 - (best_two[:, 1] - best_two[:, 0]), np.float32)

    def probability_of(self, label: int | None) -> NDArray[np.float32]:
        """Return the probability of a label for each film, shape (films,).

        Args:
            label: number of the label; None: all labels but the expected one together.
        """
        if label is None:
            return np.asarray(1 - self.probabilities[:, self.expected], np.float32)
        return self.probabilities[:, label]


@dataclass(frozen=True, slots=True)
class FilmFilter:
    """A filter of films; a field that is None lets every film pass."""

    label: int | None = None
    """The label in `TaskColumns.taken_for`."""
    low: float | None = None
    """The least probability of that label; without a label, of any label but the expected one."""
    high: float | None = None
    """The greatest probability, of the same label as `low`."""
    decision: int | None = None
    reason: int | None = None
    sex: int | None = None
    view: int | None = None
    youngest: float | None = None
    """Years."""
    oldest: float | None = None


def matching(archive: ArchiveColumns, task: TaskColumns, wanted: FilmFilter) -> Places:
    """Return positions of the films that pass a filter, in the order of the archive.

    A film whose age or probability is not known lies in no range of it.
    """
    fits = np.ones(len(archive), bool)
    for column, value in (
        (task.taken_for, wanted.label),
        (task.decision, wanted.decision),
        (task.reason, wanted.reason),
        (archive.sex, wanted.sex),
        (archive.view, wanted.view),
    ):
        if value is not None:
            fits &= column == value
    fits &= _within(task.probability_of(wanted.label), wanted.low, wanted.high)
    fits &= _within(archive.ages, wanted.youngest, wanted.oldest)
    return np.flatnonzero(fits)


def _within(
    numbers: NDArray[np.float32], low: float | None, high: float | None
) -> NDArray[np.bool_] | bool:
    if low is None and high is None:
        return True
    # NaN compares as false: an unknown number lies in no range.
    at_least = True if low is None else numbers >= np.float32(low)
    at_most = True if high is None else numbers <= np.float32(high)
    known: NDArray[np.bool_] = ~np.isnan(numbers)
    return known & at_least & at_most


def ordered(places: Places, numbers: NDArray[np.float32], *, descending: bool) -> Places:
    """Sort films by a number; films with equal numbers keep their order, unknown ones come last.

    Args:
        places: positions of the films to sort.
        numbers: one for each film of the archive; NaN where not known.
        descending: whether the largest number comes first.
    """
    own = numbers[places]
    key = np.where(np.isnan(own), np.inf, -own if descending else own)
    return places[np.argsort(key, kind="stable")]


def in_order(
    places: Places,
    order: FilmOrder,
    archive: ArchiveColumns,
    task: TaskColumns,
    label: int | None,
) -> Places:
    """Sort films in any order but `SIMILAR`, which needs another film to compare with.

    Args:
        places: positions of the films to sort.
        order: any order but `SIMILAR`.
        archive: columns of all films.
        task: columns of the detector task.
        label: number of the label whose probability decides; None: all but the expected label.
    """
    if order is FilmOrder.ARCHIVE:
        return places
    if order is FilmOrder.UNSURE:
        return ordered(places, task.unsureness, descending=True)
    if order in (FilmOrder.YOUNGEST, FilmOrder.OLDEST):
        return ordered(places, archive.ages, descending=order is FilmOrder.OLDEST)
    probability = task.probability_of(label)
    return ordered(places, probability, descending=order is FilmOrder.PROBABLE)


@dataclass(frozen=True, eq=False)
class CutSides:
    """Films sorted by probability, and how many lie below each cut-off."""

    ascending: Places
    """Positions of the films with a prediction, the lowest probability first."""
    below: Sequence[int]
    """The number of films with a probability below 0, 1/1000, ... 1000/1000."""


def cut_sides(places: Places, probability: NDArray[np.float32]) -> CutSides:
    """Sort films by probability, and count those below each step of the slider.

    Args:
        places: positions of the films.
        probability: one for each film of the archive; NaN where there is no prediction.
    """
    known = places[~np.isnan(probability[places])]
    ascending = ordered(known, probability, descending=False)
    marks = (np.arange(CUT_STEPS + 1) / CUT_STEPS).astype(np.float32)
    below = np.searchsorted(probability[ascending], marks, side="left")
    return CutSides(ascending, below.tolist())


def cosine_to(vectors: NDArray[np.float16] | NDArray[np.uint8], place: int) -> NDArray[np.float32]:
    """Return the cosine similarity of each film to one film, -1 to 1; 0 for a vector of zeros.

    Args:
        vectors: shape (films, numbers); the mean of each film's own numbers is subtracted first.
        place: position of the film to compare with.
    """
    like = np.zeros(len(vectors), np.float32)
    wanted = _direction(vectors[place : place + 1])[0]
    for start in range(0, len(vectors), _AT_ONCE):
        like[start : start + _AT_ONCE] = _direction(vectors[start : start + _AT_ONCE]) @ wanted
    return like


_AT_ONCE = 8192
"""The most films whose vectors are in memory as 32-bit numbers at the same time."""


def _direction(vectors: NDArray[np.float16] | NDArray[np.uint8]) -> NDArray[np.float32]:
    centred = vectors.astype(np.float32)
    centred -= centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1), np.float32)
