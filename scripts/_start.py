"""The text of `radsieve` without a command: the state of the workspace, and the next command."""

from pathlib import Path

import click

from backend.base.adapters.workspace import default_workspace
from backend.base.core.errors import RadsieveError
from backend.base.core.words import counted
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
    are = "is" if now.films == 1 else "are"
    return [
        f"prepare     {counted(now.films)} {are} indexed; detectors in use: {detectors}",
        f"review      {counted(now.items_waiting, 'item')} {_do(now.items_waiting, 'wait')} for a "
        f"reviewer, {now.items_answered:,} {_were(now.items_answered)} answered",
        f"finish      {counted(now.exports, 'export')} {_were(now.exports)} made",
    ]


def _do(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
