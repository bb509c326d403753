"""`radsieve ledger`: check that the record of all decisions is unchanged."""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.base.core.ledger import ChainCheck
from backend.detectors.loop.evidence import refuse_changed_evidence
from backend.export.loop.again import exports_in
from backend.labels.adapters.ledger_store import (
    check_ledger,
    compare_ledger,
    labels_that_differ,
    write_ledger,
)
from scripts._command import Outcome, workspace_command


@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Write every row of the ledger, one a line; keep the file where nobody can change it.",
)
@click.option(
    "--check",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Check that the ledger still begins with a copy that you kept.",
)
@workspace_command
def COMMAND(workspace: Workspace, out: Path | None, kept: Path | None) -> Outcome:
    """Check that nothing that certificates rest on was changed, moved or removed.

    Each row holds the digest of the row before, so only rows at the end can be removed unnoticed.
    Keep a copy (--out) where nobody can change it: --check then notices that, too. The command also
    compares tables, predictions, models and thumbnails with what was recorded of them.
    """
    check = _unbroken(workspace)
    if kept and (fault := compare_ledger(workspace.database, kept)):
        raise RadsieveError(
            f"the ledger does not begin with {kept}: row {fault.seq} {fault.problem}; restore the "
            "database from a backup"
        )
    _refuse_other_labels(workspace, check)
    refuse_changed_evidence(workspace)
    if out:
        write_ledger(workspace.database, out)
    exports = {row.seq: row.at for row in exports_in(workspace.database)}
    lines = [f"the ledger holds: {check.head.seq} rows, the last digest is {check.head.digest}"]
    lines += [f"it begins with {kept}"] if kept else []
    lines += [f"wrote it to {out}"] if out else []
    lines += [f"export in row {row}, {at[:16]}" for row, at in exports.items()]
    facts = {"rows": check.head.seq, "digest": check.head.digest, "exports": list(exports)}
    return Outcome("\n".join(lines), facts)


def check_evidence(workspace: Workspace) -> None:
    """Check the ledger, and compare what certificates rest on with it.

    Raises:
        RadsieveError: a row, a table or a file was changed, moved or removed.
    """
    _refuse_other_labels(workspace, _unbroken(workspace))
    refuse_changed_evidence(workspace)


def _unbroken(workspace: Workspace) -> ChainCheck:
    check = check_ledger(workspace.database)
    if check.fault:
        raise RadsieveError(
            f"the ledger was tampered with: row {check.fault.seq} {check.fault.problem}; restore "
            "the database from a backup"
        )
    return check


def _refuse_other_labels(workspace: Workspace, check: ChainCheck) -> None:
    if not check.head.seq:  # a workspace of an earlier radsieve has no row before its first change
        return
    other = labels_that_differ(workspace.database)
    if other:
        raise RadsieveError(
            f"{len(other)} labels in the database differ from the ledger's, such as label "
            f"{other[0]}; restore the database from a backup"
        )
