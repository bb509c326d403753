"""`radsieve rules`: find films by rules on metadata and measures, without a network."""

from collections.abc import Mapping
from pathlib import Path

import click

from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.doing import Doing
from backend.base.core.errors import RadsieveError
from backend.base.core.words import counted
from backend.detectors.adapters.versions.rule_judgement import check_facts
from backend.detectors.loop.rule_predictions import RuleSweep, sweep_by_rule
from backend.labels.core.cut_off_in_force import cut_offs_sentence
from backend.labels.loop.apply_rules import refuse_unknown_cut_offs
from backend.labels.loop.rule_cut_offs import write_rule_report
from backend.labels.loop.rules_on_table import TableReport, rules_on_table
from scripts._command import Outcome, progress_bar, workspace_command
from scripts._fact_lines import learnt_lines
from tasks import detector_task, load_detector_tasks


@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write a page with every cut-off of one TASK and films on both sides of it. It holds "
    "pictures of films: keep it where films may be.",
)
@click.option(
    "--metadata",
    type=click.Path(path_type=Path),
    help="Judge the rows of this table, before any film is indexed; needs --out.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rows of --metadata that a rule finds.",
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
    """Find films by rules, such as films of children; by default by all rules.

    A policy (age, second copies) excludes a film. A measure of the pixels, compared with the
    archive's other films, only makes a film a suspect, which a person has to look at (`radsieve
    push quality`). Set a cut-off in radsieve.toml: `[cut_offs.age]`, and below it `youngest_years =
    16`. Run the command again after a change: it withdraws labels that no longer hold.
    """
    refuse_unknown_cut_offs(workspace.settings, load_detector_tasks())
    chosen = [detector_task(name) for name in names]
    if metadata or out:
        return _judge_table(workspace.settings, chosen, metadata, out)
    if report and len(chosen) != 1:
        raise click.UsageError("--report shows one TASK, such as quality")
    tasks = {task.name: task for task in chosen or _with_rules()}
    reports = {name: _apply(workspace, task) for name, task in tasks.items()}
    lines = [line for name, swept in reports.items() for line in _lines(tasks[name], swept)]
    if report:
        write_rule_report(workspace, chosen[0], report)
        lines.append(f"wrote {report}")
    return Outcome(
        "\n".join(lines),
        {name: _facts(swept) for name, swept in reports.items()},
        in_short="\n".join(_in_short(tasks[name], swept) for name, swept in reports.items()),
    )


def _apply(workspace: Workspace, task: DetectorTask) -> RuleSweep:
    with progress_bar(Doing.MEASURE) as progress:
        return sweep_by_rule(workspace, task, progress=progress)


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


def _lines(task: DetectorTask, swept: RuleSweep) -> list[str]:
    report, name = swept.labelled, task.name
    counts = ", ".join(f"{count} {label}" for label, count in report.counts.items())
    limits = ", ".join(f"{name} {value:g}" for name, value in report.judged.cut_offs.items())
    begin = (
        f"{name}: {counts}, {report.unknown} unknown ({limits}); {report.changes.added} labels "
        f"added, {report.changes.withdrawn} withdrawn"
    )
    if swept.model_version is None:
        return [begin]
    suspects = sum(cut_off.suspects for cut_off in swept.cut_offs)
    suspected = (
        f"{name}: {suspects} suspects ({swept.model_version}); none is excluded until somebody has "
        f"looked: `radsieve push {name}` sends them to review"
    )
    sentence = cut_offs_sentence(swept.cut_offs, task.label_words)
    learnt = (f"{name}: {line}" for line in learnt_lines(task, swept.cut_offs))
    return [begin, f"{name}: {sentence}", *learnt, suspected]


def _in_short(task: DetectorTask, swept: RuleSweep) -> str:
    """Return how many films a rule leaves out, and how many a person has to decide about."""
    report, name = swept.labelled, task.display_name.capitalize()
    out = {label: films for label, films in report.counts.items() if task.leaves_out(label)}
    suspects = {cut_off.label: cut_off.suspects for cut_off in swept.cut_offs}
    sentences = []
    if sum(out.values()):
        sentences.append(
            f"{counted(sum(out.values()))} left out by the rule ({_by_label(task, out)})."
        )
    if sum(suspects.values()):
        sentences.append(
            f"something looks wrong with {counted(sum(suspects.values()))} "
            f"({_by_label(task, suspects)}); none is left out before you have looked at it."
        )
    if report.unknown:
        sentences.append(
            f"the rule cannot judge {counted(report.unknown)}, because their metadata are missing."
        )
    return f"{name}: {' '.join(sentences) or 'the rule finds nothing wrong with any film.'}"


def _by_label(task: DetectorTask, counts: Mapping[str, int]) -> str:
    most_first = sorted((item for item in counts.items() if item[1]), key=lambda item: -item[1])
    return ", ".join(f"{films:,} {task.words(label)}" for label, films in most_first)


def _facts(swept: RuleSweep) -> dict[str, object]:
    report = swept.labelled
    return {
        "films": dict(report.counts),
        "unknown": report.unknown,
        "cut_offs": dict(report.judged.cut_offs),
        "added": report.changes.added,
        "withdrawn": report.changes.withdrawn,
        "model_version": swept.model_version,
        "checks": check_facts(swept.cut_offs),
    }
