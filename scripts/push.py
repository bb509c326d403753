"""`radsieve push`: the next review batch, into Label Studio."""

import click

from backend.adapters.workspace import Workspace
from backend.loop.connect import require_label_studio
from backend.loop.push import PushReport, push
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.option("--single", is_flag=True, help="One film an item instead of contact sheets.")
@click.option("-n", "count", type=click.IntRange(min=1), help="Films; default: a batch.")
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(workspace: Workspace, name: str, count: int | None, single: bool) -> Outcome:
    """Show the next batch in Label Studio; pushing twice adds nothing."""
    studio = require_label_studio(workspace)
    report = push(
        workspace,
        detector_task(name),
        studio,
        count=count or workspace.settings.batch_films,
        single=single,
    )
    return Outcome(
        _text(name, report),
        {
            "items": report.items,
            "films": report.films,
            "waiting": report.waiting,
            "projects": {"sheet": report.projects.sheet, "single": report.projects.single},
        },
    )


def _text(name: str, report: PushReport) -> str:
    if report.items:
        return f"{name}: pushed {report.items} items with {report.films} films"
    if report.waiting:
        return f"{name}: {report.waiting} items still wait for a reviewer, so nothing was added"
    return f"{name}: no films are left to look at"
