"""`radsieve pull`: read reviewers' answers from Label Studio."""

from dataclasses import asdict

import click

from backend.base.adapters.workspace import Workspace
from backend.review.loop.pull import PullReport, pull
from backend.review.loop.studio.connect import require_label_studio
from scripts._command import Outcome, workspace_command
from tasks import detector_task, load_detector_tasks


@click.argument("name", metavar="[TASK]", required=False)
@workspace_command
def COMMAND(workspace: Workspace, name: str | None) -> Outcome:
    """Read the answers given in Label Studio; a second pull changes nothing."""
    tasks = [detector_task(name)] if name else list(load_detector_tasks().values())
    studio = require_label_studio(workspace.root, workspace.settings)
    lines, facts = [], {}
    for task in tasks:
        report = pull(workspace, task, studio)
        lines += _lines(task.name, report)
        facts[task.name] = asdict(report)
    return Outcome("\n".join(lines), facts)


def _lines(name: str, report: PullReport) -> list[str]:
    lines = [f"{name}: {report.annotations} new answers, {report.labels} labels"]
    counts = {
        "labels withdrawn, their answers were deleted": report.withdrawn,
        "answers too fast for a look; their items wait again": report.not_reviewed,
        "skipped": report.skipped,
    }
    lines += [f"{name}: {count} {outcome}" for outcome, count in counts.items() if count]
    return lines + [f"{name}: {problem}" for problem in report.unreadable]
