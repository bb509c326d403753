"""`radsieve status`: where things stand."""

from collections.abc import Mapping
from typing import Any

from backend.base.adapters.workspace import Workspace
from backend.service.loop.status import status
from scripts._command import Outcome, workspace_command
from scripts._review_lines import review_lines
from tasks import load_detector_tasks


@workspace_command
def COMMAND(workspace: Workspace) -> Outcome:
    """Show counts of films, labels, items and jobs, and the versions in use."""
    facts = status(workspace, load_detector_tasks())
    return Outcome("\n".join(_lines(facts)), facts)


def _lines(facts: Mapping[str, Any]) -> list[str]:
    known_by = ", ".join(f"{count} by {how}" for how, count in facts["patients_known_by"].items())
    lines = [
        f"workspace   {facts['workspace']}",
        f"films       {facts['films']}, and {facts['unreadable_files']} files that cannot be read",
        f"patients    {facts['patients']} ({known_by or 'none'}), "
        f"{facts['sealed_patients']} of them sealed",
        f"jobs        {facts['jobs_waiting']} waiting",
    ]
    for name, task in facts["tasks"].items():
        lines += ["", *_task_lines(name, task)]
    return lines


def _task_lines(name: str, task: Mapping[str, Any]) -> list[str]:
    def counted(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{count} {what}" for what, count in counts.items()) or "none"

    return [
        f"{name}: {task['model_version'] or 'nothing published yet'}, version "
        f"{task['versions']}, {task['predicted_films']} films predicted",
        f"  labels    {counted(task['labels_by_source'])}",
        f"  verdicts  {counted(task['verdicts'])}, {task['undecided']} undecided",
        f"  items     {task['items_waiting']} wait for a reviewer",
        *(review_lines(task["review"]) if task["review"] else ()),
        *(_rule_line(rule) for rule in task["report_rules"]),
    ]


def _rule_line(rule: Mapping[str, Any]) -> str:
    fair = rule["precision"]
    measured = (
        f"right {rule['right']} of {rule['drawn']} drawn at random (95 % {fair['low']:.2f} to "
        f"{fair['high']:.2f})"
        if rule["drawn"]
        else "not measured yet"
    )
    others = rule["other_looks"]
    also = f", {rule['other_right']} of {others} picked for a reason" if others else ""
    down = "; TURNED DOWN" if rule["turned_down"] else ""
    says = f"{rule['rule']} says {rule['label']} of {rule['films']} films"
    return f"  reports   {says}: {measured}{also}{down}"
