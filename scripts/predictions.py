"""`radsieve predictions`: write the predictions of the whole archive as a table."""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import refuse_joint
from backend.review.loop.prediction_list import write_predictions
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(workspace: Workspace, name: str, out: Path) -> Outcome:
    """Write the published version's predictions for every film to a CSV file.

    The column `path` is empty without the setting `paths`.
    """
    task = detector_task(name)
    refuse_joint(task, "write out")
    count, version = write_predictions(
        workspace.database, workspace.predictions, task, out, paths=workspace.settings.paths
    )
    return Outcome(
        f"wrote {count} predictions of {version} to {out}",
        {"rows": count, "model_version": version, "out": str(out)},
    )
