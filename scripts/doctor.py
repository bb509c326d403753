"""`radsieve doctor`: check the installation and the workspace, and say how to mend faults."""

from pathlib import Path

import click

from backend.service.loop.doctor import Finding, examine, mended
from scripts._command import Outcome, folder_command
from scripts.ledger import check_evidence


@click.option("--mend", is_flag=True, help="Mend every fault that needs no person.")
@folder_command
def COMMAND(root: Path, mend: bool) -> Outcome:
    """Check versions, disk, rights, programs, settings, identity, ledger, ports, token, flags.

    Each check prints one line: it passed, or the fault and what to do about it. With a fault, the
    exit code is 1.
    """
    findings = [mended(finding) if mend else finding for finding in examine(root, check_evidence)]
    facts = {
        "ok": all(finding.ok for finding in findings),
        "findings": [
            {"check": finding.check, "ok": finding.ok, "what": finding.what, "fix": finding.fix}
            for finding in findings
        ],
    }
    return Outcome("\n".join(map(_line, findings)), facts, exit_code=0 if facts["ok"] else 1)


def _line(finding: Finding) -> str:
    if finding.ok:
        return f"ok     {finding.check:<13} {finding.what}"
    return f"WRONG  {finding.check:<13} {finding.what}; {finding.fix}"
