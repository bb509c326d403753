"""What is chosen on a film before anybody has looked, on sheets and on single films alike.

A suspicion is chosen only where all that is said of the film holds together; what is not chosen is
still shown.
"""

from collections.abc import Iterator, Mapping

from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import FINE, nameable_problems, problem_name

CHOSEN_FROM = 0.5
"""A problem is chosen where it is at least so probable."""


def is_doubted(task: DetectorTask, probability: float) -> bool:
    """Whether a film is less probable than `review_below` to be what it is said to be.

    Then it is ticked on a sheet. A rule gives no probability, and most films that it suspects are
    good: it doubts none.

    Args:
        task: the detector task.
        probability: of the label that the film is said to have; NaN is no doubt.
    """
    return task.rule is None and probability < task.thresholds.review_below


def pre_chosen(task: DetectorTask, probable: Mapping[str, float]) -> tuple[str, ...]:
    """Return what is chosen on a single film beforehand: problems, fine, or nothing.

    - Where the film is not doubted as fine, a sheet would not tick it, and no problem is chosen.
    - Of each task at most the likeliest problem is chosen, and only one that is more probable than
      not. A rule gives no probability, and a detector for review only chooses on films of its own
      task alone.
    - A film of another part of the body is not judged by its view, nor one of another view by how
      it lies: the detectors have learnt that from other films (`Subject`).
    - Fine is chosen where it is not doubted, but not for a task that sums up: somebody has flagged
      the film, and what they saw is theirs to name.

    Args:
        task: the detector task that is asked for.
        probable: how probable each problem is (`joint_question.problem_name`), and `FINE`.
    """
    fine = probable.get(FINE)
    if fine is not None and not is_doubted(task, fine):
        return () if task.sums_up or task.rule else (FINE,)
    likely = list(_likeliest(task, probable))
    first = min((part.subject for part, _ in likely), default=None)
    chosen = [name for part, name in likely if part.subject is first]
    return tuple(sorted(chosen, key=lambda name: -probable[name]))


def _likeliest(
    task: DetectorTask, probable: Mapping[str, float]
) -> Iterator[tuple[DetectorTask, str]]:
    """Yield tasks whose detectors may choose, each with its likeliest problem."""
    by_task: dict[str, tuple[DetectorTask, list[str]]] = {}
    for part, label in nameable_problems(task):
        may_choose = part.rule is None and not (part.review_only and part.name != task.name)
        name = problem_name(part, label)
        if may_choose and probable.get(name, 0.0) >= CHOSEN_FROM:
            by_task.setdefault(part.name, (part, []))[1].append(name)
    for part, names in by_task.values():
        yield part, max(names, key=probable.__getitem__)
