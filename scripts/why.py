"""`radsieve why`: show the history of one film."""

from collections.abc import Mapping
from typing import Any

import click

from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_store import LabelRecord
from backend.service.loop.why import FilmHistory, FilmTask, why
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.argument("film", metavar="ID_OR_PATH")
@workspace_command
def COMMAND(workspace: Workspace, film: str) -> Outcome:
    """Show how one film was read, predicted, shown and decided, and why."""
    known = why(workspace, load_detector_tasks(), film)
    return Outcome("\n".join(_lines(known)), known.as_json())


def _lines(film: FilmHistory) -> list[str]:
    width, height = film.size_px
    lines = [f"film {film.radiograph_id}, {width} x {height} px"]
    lines += [f"  file: {path}" for path in film.files]
    lines += [f"  not this film any more: {path}: {why}" for path, why in film.changed.items()]
    lines += [f"  when read: {step}" for step in film.normalisation]
    sealed = "sealed, never trained on" if film.sealed else "may be trained on"
    lines.append(f"  patient known by {film.patient_known_by}; {sealed}")
    for name, task in film.tasks.items():
        lines += _task_lines(name, task)
    lines += [_pick_line(pick) for pick in film.shown]
    lines += ["history, by row of the ledger:"]
    lines += [_history_line(row) for row in film.history]
    return lines


def _pick_line(pick: Mapping[str, Any]) -> str:
    return (
        f"  shown in batch {pick['batch_id']} for {pick['detector_task']} "
        f"({pick['created_at'][:16]}): {pick['slice']}, {pick['reason']}"
    )


def _history_line(row: Mapping[str, Any]) -> str:
    task = f"{row['detector_task']}: " if row["detector_task"] else ""
    return f"  {row['row']:>5}  {row['at'][:16]}  {task}{row['text']}"


def _task_lines(name: str, task: FilmTask) -> list[str]:
    lines = [f"{name}: {task.verdict or 'nobody has decided yet'}"]
    for prediction in task.predictions:
        shares = ", ".join(f"{label} {p:.4f}" for label, p in prediction.probabilities.items())
        lines.append(f"  {prediction.model_version} predicts {shares}")
    if task.tag:
        lines.append(f"  {task.tag}")
    return [*lines, *(_label_line(record) for record in task.labels)]


def _label_line(record: LabelRecord) -> str:
    label = record.label
    called = f"not {label.label}" if label.denied else label.label
    who = f" by {label.given_by}" if label.given_by else ""
    gone = f", withdrawn {record.withdrawn_at[:16]}" if record.withdrawn_at else ""
    return f"  {label.source.value}{who} at {label.answered_at[:16]}: {called}{gone}"
