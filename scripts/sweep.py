"""`radsieve sweep`: predict the whole archive."""

import click

from backend.adapters.workspace import Workspace
from backend.loop.sweep import sweep
from scripts._command import Outcome, progress_bar, workspace_command
from tasks import detector_task, load_detector_tasks


@click.argument("names", metavar="[TASK]...", nargs=-1)
@click.option(
    "--engine",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    help="Where the sweep runs.",
)
@workspace_command
def COMMAND(workspace: Workspace, names: tuple[str, ...], engine: str) -> Outcome:
    """Predict every film that the published detectors have not seen yet; all tasks by default.

    It can be interrupted at any time: the next sweep goes on where this one stopped.
    """
    del engine
    chosen = [detector_task(name) for name in names] or list(load_detector_tasks().values())
    with progress_bar("sweep") as progress:
        report = sweep(workspace, chosen, progress=progress)
    versions = ", ".join(f"{name} by {version}" for name, version in report.model_versions.items())
    return Outcome(
        f"predicted {report.predicted} films now, {report.already} before: {versions}",
        {
            "predicted": report.predicted,
            "already": report.already,
            "model_versions": dict(report.model_versions),
        },
    )
