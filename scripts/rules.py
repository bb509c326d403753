"""`radsieve rules`: what follows from the metadata, without a network."""

import click

from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask, LearntFrom
from backend.loop.apply_rules import RuleReport, apply_rule
from scripts._command import Outcome, workspace_command
from tasks import detector_task, load_detector_tasks


@click.argument("names", metavar="[TASK]...", nargs=-1)
@workspace_command
def COMMAND(workspace: Workspace, names: tuple[str, ...]) -> Outcome:
    """Label the films that a rule finds, such as those of children; all rules by default.

    A cut-off is set in radsieve.toml, as in `[cut_offs.age]` and below it `youngest_years = 16`.
    Labels that no longer hold are withdrawn, so run it again after a change.
    """
    chosen = [detector_task(name) for name in names] or _with_rules()
    reports = {task.name: apply_rule(workspace, task) for task in chosen}
    return Outcome(
        "\n".join(_line(name, report) for name, report in reports.items()),
        {name: _facts(report) for name, report in reports.items()},
    )


def _with_rules() -> list[DetectorTask]:
    tasks = load_detector_tasks().values()
    return [task for task in tasks if task.learnt_from is LearntFrom.RULE]


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
