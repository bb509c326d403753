"""`radsieve rollback`: use an earlier model version again."""

import click

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import refuse_joint
from backend.review.loop.publish import rollback
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.argument("version", metavar="VERSION")
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(workspace: Workspace, name: str, version: str) -> Outcome:
    """Use VERSION of TASK again: its weights, threshold, predictions and order in Label Studio."""
    task = detector_task(name)
    refuse_joint(task, "roll back")
    rollback(workspace, task, version)
    return Outcome(
        f"{name} uses {version} again", {"detector_task": name, "model_version": version}
    )
