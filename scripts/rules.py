"""`radsieve rules`: what follows from metadata and measures, without a network."""

from pathlib import Path

import click

from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError
from backend.labels.loop.apply_rules import RuleReport, apply_rule, refuse_unknown_cut_offs
from backend.labels.loop.rule_cut_offs import write_rule_report
from backend.labels.loop.rules_on_table import TableReport, rules_on_table
from scripts._command import Outcome, progress_bar, workspace_command
from tasks import detector_task, load_detector_tasks


@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Show every cut-off of one TASK with example films on both sides. It holds pictures of "
    "the films: keep it where they may be.",
)
@click.option(
    "--metadata",
    type=click.Path(path_type=Path),
    help="Judge this table alone, before any film is indexed; needs --out.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the rows of --metadata that a rule finds.",
)
@click.argument("names", metavar="[TASK]...", nargs=-1)
@workspace_command
def COMMAND(
    workspace: Workspace,
    names: tuple[str, ...],
    metadata: Path | None,
    out: Path | None,
    report: Path | None,
) -> Outcome:
    """Label the films that a rule finds, such as those of children; all rules by default.

    A cut-off is set in radsieve.toml, as in `[cut_offs.age]` and below it `youngest_years = 16`.
    Labels that no longer hold are withdrawn, so run it again after a change.
    """
    refuse_unknown_cut_offs(workspace.settings, load_detector_tasks())
    chosen = [detector_task(name) for name in names]
    if metadata or out:
        return _judge_table(workspace.settings, chosen, metadata, out)
    if report and len(chosen) != 1:
        raise click.UsageError("--report shows one TASK, such as quality")
    reports = {task.name: _apply(workspace, task) for task in chosen or _with_rules()}
    lines = [_line(name, result) for name, result in reports.items()]
    if report:
        write_rule_report(workspace, chosen[0], report)
        lines.append(f"wrote {report}")
    return Outcome("\n".join(lines), {name: _facts(result) for name, result in reports.items()})


def _apply(workspace: Workspace, task: DetectorTask) -> RuleReport:
    with progress_bar("measure") as progress:
        return apply_rule(workspace, task, progress=progress)


def _judge_table(
    settings: Settings, chosen: list[DetectorTask], metadata: Path | None, out: Path | None
) -> Outcome:
    if len(chosen) != 1 or metadata is None or out is None:
        raise click.UsageError("--metadata needs one TASK, such as age, and --out")
    report = rules_on_table(settings, chosen[0], metadata, out)
    counts = ", ".join(f"{count} {label}" for label, count in report.counts.items())
    text = f"{chosen[0].name}: {report.rows} rows: {counts}, {report.unknown} unknown; wrote {out}"
    return Outcome(text, _table_facts(report, out))


def _table_facts(report: TableReport, out: Path) -> dict[str, object]:
    return {
        "rows": report.rows,
        "films": dict(report.counts),
        "unknown": report.unknown,
        "unreadable_ages": report.unreadable_ages,
        "out": str(out),
    }


def _with_rules() -> list[DetectorTask]:
    tasks = [task for task in load_detector_tasks().values() if task.learnt_from is LearntFrom.RULE]
    if not tasks:
        raise RadsieveError("no detector task has a rule; give one a `rule` in its file in tasks/")
    return tasks


def _line(name: str, report: RuleReport) -> str:
    counts = ", ".join(f"{count} {label}" for label, count in report.counts.items())
    limits = ", ".join(f"{name} {value:g}" for name, value in report.cut_offs.items())
    return (
        f"{name}: {counts}, {report.unknown} unknown ({limits}); {report.changes.added} labels "
        f"added, {report.changes.withdrawn} withdrawn"
    )


def _facts(report: RuleReport) -> dict[str, object]:
    return {
        "films": dict(report.counts),
        "unknown": report.unknown,
        "cut_offs": dict(report.cut_offs),
        "added": report.changes.added,
        "withdrawn": report.changes.withdrawn,
    }
