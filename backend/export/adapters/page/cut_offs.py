"""Where rules begin to suspect films, and what has set that, as the archive report shows it."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.export.adapters.page.words import Table
from backend.export.core.report import TaskReport
from backend.labels.core.cut_off_in_force import cut_offs_sentence

_HEADS = ("Check", "Suspects films with", "Cut-off", "Suspected", "Why it lies there")


@dataclass(frozen=True, slots=True)
class RuleCutOffs:
    """The cut-offs of one rule."""

    name: str
    sentence: str
    table: Table


def rule_cut_offs_of(tasks: Iterable[TaskReport]) -> list[RuleCutOffs]:
    """Return the cut-offs of every rule that suspects films."""
    return [_of_rule(task) for task in tasks if task.cut_offs]


def _of_rule(task: TaskReport) -> RuleCutOffs:
    in_force = [one.in_force for one in task.cut_offs]
    called = {one.in_force.label: one.called for one in task.cut_offs}
    rows = [
        (
            one.called,
            one.in_force.where,
            one.in_force.set_by,
            f"{one.in_force.suspects:,}",
            one.in_force.explanation,
        )
        for one in task.cut_offs
    ]
    caption = f"Cut-offs of {task.called}, and films that each check suspected when it was applied"
    return RuleCutOffs(
        task.called, cut_offs_sentence(in_force, called), Table(caption, _HEADS, rows)
    )
