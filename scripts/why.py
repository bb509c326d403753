"""`radsieve why`: the history of one film."""

from collections.abc import Mapping
from typing import Any

import click

from backend.base.adapters.workspace import Workspace
from backend.service.loop.why import why
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.argument("film", metavar="ID_OR_PATH")
@workspace_command
def COMMAND(workspace: Workspace, film: str) -> Outcome:
    """Show what was read, done, predicted, shown and decided about one film, and why."""
    facts = why(workspace, load_detector_tasks(), film)
    return Outcome("\n".join(_lines(facts)), facts)


def _lines(facts: Mapping[str, Any]) -> list[str]:
    width, height = facts["size_px"]
    lines = [f"film {facts['radiograph_id']}, {width} x {height} px"]
    lines += [f"  file: {path}" for path in facts["files"]]
    lines += [f"  when read: {step}" for step in facts["normalisation"]]
    sealed = "sealed, never trained on" if facts["sealed"] else "may be trained on"
    lines.append(f"  patient known by {facts['patient_known_by']}; {sealed}")
    for name, task in facts["tasks"].items():
        lines += _task_lines(name, task)
    lines += [
        f"  shown in batch {shown['batch_id']} for {shown['detector_task']} "
        f"({shown['created_at'][:16]}): {shown['slice']}, {shown['reason']}"
        for shown in facts["shown"]
    ]
    lines += ["history, by row of the ledger:"]
    lines += [_history_line(told) for told in facts["history"]]
    return lines


def _history_line(told: Mapping[str, Any]) -> str:
    task = f"{told['detector_task']}: " if told["detector_task"] else ""
    return f"  {told['row']:>5}  {told['at'][:16]}  {task}{told['text']}"


def _task_lines(name: str, task: Mapping[str, Any]) -> list[str]:
    lines = [f"{name}: {task['verdict'] or 'no label yet'}"]
    for prediction in task["predictions"]:
        shares = ", ".join(f"{label} {p:.4f}" for label, p in prediction["probabilities"].items())
        lines.append(f"  {prediction['model_version']} predicts {shares}")
    if task.get("tag"):
        lines.append(f"  {task['tag']}")
    for label in task["labels"]:
        said = f"not {label['label']}" if label["denied"] else label["label"]
        who = f" by {label['reviewer']}" if label["reviewer"] else ""
        gone = f", withdrawn {label['withdrawn_at'][:16]}" if label["withdrawn_at"] else ""
        lines.append(f"  {label['source']}{who} at {label['answered_at'][:16]}: {said}{gone}")
    return lines
