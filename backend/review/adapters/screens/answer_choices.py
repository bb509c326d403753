"""What can be chosen on a single film, as Label Studio's dynamic choices read it.

What detectors suspect comes first, with its probability; then the asked task's own problems, fine
and something else. The rest is behind `more`, a choice whose tick unfolds it and says nothing.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import (
    FINE,
    SOMETHING_ELSE,
    is_suspected,
    nameable_problems,
    problem_name,
    read_named,
)
from backend.review.adapters.label_studio.shapes import Result, ResultRegion, chosen
from backend.review.core.pre_chosen import pre_chosen

ANSWER_CONTROL = "answer"
CHOICES_FIELD = "choices"
MORE = "more"

_FIXED = 2
"""Fine and something else stand on every screen; where they are all there is, nothing is folded."""
_OWN_KEYS = {FINE: "f", SOMETHING_ELSE: "e", MORE: "m"}
# Not h, v, b: these choose Label Studio's tools for pictures.
_KEYS = "123456789qwrtyuiopasdgjklzxcn"
# A key nobody types: without one, Label Studio chooses a key itself.
_NEVER_TYPED = "f19"


@dataclass(frozen=True, slots=True)
class _Problem:
    """A label of a detector task that can be named as wrong with a film."""

    task: DetectorTask
    label: str

    @property
    def name(self) -> str:
        return problem_name(self.task, self.label)


def answer_choices(task: DetectorTask, probable: Mapping[str, float]) -> list[dict[str, str]]:
    """Return the choices of a single film, in the order shown.

    Args:
        task: the detector task that is asked for.
        probable: how probable each problem is (`joint_question.problem_name`), and `FINE`.
    """
    suspects, own, rest = _in_order(task, probable)
    first = [(each.name, _problem_html(each, probable)) for each in (*suspects, *own)]
    first += [(FINE, _fine_html(task, probable)), (SOMETHING_ELSE, "something else")]
    folded = [(each.name, f'<span class="rest">{_words_html(each)}</span>') for each in rest]
    if folded and len(first) > _FIXED:
        first.append((MORE, f'<span class="more">more ({len(folded)})</span>'))
    shown = [*first, *folded]
    free = chain(_KEYS, repeat(_NEVER_TYPED))
    return [
        {"value": name, "hotkey": _OWN_KEYS.get(name) or next(free), "html": words}
        for name, words in shown
    ]


def probable_problems(task: DetectorTask, probabilities: Mapping[str, float]) -> dict[str, float]:
    """Return the probabilities of a task's labels by the names of the choices; empty without any.

    Of a task that sums up only that of being fine: its detectors say what they suspect.
    """
    if not any(probabilities.values()):
        return {}
    fine = {FINE: probabilities[task.expected_label]}
    if task.sums_up:
        return fine
    labels = (label for label in task.labels if label != task.expected_label)
    return fine | {problem_name(task, label): probabilities[label] for label in labels}


def chosen_by_detectors(task: DetectorTask, probable: Mapping[str, float]) -> Result:
    """Return a prediction's `result`: what is chosen beforehand, see `pre_chosen`."""
    chosen_before = pre_chosen(task, probable)
    if not chosen_before:
        return ()
    score = probable[FINE] if chosen_before == (FINE,) else None
    return (ResultRegion(ANSWER_CONTROL, "radiograph", chosen_before, score=score),)


def picked(result: Result) -> frozenset[str]:
    """Return what is chosen on a single film, without `more`, which says nothing.

    Raises:
        LabelStudioError: a region is broken.
    """
    return chosen(result, ANSWER_CONTROL) - {MORE}


def is_new_answer(result: Result) -> bool:
    """Whether an answer was given on the screen that all tasks share."""
    return any(region.control == ANSWER_CONTROL for region in result)


def is_contradictory(task: DetectorTask, result: Result) -> bool:
    """Whether what was chosen on a single film cannot be true together, or is nothing at all."""
    if not is_new_answer(result):
        return False
    try:
        read_named(picked(result), task)
    except LabelStudioError:
        return True
    return False


def _in_order(
    task: DetectorTask, probable: Mapping[str, float]
) -> tuple[Sequence[_Problem], Sequence[_Problem], Sequence[_Problem]]:
    """Return the suspects, likeliest first, the other problems of the task itself, and the rest."""
    problems = [_Problem(part, label) for part, label in nameable_problems(task)]
    suspects = [each for each in problems if is_suspected(each.task, probable.get(each.name, 0.0))]
    suspects.sort(key=lambda each: -probable[each.name])
    left = [each for each in problems if each not in suspects]
    own = [each for each in left if each.task.name == task.name]
    return suspects, own, [each for each in left if each.task.name != task.name]


def _problem_html(problem: _Problem, probable: Mapping[str, float]) -> str:
    sure = probable.get(problem.name)
    if problem.task.rule is None:
        return f"<span>{_words_html(problem)}</span> {_sure_html(sure)}"
    # A rule gives a score and no probability.
    suspected = sure is not None and is_suspected(problem.task, sure)
    words = '<span class="p">suspected</span>' if suspected else ""
    return f"<span>{_words_html(problem)}</span> {words}"


def _words_html(problem: _Problem) -> str:
    return html.escape(problem.task.signed_words(problem.label))


def _fine_html(task: DetectorTask, probable: Mapping[str, float]) -> str:
    sure = None if task.rule else probable.get(FINE)
    words = FINE if task.sums_up else f"{FINE}: {task.signed_words(task.expected_label)}"
    return f"<span>{html.escape(words)}</span> {_sure_html(sure)}"


def _sure_html(probability: float | None) -> str:
    return "" if probability is None else f'<span class="p">{percent_html(probability)}</span>'


def percent_html(probability: float) -> str:
    """Return a probability in words that never claim certainty, as HTML.

    >>> [percent_html(each) for each in (0.0, 0.004, 0.62, 0.997)]
    ['0 %', '&lt;1 %', '62 %', '&gt;99 %']
    """
    if 0.0 < probability < 0.01:
        return "&lt;1 %"
    if 0.99 < probability < 1.0:
        return "&gt;99 %"
    return f"{100 * probability:.0f} %"
