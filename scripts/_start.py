"""The text of `radsieve` without a command: the state of the workspace, and the next command."""

from pathlib import Path

import click

from backend.base.adapters.workspace import default_workspace
from backend.base.core.errors import RadsieveError
from backend.service.loop.next_step import LoopStage, loop_stage
from tasks import task_names


def start_text(folder: Path | None = None) -> str:
    """Return the state of a workspace, and the next command; a missing workspace is not made.

    Args:
        folder: folder of the workspace; None: the default one.

    Raises:
        ClickException: the workspace cannot be read.
    """
    root = (folder or default_workspace()).absolute()
    try:
        now = loop_stage(root, task_names())
    except RadsieveError as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    begun = "" if now.films else " (nothing is indexed there yet)"
    return "\n".join(
        [
            f"workspace   {root}{begun}",
            *(_lines(now) if now.films else []),
            f"next        {now.next_step}",
            "",
            "`radsieve --help` lists the commands by step; --workspace DIR, or RADSIEVE_WORKSPACE, "
            "names another workspace.",
        ]
    )


def _lines(now: LoopStage) -> list[str]:
    detectors = ", ".join(now.detectors_in_use) or "none"
    return [
        f"prepare     {now.films:,} films are indexed; detectors in use: {detectors}",
        f"review      {now.items_waiting:,} items wait for a reviewer, {now.items_answered:,} were "
        "answered",
        f"finish      {now.exports:,} exports were made",
    ]
