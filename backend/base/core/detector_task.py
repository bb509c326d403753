"""A detector task: one question asked of every radiograph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from backend.base.core.errors import TaskDefinitionError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.base.core.rule import FilmRule

Image = NDArray[np.float32]
"""Grey radiograph, shape (height, width), values 0.0 (black) to 1.0 (white)."""
Drawer = Callable[[Image, np.random.Generator], tuple[Image, Image]]
"""Returns a film with something drawn on it, and for every pixel how much of it, 0.0 to 1.0."""


class AnswerKind(StrEnum):
    """How a reviewer answers."""

    CHOICE = "choice"
    BOX = "box"


class LearntFrom(StrEnum):
    """Where a detector's knowledge comes from."""

    MADE_FILMS = "made films"
    """Films of every label are made from the archive's own films."""
    ANSWERS = "answers"
    """Labels of reviewers, of reports or of a CSV."""
    RULE = "rule"
    """Nothing is learnt; a rule decides."""
    OTHERS = "other detectors"
    """Nothing is learnt; it is answered by what the other detector tasks say together."""


class Augmentation(StrEnum):
    """Changes the trainer may make to an image."""

    FLIP_LEFT_RIGHT = "flip_left_right"
    SMALL_TILT = "small_tilt"
    EXPOSURE = "exposure"
    """Gain, offset and gamma: brighter stays brighter, so an inverted film stays inverted."""
    ZOOM_AND_SHIFT = "zoom_and_shift"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities, 0 to 1, that decide what happens to a prediction."""

    review_below: float
    """The predicted label is less probable than this: a suspect, shown pre-ticked."""
    accept_at: float
    """At least this probable: may skip review."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.review_below <= self.accept_at <= 1.0:
            raise TaskDefinitionError(
                "thresholds must satisfy 0 <= review_below <= accept_at <= 1, got "
                f"review_below={self.review_below}, accept_at={self.accept_at}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTask:
    """Everything the loop needs to know about one question.

    `made_by` says how a film of each label is made out of a film of the expected label; the
    inverse is the film's correction. It stays empty for findings that cannot be made this way: then
    a `rule` decides, or the detector learns from answers. `label_safe` lists the only augmentations
    that leave the label true.
    """

    name: str
    question: str
    labels: tuple[str, ...]
    expected_label: str
    """The answer for a film with nothing wrong."""
    thresholds: Thresholds
    label_safe: frozenset[Augmentation]
    answer: AnswerKind = AnswerKind.CHOICE
    made_by: Mapping[str, PixelChange] = field(default_factory=dict)
    report_hints: Mapping[str, str] = field(default_factory=dict)
    """Phrase in the report -> label it suggests."""
    rule: FilmRule | None = None
    catch_all: str | None = None
    """The label of whatever is none of the others. A film unlike all that were labelled gets it, so
    that what was never seen in training is looked at instead of passing as something known."""
    mirrored_label: Mapping[str, str] = field(default_factory=dict)
    """What a box is called once the film is mirrored, where that is another label."""
    told_by_change: bool = False
    """Told by comparing a film with its changed self: for two labels, each made of the other by the
    same change, that are too fine for the network that made detectors share."""
    drawn_by: Drawer | None = None
    """Draws what is asked for anywhere on a film: for what is too small for the features that
    detectors share. Drawings teach a network where to look, answers which films count."""
    review_only: bool = False
    """Too unsure for anything to be excluded or corrected before a person has looked."""
    seen_on_thumbnail: bool = True
    """Whether somebody who calls the thumbnail of a film fine has answered this question, too."""
    sums_up: bool = False
    """Asks for anything that any other detector task asks for; see `base.core.joint_question`."""
    parts: tuple[DetectorTask, ...] = ()
    """What a task that sums up consists of; filled in when all tasks are known."""

    def __post_init__(self) -> None:
        self._check_labels()
        self._check_known("report hints use", set(self.report_hints.values()))
        self._check_known("catch_all is", {self.catch_all} - {None})
        renamed = set(self.mirrored_label) | set(self.mirrored_label.values())
        self._check_known("mirrored_label has", renamed)
        if self.made_by:
            self._check_made_by()
        if self.told_by_change:
            self._check_change()
        if self.sums_up:
            self._check_sums_up()

    @property
    def learnt_from(self) -> LearntFrom:
        """Where this detector's knowledge comes from."""
        if self.sums_up:
            return LearntFrom.OTHERS
        if self.made_by:
            return LearntFrom.MADE_FILMS
        return LearntFrom.RULE if self.rule else LearntFrom.ANSWERS

    @property
    def has_made_labels(self) -> bool:
        """Whether labels cost nothing, because films of every label can be made."""
        return bool(self.made_by)

    @property
    def shares_network(self) -> bool:
        """Whether it is one head of the network trained on made films of every label."""
        return self.has_made_labels and not self.told_by_change

    def correction(self, label: str) -> PixelChange | None:
        """Return what puts a film of this label right, or None where nothing does."""
        change = self.made_by.get(label)
        return None if change is None else change.inverse()

    def _check_labels(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise TaskDefinitionError(
                f"task {self.name!r}: need two or more distinct labels, got {self.labels}"
            )
        self._check_known("expected_label is", {self.expected_label})

    def _check_made_by(self) -> None:
        self._check_known("made_by has", set(self.made_by))
        if self.rule:
            raise TaskDefinitionError(
                f"task {self.name!r}: give made_by or rule, not both; a detector has one teacher"
            )
        if set(self.made_by) != set(self.labels):
            raise TaskDefinitionError(
                f"task {self.name!r}: made_by must have every label or none, "
                f"got {sorted(self.made_by)}"
            )
        if self.made_by[self.expected_label] != UNCHANGED:
            raise TaskDefinitionError(
                f"task {self.name!r}: a film of the expected label {self.expected_label!r} is made "
                "by changing nothing; give it PixelChange()"
            )

    def _check_change(self) -> None:
        changes = [self.made_by.get(label, UNCHANGED) for label in self.labels]
        if len(changes) != 2 or any(change != change.inverse() for change in changes):
            raise TaskDefinitionError(
                f"task {self.name!r}: told_by_change needs made_by with two labels and a change "
                "that undoes itself"
            )

    def _check_sums_up(self) -> None:
        teaches = self.made_by or self.rule or self.answer is AnswerKind.BOX
        if teaches or len(self.labels) != 2:
            raise TaskDefinitionError(
                f"task {self.name!r}: a task that sums up the others has two labels to choose from "
                "and no made_by, rule or boxes of its own"
            )

    def _check_known(self, where: str, used: Set[str | None]) -> None:
        unknown = used - set(self.labels)
        if unknown:
            raise TaskDefinitionError(
                f"task {self.name!r}: {where} unknown labels {sorted(map(str, unknown))}; "
                f"known labels are {list(self.labels)}"
            )
