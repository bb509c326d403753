"""A detector task: one question asked of every radiograph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from backend.base.core.errors import NothingPublishedError, RadsieveError, TaskDefinitionError
from backend.base.core.pixel_change import PixelChange
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
    """Nothing is learnt; the predictions of the other detector tasks are combined."""


class Augmentation(StrEnum):
    """Changes the trainer may make to an image."""

    FLIP_LEFT_RIGHT = "flip_left_right"
    SMALL_TILT = "small_tilt"
    EXPOSURE = "exposure"
    """Gain, offset and gamma: brighter stays brighter, so an inverted film stays inverted."""
    ZOOM_AND_SHIFT = "zoom_and_shift"


class Subject(IntEnum):
    """What a question is about.

    A detector learns from the films that an archive is of. So what it says of a film means little
    where an earlier one of these is not as expected: which way up a hand lies, nobody has shown to
    a detector of chests.
    """

    PART_OF_BODY = 0
    VIEW = 1
    FILM = 2
    """How the film lies, and what is on it."""


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
class TaskKind:
    """Which kind of detector answers a task, and what that kind alone has to know of the task.

    The kinds that radsieve ships with are in `backend/base/core/task_kinds.py`. A kind that has
    nothing to know of its task needs no class of its own: `TaskKind(name=..., learnt_from=...)`.
    """

    name: str
    """The file in `backend/detectors/loop/kinds` that trains and loads such detectors."""
    learnt_from: LearntFrom
    answer: AnswerKind = AnswerKind.CHOICE
    shares_network: bool = False
    """Whether its tasks are heads of one network, trained together."""

    def check(self, task: DetectorTask) -> None:
        """Raise `TaskDefinitionError` where the task does not fit the kind."""

    def nothing_published(self, task_name: str) -> RadsieveError:
        """Return the error that a task has no version in use, with what makes the first one."""
        return NothingPublishedError(
            f"{task_name} has no published model version; train one with `radsieve train "
            f"{task_name}`"
        )

    def label_changes(self) -> Mapping[str, PixelChange]:
        """Return by label the change that makes a film of it; empty where none can be made."""
        return {}

    def film_rule(self) -> FilmRule | None:
        """Return the rule that decides, or None where none does."""
        return None

    def label_of_the_rest(self) -> str | None:
        """Return the label of films unlike all that were labelled, or None."""
        return None

    def summed_tasks(self) -> tuple[DetectorTask, ...]:
        """Return the tasks whose detectors answer this one together."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTask:
    """Everything that is common to all questions; `kind` holds what one kind of detector needs."""

    name: str
    question: str
    labels: tuple[str, ...]
    expected_label: str
    """The answer for a film with nothing wrong."""
    thresholds: Thresholds
    kind: TaskKind
    report_hints: Mapping[str, str] = field(default_factory=dict)
    """Phrase in the report -> label it suggests."""
    review_only: bool = False
    """Too unsure for anything to be excluded or corrected before a person has looked."""
    subject: Subject = Subject.FILM
    """What it asks about: where a film is of another part of the body, or another view, nothing
    that later subjects suspect is chosen beforehand."""
    seen_on_thumbnail: bool = True
    """Whether a reviewer who calls a film fine by its thumbnail has answered this question."""
    others: tuple[DetectorTask, ...] = ()
    """Tasks whose problems can be named on a single film of this one; `with_others` fills it in."""
    title: str = ""
    """What the question is about, as people call it, such as `orientation`."""
    label_words: Mapping[str, str] = field(default_factory=dict)
    """Label -> what people call it; files, the API and the database keep the label itself."""
    label_signs: Mapping[str, str] = field(default_factory=dict)
    """Label -> one sign that shows it, such as an arrow to where the head points."""

    def __post_init__(self) -> None:
        self._check_labels()
        self.check_known("label_words name", {*self.label_words, *self.label_signs})
        self.check_known("report hints use", set(self.report_hints.values()))
        self.kind.check(self)

    @property
    def learnt_from(self) -> LearntFrom:
        """Where this detector's knowledge comes from."""
        return self.kind.learnt_from

    @property
    def answer(self) -> AnswerKind:
        """How a reviewer answers."""
        return self.kind.answer

    @property
    def made_by(self) -> Mapping[str, PixelChange]:
        """By label the change that makes a film of it; empty where films cannot be made so."""
        return self.kind.label_changes()

    @property
    def rule(self) -> FilmRule | None:
        """The rule that decides, or None where a detector does."""
        return self.kind.film_rule()

    @property
    def catch_all(self) -> str | None:
        """The label of films unlike all that were labelled, or None."""
        return self.kind.label_of_the_rest()

    @property
    def parts(self) -> tuple[DetectorTask, ...]:
        """The tasks that this one sums up."""
        return self.kind.summed_tasks()

    @property
    def sums_up(self) -> bool:
        """Whether it asks for anything that others ask for; see `base.core.joint_question`."""
        return self.learnt_from is LearntFrom.OTHERS

    @property
    def has_made_labels(self) -> bool:
        """Whether labels cost nothing, because films of every label can be made."""
        return bool(self.made_by)

    @property
    def shares_network(self) -> bool:
        """Whether it is one head of the network trained on made films of every label."""
        return self.kind.shares_network

    @property
    def display_name(self) -> str:
        """What people call the task; its name with spaces where its file does not say."""
        return self.title or self.name.replace("_", " ")

    @property
    def full_name(self) -> str:
        """The same, and behind it the name that commands take where that is another one."""
        told = self.title in {"", self.name}
        return self.name if told else f"{self.title} ({self.name})"

    def words(self, label: str) -> str:
        """Return what people call a label; its name with spaces where the task does not say."""
        return self.label_words.get(label) or label.replace("_", " ")

    def signed_words(self, label: str) -> str:
        """Return the same behind the sign that shows the label, where it has one."""
        return f"{self.label_signs.get(label, '')} {self.words(label)}".strip()

    def leaves_out(self, label: str | None) -> bool:
        """Whether its rule excludes films of a label though nobody looks at them."""
        if label is None or label == self.expected_label or self.rule is None:
            return False
        return self.rule.is_policy(label)

    def called(self, label: str | None) -> str:
        """Return the words of what a film is found to be.

        Of no label, or one that the task has no more, it is only known that it is not expected.
        """
        if label is None or label not in self.labels:
            return f"not {self.words(self.expected_label)}"
        return self.words(label)

    def correction(self, label: str) -> PixelChange | None:
        """Return what puts a film of this label right, or None where nothing does."""
        change = self.made_by.get(label)
        return None if change is None else change.inverse()

    def check_known(self, where: str, used: Set[str | None]) -> None:
        """Refuse labels that the task does not have.

        Raises:
            TaskDefinitionError: one of them is unknown.
        """
        unknown = used - set(self.labels)
        if unknown:
            raise TaskDefinitionError(
                f"task {self.name!r}: {where} unknown labels {sorted(map(str, unknown))}; "
                f"known labels are {list(self.labels)}"
            )

    def _check_labels(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise TaskDefinitionError(
                f"task {self.name!r}: need two or more distinct labels, got {self.labels}"
            )
        self.check_known("expected_label is", {self.expected_label})
