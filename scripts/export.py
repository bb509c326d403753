"""`radsieve export`: the exclusion list, the correction list, corrected copies."""

from pathlib import Path

import click

from backend.adapters.workspace import Workspace
from backend.loop.export import ExportReport, export
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.option(
    "--predicted", is_flag=True, help="List surely predicted films that nobody has looked at, too."
)
@click.option(
    "--apply",
    "apply_to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write corrected copies and, in crops/, what lies in boxes; originals are never touched.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR"
)
@workspace_command
def COMMAND(workspace: Workspace, out: Path, apply_to: Path | None, predicted: bool) -> Outcome:
    """Write exclusions.csv, corrections.csv, unproven.csv and boxes.csv.

    A film that can be put right is in both lists: leave it out, or use its corrected copy. One that
    the detectors still find wrong after its correction is in unproven.csv, for a second look.
    """
    report = export(
        workspace, load_detector_tasks(), out, with_predicted=predicted, apply_to=apply_to
    )
    return Outcome(
        "\n".join(_lines(report, out, predicted)),
        {
            "exclusions": report.exclusions,
            "corrections": report.corrections,
            "unproven": report.unproven,
            "unreviewed": dict(report.unreviewed),
            "boxes": report.boxes,
            "copies": report.copies,
            "crops": report.crops,
            "failed": dict(report.failed),
        },
        exit_code=1 if report.failed else 0,
    )


def _lines(report: ExportReport, out: Path, predicted: bool) -> list[str]:
    lines = [f"wrote {report.exclusions} exclusions and {report.corrections} corrections to {out}"]
    for name, count in report.unreviewed.items():
        if count and not predicted:
            lines.append(
                f"{name}: {count} more are surely predicted, but nobody has looked at them; "
                "`--predicted` lists them too"
            )
    if report.unproven:
        lines.append(
            f"{report.unproven} films do not pass after their correction; look at unproven.csv"
        )
    if report.boxes:
        lines.append(f"wrote {report.boxes} boxes")
    if report.copies or report.crops:
        lines.append(f"wrote {report.copies} corrected copies and {report.crops} crops")
    lines += [f"not corrected: {file}: {why}" for file, why in report.failed.items()]
    return lines
