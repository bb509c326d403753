"""`radsieve doctor`: what is wrong here, and what to do about it."""

from pathlib import Path

import click

from backend.service.loop.doctor import Finding, examine, mended
from scripts._command import Outcome, folder_command
from scripts.ledger import check_evidence


@click.option("--mend", is_flag=True, help="Put right what can be put right without a person.")
@folder_command
def COMMAND(root: Path, mend: bool) -> Outcome:
    """Check versions, disk, rights, settings, identity, ledger, ports, token and flags.

    One line for each: what is well, or what is wrong and what to do. Where something is wrong, the
    exit code is 1.
    """
    found = [mended(one) if mend else one for one in examine(root, check_evidence)]
    facts = {
        "ok": all(one.ok for one in found),
        "findings": [
            {"check": one.check, "ok": one.ok, "what": one.what, "fix": one.fix} for one in found
        ],
    }
    return Outcome("\n".join(map(_line, found)), facts, exit_code=0 if facts["ok"] else 1)


def _line(found: Finding) -> str:
    if found.ok:
        return f"ok     {found.check:<13} {found.what}"
    return f"WRONG  {found.check:<13} {found.what}; {found.fix}"
