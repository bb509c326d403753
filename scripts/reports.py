"""`radsieve reports`: give films the labels that their reports suggest."""

from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import refuse_joint
from backend.reports.adapters.report_label_table import (
    REPORT_COLUMN,
    read_report_labels,
    reports_by_place,
    reports_by_table,
)
from backend.reports.loop.report_labels import ReportLabelling, label_by_reports
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.option(
    "--films",
    type=click.Path(path_type=Path),
    help="CSV with the report of each film; without it, the film's file or a folder above it "
    "has the report's id as its name.",
)
@click.option(
    "--column",
    default=REPORT_COLUMN,
    show_default=True,
    help="Column of --films with the report's id, beside the column file.",
)
@click.option("--task", "name", default="metal_implant", show_default=True, metavar="TASK")
@click.argument("labels", type=click.Path(path_type=Path))
@workspace_command
def COMMAND(
    workspace: Workspace, labels: Path, name: str, films: Path | None, column: str
) -> Outcome:
    """Label films by the labels that `radsieve seed-reports` gave their reports.

    A report that abstains gives no label. In a training these labels count by their confidence, and
    a reviewer's label overrides them; a rule that reviewers contradict too often is turned down
    (see `radsieve status`). Of a report, only the deciding sentence is kept, without dates, numbers
    and names.
    """
    task, rows = detector_task(name), read_report_labels(labels)
    refuse_joint(task, "label by reports")
    ids = [row.report_id for row in rows]
    engine = workspace.database
    films_of = reports_by_table(films, column) if films else reports_by_place(engine, ids)
    result = label_by_reports(engine, task, rows, films_of)
    return Outcome("\n".join(_lines(name, result)), _facts(result))


def _lines(name: str, result: ReportLabelling) -> list[str]:
    counts = ", ".join(f"{count} {label}" for label, count in result.films.items())
    return [
        f"{name}: {counts}, by {result.reports} reports; {result.changes.added} labels added, "
        f"{result.changes.withdrawn} withdrawn",
        f"{result.abstaining} reports decide nothing, {result.without_film} have no film here, "
        f"{result.unknown_films} rows name no film here, {result.contradictory} films left out "
        "because their reports disagree",
    ]


def _facts(result: ReportLabelling) -> dict[str, object]:
    return {
        "films": dict(result.films),
        "reports": result.reports,
        "abstaining": result.abstaining,
        "without_film": result.without_film,
        "unknown_films": result.unknown_films,
        "contradictory": result.contradictory,
        "added": result.changes.added,
        "withdrawn": result.changes.withdrawn,
    }
