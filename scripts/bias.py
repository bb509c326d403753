"""`radsieve bias`: does cleaning cost some group of patients more films than the rest?"""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.export.core.bias import BiasReport
from backend.export.core.bias_comparison import Comparability, Comparison
from backend.export.loop.bias import bias_of_known
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks

_MOST_LINES = 5
"""The most lines without `--all`, the summary included."""


@click.option(
    "--groups",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="Further groups of films: a column `file`, and one for each attribute, such as site.",
)
@click.option(
    "--all", "show_all", is_flag=True, help="Show every group, not only those that stand out."
)
@workspace_command
def COMMAND(workspace: Workspace, groups: Path | None, show_all: bool) -> Outcome:
    """Compare the losses of each group of films with those of the rest, by exact, adjusted tests.

    A loss is a film that is known to be bad. An export stops where a group loses too much: see the
    settings bias_ratio, bias_least_excluded, bias_level and bias_least_films. Groups that stand out
    for the same reason share one line; --all and the report of an export show every group.
    """
    report = bias_of_known(workspace, load_detector_tasks(), groups=groups)
    lines = _all_lines(report) if show_all else _first_lines(report)
    return Outcome("\n".join([*lines, _summary(report)]), report.as_json())


def _all_lines(report: BiasReport) -> list[str]:
    return [
        f"{comparison.finding.value}: {comparison.sentence()}{_p_value(comparison)}"
        for comparison in report.comparisons
    ]


def _first_lines(report: BiasReport) -> list[str]:
    return [
        f"{cause.lead.finding.value}: {cause.sentence(_p_value(cause.lead))}"
        for cause in report.causes[: _MOST_LINES - 1]
    ]


def _p_value(comparison: Comparison) -> str:
    return "" if comparison.adjusted is None else f", adjusted p {comparison.adjusted:.2g}"


def _summary(report: BiasReport) -> str:
    too_small = (Comparability.TOO_SMALL, Comparability.LOST_MOST)
    if not report.comparisons:
        return "no film is known to be bad yet, so no group loses any"
    small = sum(comparison.finding in too_small for comparison in report.comparisons)
    more = len(report.causes) - (_MOST_LINES - 1)
    return (
        f"{len(report.comparisons)} groups compared, {len(report.blocking)} lose too much, "
        f"{small} are too small to tell"
        + (f"; {more} more causes: --all, or the report of an export" if more > 0 else "")
    )
