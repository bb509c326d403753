"""`radsieve up`: everything a reviewer needs, with one command."""

import signal
from pathlib import Path

import click

from backend.base.adapters.child_process import run_step
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import published_version
from backend.review.adapters.batch_store import open_items
from backend.service.loop.prepare import prepare
from backend.service.loop.stack import Stack, server_plan
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.argument(
    "images", required=False, type=click.Path(exists=True, path_type=Path), metavar="[IMAGES]"
)
@workspace_command
def COMMAND(workspace: Workspace, images: Path | None) -> Outcome:
    """Index, train and sweep what is new, then start Label Studio, the ML backend and the worker.

    Without IMAGES and without an index, phantom films are made. Ctrl-C stops everything.
    """
    tasks = load_detector_tasks()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        prepare(workspace, tasks, images)
        with Stack(workspace, tasks, tell=click.echo) as stack:
            for name in tasks:
                if _has_nothing_to_review(workspace, name):
                    run_step(["push", name], workspace.root)
            click.echo(_welcome(workspace))
            while True:
                stack.watch(1.0)
    except KeyboardInterrupt:
        return Outcome("stopped")


def _has_nothing_to_review(workspace: Workspace, name: str) -> bool:
    is_published = published_version(workspace.database, name) is not None
    return is_published and not open_items(workspace.database, name)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _welcome(workspace: Workspace) -> str:
    plan = server_plan(workspace)
    return "\n".join(
        [
            "",
            f"  Review films at   {plan.url}/projects/",
            f"  Log in with       {plan.username}",
            f"  Password          {plan.password}",
            "",
            "  Ctrl-C stops everything; `make up` goes on from here.",
        ]
    )
