"""One question for all detector tasks: is anything wrong with this film?

Who calls a film fine has answered every task whose labels can be told from a thumbnail. Who does
not is asked, on a large picture, what is wrong: `TASK: LABEL`, or something else.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import LabelStudioError
from backend.base.core.task_kinds import SumOfTasks

FINE, SOMETHING_ELSE = "fine", "something else"
_BETWEEN = ": "
_MOST_OF_UNSURE = 0.5
"""The most that a detector for review only can make of a problem: enough for a suspect, not enough
to be what is predicted."""
_LEAST_SUSPECTED, _MOST_SUSPECTED = 0.05, 4
"""A suspected problem is shown to the reviewer from this probability on; at most so many are."""
_SUSPECTED_BY_RULE = 0.5
"""A rule suspects a film from this score on: below it the film lies inside the cut-off."""


@dataclass(frozen=True, slots=True)
class Named:
    """The problems that a reviewer named on a single film."""

    called: str
    """A label of the task that was asked for."""
    labels: Mapping[str, str]
    """Other detector task -> the label it has, of those that were named."""


def with_parts(task: DetectorTask, others: Iterable[DetectorTask]) -> DetectorTask:
    """Return a task that sums up with the tasks that it is made of; any other task as it is."""
    if not isinstance(task.kind, SumOfTasks):
        return task
    parts = [one for one in others if one.answer is AnswerKind.CHOICE and not one.sums_up]
    return replace(task, kind=SumOfTasks(parts=tuple(parts)))


def with_others(task: DetectorTask, known: Iterable[DetectorTask]) -> DetectorTask:
    """Return a task with those whose problems can be named beside its own.

    These are the other tasks that are answered by a choice, but for rules that only state a policy,
    and the one that sums up. A task that sums up knows them as its parts; on a film with boxes
    nothing else is asked.
    """
    if task.sums_up or task.answer is not AnswerKind.CHOICE:
        return task
    others = [
        other
        for other in known
        if other.name != task.name
        and other.answer is AnswerKind.CHOICE
        and (other.rule is None or other.rule.suspects)
    ]
    return replace(task, others=tuple(others))


def detectors_of(task: DetectorTask) -> tuple[DetectorTask, ...]:
    """Return the parts that a detector answers: those that are no rules."""
    return tuple(part for part in task.parts if part.learnt_from is not LearntFrom.RULE)


def suspecting_rules(task: DetectorTask) -> tuple[DetectorTask, ...]:
    """Return the parts that a rule decides and whose rule makes suspects for people to look at."""
    return tuple(part for part in rules_of(task) if part.rule and part.rule.suspects)


def nameable_parts(task: DetectorTask) -> tuple[DetectorTask, ...]:
    """Return the parts that a reviewer can name as wrong with a film."""
    return (*detectors_of(task), *suspecting_rules(task))


def rules_of(task: DetectorTask) -> tuple[DetectorTask, ...]:
    """Return the parts that a rule decides."""
    return tuple(part for part in task.parts if part.learnt_from is LearntFrom.RULE)


def covered_by(task: DetectorTask, in_use: Collection[str]) -> dict[str, str]:
    """Return the expected label of every part in use that can be answered from a thumbnail."""
    return {
        part.name: part.expected_label
        for part in detectors_of(task)
        if part.seen_on_thumbnail and part.name in in_use
    }


def problem_name(task: DetectorTask, label: str) -> str:
    """Return how a label that is not the expected one is named on a single film."""
    return f"{task.name}{_BETWEEN}{label}"


def nameable(task: DetectorTask) -> tuple[DetectorTask, ...]:
    """Return the tasks whose problems can be named on a single film, the asked one first."""
    if task.sums_up:
        return nameable_parts(task)
    return (task, *(other for other in task.others if not other.sums_up))


def nameable_problems(task: DetectorTask) -> list[tuple[DetectorTask, str]]:
    """Return what can be named as wrong on a single film: a task and one of its labels each.

    What a policy decides is not for a reviewer to say.
    """
    return [
        (part, label)
        for part in nameable(task)
        for label in part.labels
        if label != part.expected_label and not (part.rule and part.rule.is_policy(label))
    ]


def single_choices(task: DetectorTask) -> tuple[str, ...]:
    """Return what can be answered on a single film: fine, or what is wrong with it."""
    if task.answer is AnswerKind.BOX:
        return task.labels
    named = [problem_name(part, label) for part, label in nameable_problems(task)]
    return (FINE, *named, SOMETHING_ELSE)


def read_named(chosen: Collection[str], task: DetectorTask) -> Named:
    """Parse the choices that a reviewer made on a single film.

    The asked task has the label that was named for it, else its expected one. Something else is a
    problem of the task that sums up, which an item of another task names beside its own.

    Raises:
        LabelStudioError: nothing was chosen, or what cannot be true together.
    """
    if set(chosen) == {FINE}:
        return Named(task.expected_label, {})
    pairs = [choice.split(_BETWEEN, 1) for choice in chosen if choice != SOMETHING_ELSE]
    labels = {pair[0]: pair[-1] for pair in pairs}
    offered = set(single_choices(task)) - {FINE}
    if not chosen or not set(chosen) <= offered or len(labels) != len(pairs):
        raise LabelStudioError(
            f"expected {FINE!r} alone, or what is wrong with at most one label of each detector "
            f"task, got {sorted(chosen)}; open the item in Label Studio, choose again and submit"
        )
    if task.sums_up:
        return Named(_problem(task), labels)
    called = labels.pop(task.name, task.expected_label)
    if SOMETHING_ELSE in chosen:
        labels |= {other.name: _problem(other) for other in task.others if other.sums_up}
    return Named(called, labels)


def joint_version(versions: Mapping[str, str]) -> str:
    """Return the version name of the combined predictions of several model versions.

    >>> joint_version({"a": "1", "b": "2"}) == joint_version({"b": "2", "a": "1"})
    True
    """
    content = json.dumps(sorted(versions.items()))
    return f"joint-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def joint_probabilities(
    task: DetectorTask,
    said: Sequence[tuple[DetectorTask, NDArray[np.float32]]],
    ruled_bad: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return how probable each film is to be fine, and to have a problem; shape (films, 2).

    A film's problem is as probable as that of the part that is surest of one.

    Args:
        task: the task that sums up.
        said: by part, probabilities of shape (films, its labels); NaN where it says nothing.
        ruled_bad: shape (films,), whether a rule calls the film bad.
    """
    worst: NDArray[np.float32] = np.full(len(ruled_bad), np.nan, np.float32)
    for part, probabilities in said:
        bad = 1 - probabilities[:, part.labels.index(part.expected_label)]
        bad = np.minimum(bad, _MOST_OF_UNSURE) if part.review_only else bad
        worst = np.fmax(worst, bad)
    worst[ruled_bad] = 1.0
    both = {task.expected_label: 1 - worst, _problem(task): worst}
    return np.stack([both[label] for label in task.labels], axis=1)


def is_suspected(part: DetectorTask, probability: float) -> bool:
    """Whether a task's detector or rule suspects a problem that it gives such a probability.

    Of a rule it is a score, see `labels.core.suspicion`.
    """
    return probability >= (_SUSPECTED_BY_RULE if part.rule else _LEAST_SUSPECTED)


def suspected_problems(
    said: Sequence[tuple[DetectorTask, NDArray[np.float32]]], place: int
) -> dict[str, float]:
    """Return what detectors suspect of one film: `TASK: LABEL` -> probability, likeliest first.

    Args:
        said: by detector task, probabilities of shape (films, its labels); NaN where it says
            nothing.
        place: of the film.
    """
    found = {
        problem_name(part, label): float(probability)
        for part, probabilities in said
        for label, probability in zip(part.labels, probabilities[place], strict=True)
        if label != part.expected_label and is_suspected(part, float(probability))
    }
    likeliest = sorted(found, key=found.__getitem__, reverse=True)
    return {name: found[name] for name in likeliest[:_MOST_SUSPECTED]}


def _problem(task: DetectorTask) -> str:
    (problem,) = (label for label in task.labels if label != task.expected_label)
    return problem
