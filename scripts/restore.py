"""`radsieve restore`: make a workspace from a backup."""

from pathlib import Path

import click

from backend.base.adapters.backup import restore
from backend.base.adapters.workspace import Workspace
from scripts._command import Outcome, folder_command


@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"
)
@folder_command
def COMMAND(root: Path, file: Path) -> Outcome:
    """Make the workspace from FILE, which `radsieve backup` wrote; its folder must be empty.

    The restored workspace has the same bytes as the one in FILE. It is opened once, to check that
    its parts belong together.
    """
    report = restore(file, root)
    Workspace(root).database.dispose()
    text = f"restored {report.files:,} files of {report.made_at[:16]} to {root}"
    facts = {"files": report.files, "at": report.made_at, "identity": report.identity}
    return Outcome(text, {**facts, "workspace": str(root)})
