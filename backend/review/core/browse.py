"""The archive as columns: which films fit a filter, in which order, and on which side of a cut-off.

Every column has one entry a film, in the order of the archive. A filter and a sort give places in
that order, so that a question about 100,000 films is answered in some milliseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.labels import Slice

Places = NDArray[np.int64]
"""Places of films in the archive, in some order."""
UNDECIDED = -1
"""Stands for a label where nothing has been said or predicted."""
CLASS_UNKNOWN = -2
"""Stands for a label where it is only known which labels the film does not have."""
REASONS = ("", *(each.value for each in Slice))
"""Why a film was shown last, by code; the first stands for a film that never was."""
CUT_STEPS = 1000
"""Between two of its marks the slider of a cut-off moves by a thousandth."""


class HowDecided(StrEnum):
    """How it was decided what a film is; a cautious word where several hold."""

    NOBODY = "nobody"
    """Not at all. Somebody may have seen the film, for another question or without deciding."""
    REPORT = "report"
    SUSPECTED = "suspected"
    """Not at all: a rule on pixels suspects it."""
    POLICY = "policy"
    """By a rule on metadata or on copies that a person set."""
    UNSEEN = "not timed"
    """By a person of whom nobody knows that they had the film on a screen."""
    ONE_LOOK = "one look"
    TWO_LOOKS = "two looks"
    """Called bad on two items."""
    DISPUTED = "disputed"


DECISIONS = tuple(HowDecided)
"""By code."""


class FilmOrder(StrEnum):
    """In which order films are shown."""

    PROBABLE = "probable"
    """The most probable first."""
    IMPROBABLE = "improbable"
    UNSURE = "unsure"
    """The smallest gap between the two most probable labels first."""
    YOUNGEST = "youngest"
    OLDEST = "oldest"
    ARCHIVE = "archive"
    """In the order indexed."""
    SIMILAR = "similar"
    """The most like a given film first."""


@dataclass(frozen=True, eq=False)
class ArchiveColumns:
    """What is known of every film, whatever is asked about it."""

    radiograph_ids: Sequence[str]
    thumbnail_rows: NDArray[np.int64]
    width_px: NDArray[np.int32]
    height_px: NDArray[np.int32]
    ages: NDArray[np.float32]
    """Years; NaN where not known."""
    sexes: Sequence[str]
    """The words that `sex` points into; the empty one stands for not known."""
    sex: NDArray[np.int16]
    views: Sequence[str]
    view: NDArray[np.int16]

    def __len__(self) -> int:
        """Return the number of films."""
        return len(self.radiograph_ids)

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each film, by radiograph id."""
        return {film: place for place, film in enumerate(self.radiograph_ids)}


@dataclass(frozen=True, eq=False)
class TaskColumns:
    """What is known of every film for one detector task."""

    probabilities: NDArray[np.float32]
    """Shape (films, labels); NaN where there is no prediction."""
    expected: int
    """The number of the expected label."""
    decided: NDArray[np.int16]
    """The number of the label that stands, `UNDECIDED` or `CLASS_UNKNOWN`."""
    decision: NDArray[np.int16]
    """How, as a code of `DECISIONS`."""
    reason: NDArray[np.int16]
    """Why the film was shown last, as a code of `REASONS`."""
    waits: NDArray[np.bool_]
    """Whether the film waits for a look in Label Studio."""

    @cached_property
    def has_prediction(self) -> NDArray[np.bool_]:
        """Shape (films,)."""
        return np.asarray(~np.isnan(self.probabilities).any(axis=1), bool)

    @cached_property
    def predicted(self) -> NDArray[np.int16]:
        """The number of the most probable label, or `UNDECIDED`."""
        best = np.nan_to_num(self.probabilities, nan=-1.0).argmax(axis=1)
        return np.where(self.has_prediction, best, UNDECIDED).astype(np.int16)

    @cached_property
    def taken_for(self) -> NDArray[np.int16]:
        """What the film counts as now: the label that stands, else the most probable one."""
        return np.where(self.decided == UNDECIDED, self.predicted, self.decided)

    @cached_property
    def unsureness(self) -> NDArray[np.float32]:
        """1 minus the gap between the two most probable labels; NaN without a prediction."""
        two = np.sort(self.probabilities, axis=1)[:, -2:]
        return np.asarray(1 - (two[:, 1] - two[:, 0]), np.float32)

    def probability_of(self, label: int | None) -> NDArray[np.float32]:
        """Return how probable a label is of each film; None: anything but the expected label."""
        if label is None:
            return np.asarray(1 - self.probabilities[:, self.expected], np.float32)
        return self.probabilities[:, label]


@dataclass(frozen=True, slots=True)
class FilmFilter:
    """Which films are wanted; what is None does not matter."""

    label: int | None = None
    """What the film is taken for."""
    low: float | None = None
    """The least probability of that label (without one: of any but the expected label)."""
    high: float | None = None
    decision: int | None = None
    reason: int | None = None
    sex: int | None = None
    view: int | None = None
    youngest: float | None = None
    """Years."""
    oldest: float | None = None


def matching(archive: ArchiveColumns, task: TaskColumns, wanted: FilmFilter) -> Places:
    """Return the films that fit a filter, in the order of the archive.

    A film of which a number is not known fits no range of that number.
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
    # A comparison with NaN is False: what is not known lies in no range.
    at_least = True if low is None else numbers >= np.float32(low)
    at_most = True if high is None else numbers <= np.float32(high)
    known: NDArray[np.bool_] = ~np.isnan(numbers)
    return known & at_least & at_most


def ordered(places: Places, numbers: NDArray[np.float32], *, descending: bool) -> Places:
    """Return films by their numbers; those of equal numbers in the order given, unknown ones last.

    Args:
        places: of the films.
        numbers: of all films of the archive; NaN where not known.
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
    """Return films in an order that needs no other film to compare with.

    Args:
        places: of the films.
        order: any but `SIMILAR`.
        archive: what is known of all films.
        task: what is known of them for the detector task.
        label: whose probability decides; None: that of any but the expected label.
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
    """The films of a result with a prediction, and where a cut-off divides them."""

    ascending: Places
    """By their probability; films without a prediction are left out."""
    below: Sequence[int]
    """How many have a probability below 0, 1/1000 ... 1000/1000; those are the first ones."""


def cut_sides(places: Places, probability: NDArray[np.float32]) -> CutSides:
    """Return films by their probability, and how many lie below each mark of the slider.

    Args:
        places: of the films.
        probability: of all films of the archive; NaN where there is no prediction.
    """
    known = places[~np.isnan(probability[places])]
    ascending = ordered(known, probability, descending=False)
    marks = (np.arange(CUT_STEPS + 1) / CUT_STEPS).astype(np.float32)
    below = np.searchsorted(probability[ascending], marks, side="left")
    return CutSides(ascending, below.tolist())


def cosine_to(vectors: NDArray[np.float16] | NDArray[np.uint8], place: int) -> NDArray[np.float32]:
    """Return how like each film's vector is to that of one film, -1 to 1; 0 of a vector of zeros.

    Args:
        vectors: shape (films, numbers); the mean of each film's own numbers is taken away.
        place: of the film to compare with.
    """
    like = np.zeros(len(vectors), np.float32)
    wanted = _direction(vectors[place : place + 1])[0]
    for start in range(0, len(vectors), _AT_ONCE):
        like[start : start + _AT_ONCE] = _direction(vectors[start : start + _AT_ONCE]) @ wanted
    return like


_AT_ONCE = 8192
"""Films whose vectors are in memory as 32-bit numbers at a time."""


def _direction(vectors: NDArray[np.float16] | NDArray[np.uint8]) -> NDArray[np.float32]:
    centred = vectors.astype(np.float32)
    centred -= centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1), np.float32)
