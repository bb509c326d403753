"""`radsieve bias`: does what is left out cost some group of patients more than the rest?"""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.export.core.bias import BiasReport
from backend.export.core.bias_comparison import Comparability, Comparison
from backend.export.loop.bias import bias_of_known
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks

_MOST_LINES = 5
"""What stands out takes so many lines at most, the summary included."""


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
    bias_ratio, bias_least_excluded, bias_level and bias_least_films. What stands out for the same
    reason is one line; --all and the report of an export show every group.
    """
    report = bias_of_known(workspace, load_detector_tasks(), groups=groups)
    lines = _all_lines(report) if show_all else _first_lines(report)
    return Outcome("\n".join([*lines, _summary(report)]), report.as_json())


def _all_lines(report: BiasReport) -> list[str]:
    return [f"{one.finding.value}: {one.sentence()}{_chance(one)}" for one in report.comparisons]


def _first_lines(report: BiasReport) -> list[str]:
    return [
        f"{cause.lead.finding.value}: {cause.sentence(_chance(cause.lead))}"
        for cause in report.causes[: _MOST_LINES - 1]
    ]


def _chance(one: Comparison) -> str:
    return "" if one.adjusted is None else f", adjusted p {one.adjusted:.2g}"


def _summary(report: BiasReport) -> str:
    too_small = (Comparability.TOO_SMALL, Comparability.LOST_MOST)
    if not report.comparisons:
        return "no film is known to be bad yet, so no group loses any"
    small = sum(one.finding in too_small for one in report.comparisons)
    more = len(report.causes) - (_MOST_LINES - 1)
    return (
        f"{len(report.comparisons)} groups compared, {len(report.blocking)} lose too much, "
        f"{small} are too small to tell"
        + (f"; {more} more causes: --all, or the report of an export" if more > 0 else "")
    )
