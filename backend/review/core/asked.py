"""What an item asks of its films, in words: what fine means, what is not fine, what is not asked.

A sheet, a single film and the documents say the same. Who calls a film fine has answered what is
asked, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.joint_question import nameable


@dataclass(frozen=True, slots=True)
class Asked:
    """What an item asks, in sentences."""

    short: str
    """What fine means, and what is not asked, in one line."""
    details: Sequence[str]
    """Every label that is not fine, of what is asked and of what is not, for the help."""


def what_is_asked(task: DetectorTask, covered: Mapping[str, str] | None) -> Asked:
    """Return what an item asks.

    Args:
        task: the detector task of the item.
        covered: by detector task, the label that a fine film gets, where the item asks for several;
            empty or None: it asks for its own task alone.
    """
    if task.answer is not AnswerKind.CHOICE:
        return Asked("", ())
    fine = dict(covered or {}) or ({} if task.sums_up else {task.name: task.expected_label})
    parts = nameable(task)
    asked = [part for part in parts if part.name in fine]
    others = [part for part in parts if part.name not in fine]
    means = ", ".join(part.words(fine[part.name]) for part in asked)
    short = [f"Fine means: {means}; disease does not matter."] if means else []
    if others:
        short.append(f"Not asked: {_titles(others)}.")
    return Asked(" ".join(short), tuple(_details(asked, others, fine)))


def _details(
    asked: Sequence[DetectorTask], others: Sequence[DetectorTask], fine: Mapping[str, str]
) -> Iterator[str]:
    if asked:
        problems = "; ".join(_problems(part, fine[part.name]) for part in asked)
        yield f"Not fine are: {problems}."
    if others:
        problems = "; ".join(_problems(part, part.expected_label) for part in others)
        yield (
            f"Not asked: {problems}. A film that you leave says nothing about these. One that does "
            "not belong in your archive may be flagged all the same: what is wrong is named on the "
            "large picture."
        )


def _problems(part: DetectorTask, fine: str) -> str:
    """Return a task with all its labels but the fine one; what a policy decides is nobody's say."""
    bad = (
        label
        for label in part.labels
        if label != fine and not (part.rule and part.rule.is_policy(label))
    )
    return f"{part.display_name} ({', '.join(part.words(label) for label in bad)})"


def _titles(parts: Sequence[DetectorTask]) -> str:
    return ", ".join(part.display_name for part in parts)
