"""`radsieve audit`: how many bad films may be left."""

import json
from pathlib import Path

import click

from backend.adapters.files import write_atomically
from backend.adapters.workspace import Workspace
from backend.core.certificate_forecast import Advice, Forecast
from backend.loop.audit import AuditReport, audit
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.option(
    "--target",
    type=click.IntRange(min=0),
    metavar="FILMS",
    help="Say what it takes until at most so many bad films can be left.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write the certificate, for machines.",
)
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(workspace: Workspace, name: str, target: int | None, out: Path | None) -> Outcome:
    """Say how many bad films may be left, with 95 % confidence, and what would halve that.

    Evidence is what was drawn at random and looked at on a screen; ask as often as you like. What
    it says and does not say: docs/certificate.md.
    """
    report = audit(workspace, detector_task(name), at_most=target)
    facts = report.as_json()
    if out:
        write_atomically(out, f"{json.dumps(facts, indent=1)}\n".encode())
    return Outcome("\n".join(_lines(report)), facts)


def _lines(report: AuditReport) -> list[str]:
    said = report.certificate
    lines = [f"{report.detector_task}: {said.sentence}", ""]
    lines += [f"found       {said.found} bad films, confirmed by two looks"]
    if said.certified_recall is not None:
        lines.append(
            f"recall      at least {said.certified_recall:.1%} of all bad films were found"
        )
    lines.append(f"to halve it {_forecast(report.halved)}")
    if report.wanted:
        lines.append(
            f"target      {report.wanted.target} or fewer left: {_forecast(report.wanted)}"
        )
    lines.append(f"course      {report.course.value}")
    if report.reading.waiting:
        lines.append(
            f"waiting     {len(report.reading.waiting)} films drawn at random have no verdict yet; "
            "they count as bad where later ones count: look at them first"
        )
    lines += [
        f"not counted batch {batch.batch_id}: {batch.reason}" for batch in report.reading.unusable
    ]
    return lines


def _forecast(ahead: Forecast) -> str:
    if ahead.advice is not Advice.AUDIT:
        return ahead.advice.value
    return (
        f"{ahead.if_all_clean:,} more looks at films drawn at random if none is bad; "
        f"{ahead.at_present_rate:,} if bad ones go on turning up as so far"
    )
