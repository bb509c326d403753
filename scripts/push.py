"""`radsieve push`: send the next review batch to Label Studio."""

import logging
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import Engine

from backend.base.adapters.activity import activity
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.words import counted
from backend.certificate.core.certificate import Newcomers
from backend.certificate.loop.audit_films import came_later
from backend.review.core.item import DrawRecord
from backend.review.loop.push import NextBatch, PushReport, push
from backend.review.loop.studio.connect import require_label_studio
from scripts._command import Outcome, workspace_command
from tasks import detector_task

logger = logging.getLogger(__name__)


@click.option("--single", is_flag=True, help="Send single items instead of contact sheets.")
@click.option(
    "-n", "count", type=click.IntRange(min=1), help="Number of films; default: setting batch_films."
)
@click.option(
    "--ahead",
    type=click.IntRange(min=0),
    default=0,
    help="Make a new batch only while at most this many items wait, as the worker does; default 0.",
)
@click.option(
    "--second-looks", is_flag=True, help="Send only films for a second look, no new batch."
)
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(
    workspace: Workspace,
    name: str,
    count: int | None,
    second_looks: bool,
    **how: Any,  # noqa: ANN401 - `single` and `ahead`
) -> Outcome:
    """Send the next batch to Label Studio; a second push adds nothing while items wait."""
    task = detector_task(name)
    studio = require_label_studio(workspace.root, workspace.settings)
    films = 0 if second_looks else count or workspace.settings.batch_films
    with activity(workspace.root, Doing.PUSH.about(task.display_name)):
        report = push(workspace, task, studio, NextBatch(films, **how))
    if report.new_batch:
        warn_of_newcomers(workspace.database, name, report.earlier_draws)
    return Outcome(
        _text(name, report),
        {
            "items": report.items,
            "films": report.films,
            "waiting": report.waiting,
            "projects": {"sheet": report.projects.sheet, "single": report.projects.single},
        },
        in_short=_in_short(task, report),
    )


def warn_of_newcomers(engine: Engine, name: str, earlier_draws: Sequence[DrawRecord]) -> None:
    """Warn of films that came after the first random draw, which the certificate leaves out.

    Args:
        engine: the database.
        name: name of the detector task.
        earlier_draws: the draws that counted before the batch that was pushed now.
    """
    later = Newcomers(len(came_later(engine, earlier_draws)))
    if later.films:
        logger.warning("%s: %s: no certificate covers them", name, later.came)


def _in_short(task: DetectorTask, report: PushReport) -> str:
    if report.items:
        return (
            f"{counted(report.films)} to look at first are in Label Studio now, on "
            f"{counted(report.items, 'item')}."
        )
    if report.waiting:
        wait = "waits" if report.waiting == 1 else "wait"
        return f"{counted(report.waiting, 'item')} still {wait} for you in Label Studio."
    return f"No film is left to look at for the question: {task.question}"


def _text(name: str, report: PushReport) -> str:
    if report.items:
        return f"{name}: pushed {report.items} items with {report.films} films"
    if report.waiting:
        return f"{name}: {report.waiting} items still wait for a reviewer, so nothing was added"
    return f"{name}: no films are left to look at"
