"""`radsieve bias`: does what is left out cost some group of patients more than the rest?"""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.export.core.bias import BiasReport, Comparability, Comparison
from backend.export.loop.bias import bias_of_known
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.option(
    "--groups",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="Films by further groups: a column `file`, and one for each, such as site or finding.",
)
@click.option("--all", "show_all", is_flag=True, help="Show every group, not only what stands out.")
@workspace_command
def COMMAND(workspace: Workspace, groups: Path | None, show_all: bool) -> Outcome:
    """Compare what each group of films loses with what the rest loses: exact, and adjusted.

    Counts films that are known to be bad. An export stops where a group loses too much: settings
    bias_ratio, bias_least_excluded, bias_level and bias_least_films.
    """
    report = bias_of_known(workspace, load_detector_tasks(), groups=groups)
    return Outcome("\n".join(_lines(report, show_all)), report.as_json())


def _lines(report: BiasReport, show_all: bool) -> list[str]:
    shown = report.comparisons if show_all else [*report.blocking, *report.lost_untested]
    lines = [_line(one) for one in shown]
    too_small = (Comparability.TOO_SMALL, Comparability.LOST_MOST)
    small = sum(one.finding in too_small for one in report.comparisons)
    lines.append(
        f"{len(report.comparisons)} groups compared, {len(report.blocking)} lose too much, "
        f"{small} are too small to tell"
    )
    return lines


def _line(one: Comparison) -> str:
    adjusted = "" if one.adjusted is None else f", adjusted p {one.adjusted:.2g}"
    return f"{one.finding.value}: {one.sentence()}{adjusted}"
