"""`radsieve audit`: how many bad films may be left."""

import json
from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy import Engine

from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.limits import share_at_least
from backend.base.core.words import counted
from backend.certificate.core.forecast import Advice, AuditForecast
from backend.certificate.loop.audit import ArchiveAudit, AuditReport, audit, audit_archive
from backend.detectors.adapters.versions.rule_judgement import cut_offs_in_use
from backend.export.loop.facts import read_facts
from scripts._command import Outcome, workspace_command
from scripts._fact_lines import cut_off_lines, fact_lines
from tasks import detector_task, load_detector_tasks

Tasks = Mapping[str, DetectorTask]


@click.option(
    "--target",
    type=click.IntRange(min=0),
    metavar="FILMS",
    help="Also say how many looks it takes until at most FILMS bad films can be left.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Also write the certificate as JSON.",
)
@click.argument("name", metavar="[TASK]", required=False)
@workspace_command
def COMMAND(
    workspace: Workspace, name: str | None, target: int | None, out: Path | None
) -> Outcome:
    """Say how many bad films may be left, with 95 % confidence, and what would halve that.

    Without TASK: of films with any problem, and of every detector task with a random draw, first
    each alone and then all together. The evidence is films that were drawn at random and looked at
    on a screen. Run it as often as you like. What it covers: docs/certificate.md.
    """
    tasks, engine = load_detector_tasks(), workspace.database
    if name:
        report = audit(engine, detector_task(name), at_most=target)
        lines, certificate = _lines(report, tasks), report.as_json()
        facts = fact_lines(read_facts(workspace, tasks).by_task[name], tasks[name])
    else:
        archive = audit_archive(engine, tasks, at_most=target)
        lines, certificate = _archive_lines(archive, tasks), archive.as_json()
        facts = fact_lines(read_facts(workspace, tasks).archive)
    if out:
        write_atomically(out, f"{json.dumps(certificate, indent=1)}\n".encode())
    return Outcome("\n".join([*lines, "", *facts, *_cut_offs(engine, tasks, name)]), certificate)


def _cut_offs(engine: Engine, tasks: Mapping[str, DetectorTask], name: str | None) -> list[str]:
    """Return lines on the cut-offs beyond which rules suspect films, of one task or of all."""
    chosen = {name: tasks[name]} if name else tasks
    return [
        f"{task}: {line.strip()}"
        for task, cut_offs in cut_offs_in_use(engine, chosen).items()
        for line in cut_off_lines(tasks[task], cut_offs)
    ]


def _archive_lines(archive: ArchiveAudit, tasks: Tasks) -> list[str]:
    headline, alone, together = archive.headline, archive.alone, archive.together
    lines = [*_lines(headline, tasks), ""] if headline else []
    if alone:
        lines += ["each alone, with 95 % confidence:"]
        lines += [_short(report, tasks) for report in alone.values()]
        share = 1 - next(iter(together.values())).certificate.alpha
        each = share_at_least(share, 2)
        lines += ["", f"all of these together, with 95 % confidence ({each} each):"]
        lines += [_short(report, tasks) for report in together.values()]
    undrawn = [tasks[name].full_name for name in archive.undrawn]
    if undrawn:
        lines += ["", f"nothing was drawn for {', '.join(undrawn)} yet"]
    return lines


def _short(report: AuditReport, tasks: Tasks) -> str:
    certificate, name = report.certificate, tasks[report.detector_task].full_name
    open_films = certificate.unreviewed + certificate.unresolved
    return (
        f"  {name:<26} at most {counted(certificate.at_most_unreviewed, 'bad film')} left "
        f"among {open_films:,} without a verdict; {certificate.found:,} found and confirmed"
        + (f"; {certificate.newcomers}" if certificate.newcomers.films else "")
    )


def _lines(report: AuditReport, tasks: Tasks) -> list[str]:
    certificate = report.certificate
    lines = [f"{tasks[report.detector_task].full_name}: {certificate.sentence}", ""]
    how = "confirmed by two looks or by policy" if report.sums_up else "confirmed by two looks"
    finds = f"{counted(certificate.found, 'bad film')}, {how}"
    lines.append(f"found       {finds}, of {counted(certificate.films)} at the first draw")
    if certificate.certified_recall is not None:
        recall = share_at_least(certificate.certified_recall)
        lines.append(f"recall      at least {recall} of all bad films were found")
    lines.append(f"to halve it {_forecast(report.halved)}")
    if report.wanted:
        lines.append(
            f"target      {report.wanted.target} or fewer left: {_forecast(report.wanted)}"
        )
    return [*lines, f"course      {report.course.value}", *_exceptions(report)]


def _exceptions(report: AuditReport) -> list[str]:
    """Return lines on films and batches that the certificate does not rest on."""
    newcomers, lines = report.certificate.newcomers.films, []
    if newcomers:
        lines.append(
            f"not in it   {counted(newcomers)} that came later or were replaced; for a "
            "certificate of their own, index them in another workspace"
        )
    if report.reading.waiting:
        lines.append(
            f"waiting     {counted(len(report.reading.waiting))} drawn at random, no verdict yet: "
            "look at them first; each counts as bad where a later film counts"
        )
    lines += [
        f"not counted batch {batch.batch_id}: {batch.reason}" for batch in report.reading.unusable
    ]
    return lines


def _forecast(ahead: AuditForecast) -> str:
    if ahead.advice is not Advice.AUDIT:
        return ahead.advice.value
    likely = (
        f"{ahead.at_present_rate:,} if bad films turn up at the rate so far"
        if ahead.at_present_rate is not None
        else "out of reach if bad films turn up at the rate so far"
    )
    more = counted(ahead.if_all_clean or 0, "more look")
    return f"{more} at films drawn at random if none is bad; {likely}"
