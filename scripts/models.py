"""`radsieve models`: list all model versions."""

import click

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import (
    RegisteredVersion,
    published_version,
    versions,
)
from scripts._command import Outcome, workspace_command
from tasks import detector_task, load_detector_tasks


@click.argument("name", metavar="[TASK]", required=False)
@workspace_command
def COMMAND(workspace: Workspace, name: str | None) -> Outcome:
    """List model versions; a star marks the one in use."""
    names = [detector_task(name).name] if name else list(load_detector_tasks())
    lines: list[str] = []
    facts = []
    for task in names:
        used = published_version(workspace.database, task)
        for version in versions(workspace.database, task):
            lines.append(_line(version, version.model_version == used))
            facts.append(
                {
                    "detector_task": task,
                    "model_version": version.model_version,
                    "trained_at": version.trained_at,
                    "published": version.model_version == used,
                    "judgement": dict(version.judgement),
                }
            )
    return Outcome("\n".join(lines) or "no model versions yet", {"models": facts})


def _line(version: RegisteredVersion, used: bool) -> str:
    star = "*" if used else " "
    when = version.trained_at[:16].replace("T", " ")
    reason = version.judgement.get("reason", "")
    return f"{star} {version.detector_task:12} {version.model_version:20} {when}  {reason}"
