"""The kinds of detector that radsieve ships with, as a task file names them.

`name` is the file in `backend/detectors/loop/kinds` that trains and loads the kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.base.core.detector_task import (
    AnswerKind,
    Augmentation,
    DetectorTask,
    Drawer,
    LearntFrom,
    TaskKind,
)
from backend.base.core.errors import NothingPublishedError, RadsieveError, TaskDefinitionError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.base.core.rule import FilmRule


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLabels(TaskKind):
    """A head of the network that is trained on films made into every label.

    `made_by` says how a film of each label is made out of a film of the expected label; the inverse
    is the film's correction.
    """

    name: str = field(default="made_head", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.MADE_FILMS, init=False)
    shares_network: bool = field(default=True, init=False)
    made_by: Mapping[str, PixelChange]
    label_safe: frozenset[Augmentation]
    """The only changes of a film, made while training, that leave its label true."""

    def check(self, task: DetectorTask) -> None:
        """Refuse changes that do not make exactly the task's labels."""
        check_made_by(task, self.made_by)

    def label_changes(self) -> Mapping[str, PixelChange]:
        """Return by label the change that makes a film of it."""
        return self.made_by


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSelf(TaskKind):
    """A head that compares a film with its changed self, such as its mirror image.

    For two labels, each made of the other by the same change, that are too fine for the network
    that made detectors share.
    """

    name: str = field(default="pair", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.MADE_FILMS, init=False)
    made_by: Mapping[str, PixelChange]

    def check(self, task: DetectorTask) -> None:
        """Refuse changes that do not make exactly two labels, or do not undo themselves."""
        check_made_by(task, self.made_by)
        changes = list(self.made_by.values())
        if len(changes) != 2 or any(change != change.inverse() for change in changes):
            raise TaskDefinitionError(
                f"task {task.name!r}: a film is compared with its changed self where there are two "
                "labels and a change that undoes itself"
            )

    def label_changes(self) -> Mapping[str, PixelChange]:
        """Return by label the change that makes a film of it."""
        return self.made_by


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntFromAnswers(TaskKind):
    """A head on frozen features that learns from answers of reviewers, reports or a table."""

    name: str = field(default="answer_head", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.ANSWERS, init=False)
    catch_all: str | None = None
    """The label of films that fit no other label. A film unlike all labelled ones gets it, so that
    it is reviewed instead of passing as something known."""
    drawn_by: Drawer | None = None
    """Draws the object in question anywhere on a film, for objects too small for the shared
    features. Place heads learn from drawings where it is; the linear head learns from answers."""

    def check(self, task: DetectorTask) -> None:
        """Refuse a label of the rest that the task does not have."""
        task.check_known("catch_all is", {self.catch_all} - {None})

    def label_of_the_rest(self) -> str | None:
        """Return the label of films unlike all that were labelled, or None."""
        return self.catch_all


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBoxes(TaskKind):
    """Heads that draw one box for each label, learnt from boxes that reviewers drew."""

    name: str = field(default="box", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.ANSWERS, init=False)
    answer: AnswerKind = field(default=AnswerKind.BOX, init=False)
    label_safe: frozenset[Augmentation] = frozenset()
    """The only changes of a film, made while training, that leave its boxes true."""
    mirrored_label: Mapping[str, str] = field(default_factory=dict)
    """What a box is called once the film is mirrored, where that is another label."""

    def check(self, task: DetectorTask) -> None:
        """Refuse labels of mirrored boxes that the task does not have."""
        renamed = set(self.mirrored_label) | set(self.mirrored_label.values())
        task.check_known("mirrored_label has", renamed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedByRule(TaskKind):
    """A rule on the metadata or on what was measured; nothing is learnt."""

    name: str = field(default="rule", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.RULE, init=False)
    rule: FilmRule

    def film_rule(self) -> FilmRule:
        """Return the rule that decides."""
        return self.rule

    def nothing_published(self, task_name: str) -> RadsieveError:
        """Return the error that the rule was not applied yet, or has policies only."""
        if self.rule.suspects:
            return NothingPublishedError(
                f"{task_name} has not been applied yet; run `radsieve rules {task_name}`"
            )
        return TaskDefinitionError(
            f"{task_name} is decided by a rule, so there is nothing to rank or to review; apply it "
            f"with `radsieve rules {task_name}`, and read the result with `radsieve export`"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SumOfTasks(TaskKind):
    """What the published detectors of other tasks predict together; nothing is learnt."""

    name: str = field(default="joint_sum", init=False)
    learnt_from: LearntFrom = field(default=LearntFrom.OTHERS, init=False)
    parts: tuple[DetectorTask, ...] = ()
    """The other tasks; filled in when all tasks are known."""

    def check(self, task: DetectorTask) -> None:
        """Refuse more labels than fine and not fine, and boxes."""
        if len(task.labels) != 2 or self.answer is not AnswerKind.CHOICE:
            raise TaskDefinitionError(
                f"task {task.name!r}: a task that sums up the others has two labels to choose from "
                "and no boxes"
            )

    def summed_tasks(self) -> tuple[DetectorTask, ...]:
        """Return the tasks whose detectors answer this one together."""
        return self.parts


def check_made_by(task: DetectorTask, made_by: Mapping[str, PixelChange]) -> None:
    """Refuse changes that do not make exactly the task's labels.

    Raises:
        TaskDefinitionError: a label is missing or unknown, or the expected one is made by a change.
    """
    task.check_known("made_by has", set(made_by))
    if set(made_by) != set(task.labels):
        raise TaskDefinitionError(
            f"task {task.name!r}: made_by must have every label, got {sorted(made_by)}"
        )
    if made_by[task.expected_label] != UNCHANGED:
        raise TaskDefinitionError(
            f"task {task.name!r}: a film of the expected label {task.expected_label!r} is made by "
            "changing nothing; give it PixelChange()"
        )


def made_labels(task: DetectorTask) -> MadeLabels:
    """Return how the labels of a task are made.

    Raises:
        TaskDefinitionError: it is no head of the network of made films.
    """
    if not isinstance(task.kind, MadeLabels):
        raise TaskDefinitionError(
            f"{task.name!r} is no head of the network of made films, which learns only tasks whose "
            "labels can be made (kind=MadeLabels(...) in the task's file)"
        )
    return task.kind


def answer_kind(task: DetectorTask) -> LearntFromAnswers:
    """Return what a head that learns from answers needs to know of its task.

    Raises:
        TaskDefinitionError: its detector is of another kind.
    """
    if not isinstance(task.kind, LearntFromAnswers):
        raise TaskDefinitionError(f"{task.name!r} is no task of a head that learns from answers")
    return task.kind


def drawn_boxes(task: DetectorTask) -> DrawnBoxes:
    """Return what box heads need to know of their task.

    Raises:
        TaskDefinitionError: its answer is no box.
    """
    if not isinstance(task.kind, DrawnBoxes):
        raise TaskDefinitionError(f"{task.name!r} is no task whose answer is a box")
    return task.kind
