"""`radsieve up`: everything a reviewer needs, with one command."""

import os
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from backend.archive.loop.index import refuse_no_film
from backend.base.adapters.child_process import heeds_ctrl_c, interrupt_on_signals
from backend.base.adapters.settings import load_settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import published_version
from backend.service.loop.addresses import start_url
from backend.service.loop.overview import read_overview, state_line
from backend.service.loop.prepare import prepare
from backend.service.loop.stack import Stack, refuse_what_cannot_start, server_plan
from scripts._command import Outcome, hold_alone, making_command, tell_of_new_workspace
from scripts._live_line import LiveLine, live_line
from scripts._short_steps import ShortSteps
from tasks import load_detector_tasks


def _refuse(root: Path, images: Path | None) -> None:
    refuse_what_cannot_start(load_settings(root))
    if images:
        refuse_no_film(root, [images], None)


@click.argument(
    "images", required=False, type=click.Path(exists=True, path_type=Path), metavar="[IMAGES]"
)
@partial(making_command, refuse=_refuse)
def COMMAND(workspace: Workspace, images: Path | None) -> Outcome:
    """Index, train and sweep what is new, then start Label Studio, the ML backend and the worker.

    Without IMAGES and without an index, phantom films are made. Ctrl-C stops everything. The full
    output of each step is in the folder `logs` of the workspace.
    """
    hold_alone(workspace.root / "up.lock", _already_runs(workspace))
    if images:  # nothing is started for a mistyped folder
        refuse_no_film(workspace.root, [images], None)
    tell_of_new_workspace()
    tasks = load_detector_tasks()
    interrupt_on_signals()
    try:
        with live_line() as line, Stack(workspace, tasks, tell=line.say) as stack:
            _open(workspace, tasks, images, stack, line)
            line.say(_welcome(workspace))
            begin = _begin(workspace)
            while True:
                stack.watch(1.0)
                line.show(state_line(read_overview(workspace), time.time(), begin))
    except KeyboardInterrupt:
        return Outcome("stopped")


def _open(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    images: Path | None,
    stack: Stack,
    line: LiveLine,
) -> None:
    """Do the steps before somebody can review; a status line shows the current step."""
    steps = ShortSteps(workspace.root, workspace.logs, line)
    with line.following(steps.state):
        prepare(workspace, tasks, images, steps.run)
        stack.open_review()
        # A push moves items from projects of an earlier radsieve to those of today; a second push
        # adds nothing. A task is pushed only where a detector can rank films for it.
        for name, task in tasks.items():
            if any(published_version(workspace.database, part.name) for part in task.parts):
                steps.run(["push", name])


def _begin(workspace: Workspace) -> str:
    return start_url(workspace.settings)


def _already_runs(workspace: Workspace) -> str:
    return (
        f"radsieve already runs in {workspace.root}: begin at {_begin(workspace)}, or stop it with "
        "Ctrl-C where it was started"
    )


def _welcome(workspace: Workspace) -> str:
    plan = server_plan(workspace)
    return "\n".join(
        [
            "",
            f"  Begin here    {_begin(workspace)}",
            "                and press `Review the next films`.",
            f"  Log in with   {plan.username}",
            f"  Password      {plan.password}",
            "                (the same on this page and in Label Studio)",
            "",
            f"  {_how_to_stop()}; the same command goes on from here.",
            "",
        ]
    )


def _how_to_stop() -> str:
    if heeds_ctrl_c():
        return "Ctrl-C stops everything"
    return f"`kill {os.getpid()}` stops everything (Ctrl-C does not, in the background of a script)"
