"""`radsieve sweep`: predict the whole archive."""

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.errors import NothingPublishedError
from backend.base.core.words import counted, listed
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.sweep import sweep
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
    """Predict every film that the published detectors have not predicted yet; by default of all.

    You can interrupt a sweep at any time: the next one goes on where it stopped.
    """
    del engine
    chosen = [detector_task(name) for name in names] or _published(workspace)
    with progress_bar(Doing.SWEEP) as progress:
        report = sweep(workspace, chosen, progress=progress)
    versions = ", ".join(f"{name} by {version}" for name, version in report.model_versions.items())
    return Outcome(
        f"predicted {report.predicted} films now, {report.already} before: {versions}",
        {
            "predicted": report.predicted,
            "already": report.already,
            "model_versions": dict(report.model_versions),
        },
        in_short=(
            f"{counted(report.predicted + report.already)} judged for "
            f"{listed([task.display_name for task in chosen])}, {report.predicted:,} of them now."
        ),
    )


def _published(workspace: Workspace) -> list[DetectorTask]:
    tasks = load_detector_tasks().values()
    published = [
        task
        for task in tasks
        if task.rule is None and published_version(workspace.database, task.name)
    ]
    if not published:
        raise NothingPublishedError(
            "no detector task has a published model version; train one with `radsieve train TASK`"
        )
    return published
