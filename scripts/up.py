"""`radsieve up`: everything a reviewer needs, with one command."""

import signal
import time
from collections.abc import Mapping
from pathlib import Path

import click

from backend.base.adapters.child_process import run_step
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import published_version
from backend.service.edge.start_page import PATH
from backend.service.loop.overview import read_overview, state_line
from backend.service.loop.prepare import prepare
from backend.service.loop.stack import Stack, ml_backend, server_plan
from scripts._command import Outcome, hold_alone, workspace_command
from scripts._live_line import live_line
from tasks import load_detector_tasks


@click.argument(
    "images", required=False, type=click.Path(exists=True, path_type=Path), metavar="[IMAGES]"
)
@workspace_command
def COMMAND(workspace: Workspace, images: Path | None) -> Outcome:
    """Index, train and sweep what is new, then start Label Studio, the ML backend and the worker.

    Without IMAGES and without an index, phantom films are made. Ctrl-C stops everything.
    """
    hold_alone(workspace.root / "up.lock", _already_runs(workspace))
    tasks = load_detector_tasks()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Stack(workspace, tasks, tell=click.echo) as stack:
            prepare(workspace, tasks, images)
            stack.open_review()
            _push_first_batch(workspace, tasks)
            click.echo(_welcome(workspace))
            with live_line() as show:
                while True:
                    stack.watch(1.0)
                    show(state_line(read_overview(workspace), time.time()))
    except KeyboardInterrupt:
        return Outcome("stopped")


def _push_first_batch(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
    """Lay out films of the joint question, where a detector can rank them; twice adds nothing.

    What waits in projects of an earlier radsieve moves to those of today with it.
    """
    for name, task in tasks.items():
        if any(published_version(workspace.database, part.name) for part in task.parts):
            run_step(["push", name], workspace.root)


def _already_runs(workspace: Workspace) -> str:
    begin = f"{ml_backend(workspace.settings, workspace.secrets).url}{PATH}"
    return (
        f"radsieve already runs in {workspace.root}: begin at {begin}, or stop it with Ctrl-C "
        "where it was started"
    )


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _welcome(workspace: Workspace) -> str:
    plan, backend = server_plan(workspace), ml_backend(workspace.settings, workspace.secrets)
    return "\n".join(
        [
            "",
            f"  Begin here    {backend.url}{PATH}",
            "                and press `Review the next films`.",
            f"  Log in with   {plan.username}",
            f"  Password      {plan.password}",
            "                (the same on this page and in Label Studio)",
            "",
            "  Ctrl-C stops everything; the same command goes on from here.",
            "",
        ]
    )
