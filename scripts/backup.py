"""`radsieve backup`: the whole workspace in one file."""

from pathlib import Path

import click

from backend.base.adapters.backup import back_up
from backend.base.adapters.workspace import Workspace
from scripts._command import Outcome, workspace_command


@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@workspace_command
def COMMAND(workspace: Workspace, file: Path) -> Outcome:
    """Write the workspace into FILE, also while reviewers, the worker and Label Studio go on.

    FILE holds the databases, ledger, jobs and Label Studio's answers as they were at one moment,
    without the films themselves. It holds keys and passwords; only its owner can read it.
    """
    report = back_up(workspace, file)
    text = (
        f"wrote {report.files:,} files, {report.size_bytes / 1e6:,.1f} MB, to {file}; it holds "
        "keys, passwords and pictures of films: keep it where nobody else can read it"
    )
    facts = {"files": report.files, "bytes": report.size_bytes, "at": report.made_at}
    return Outcome(text, {**facts, "identity": report.identity, "file": str(file)})
