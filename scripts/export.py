"""`radsieve export`: the exclusion list, the correction list, corrected copies."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.words import counted
from backend.export.core.fact_sentences import bad_sentence, correction_sentence, suspected_sentence
from backend.export.core.left_out import left_out_words
from backend.export.core.report_sentences import changed_sentence
from backend.export.loop.again import export_again
from backend.export.loop.export import BiasTerms, ExportReport, export
from backend.export.loop.report import write_archive_report
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks

_SHOWN = 20


@click.option(
    "--predicted",
    is_flag=True,
    help="Also exclude films that are surely bad by their prediction and that nobody has decided "
    "about.",
)
@click.option(
    "--apply",
    "apply_to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write corrected copies into DIR, and the content of boxes into DIR/crops; originals "
    "are never changed.",
)
@click.option(
    "--accept-bias",
    metavar="REASON",
    help="Export although a group of films loses more than the rest; the ledger keeps the reason.",
)
@click.option(
    "--groups",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="Further groups of films: a column `file`, and one for each attribute, such as site.",
)
@click.option("--no-pictures", is_flag=True, help="Make report.html without pictures of films.")
@click.option(
    "--report-only", is_flag=True, help="Make report.html alone; the ledger keeps nothing."
)
@click.option(
    "--again",
    type=int,
    metavar="ROW",
    help="Rebuild the export in this row of the ledger, byte for byte.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR"
)
@workspace_command
def COMMAND(  # noqa: PLR0913 - one parameter an option
    workspace: Workspace,
    *,
    out: Path,
    apply_to: Path | None,
    predicted: bool,
    accept_bias: str | None,
    groups: Path | None,
    no_pictures: bool,
    report_only: bool,
    again: int | None,
) -> Outcome:
    """Write the five lists (CSV), certificate.json and report.html; or rebuild an earlier export.

    exclusions.csv has only films that a person called bad, or that a policy excludes, such as an
    age limit. suspects.csv has suspected films that nobody has decided about, the worst first. A
    film that can be corrected is in exclusions.csv and in corrections.csv: leave it out, or use its
    corrected copy. unproven.csv has films that a detector still finds bad after the correction;
    look at them again.
    """
    if again is not None:
        others = (predicted, apply_to, accept_bias, groups, no_pictures, report_only)
        return _again(workspace, again, out, fresh=any(others))
    if report_only:
        of_lists = (predicted, apply_to, accept_bias, groups)
        return _report(workspace, out, with_pictures=not no_pictures, lists=any(of_lists))
    tasks = load_detector_tasks()
    report = export(
        workspace,
        tasks,
        out,
        with_predicted=predicted,
        apply_to=apply_to,
        bias=BiasTerms(accept_bias, groups),
        with_pictures=not no_pictures,
    )
    return Outcome(
        "\n".join(_lines(report, out, () if predicted else _predictable(tasks))),
        _facts(report),
        exit_code=1 if report.failed else 0,
    )


def _predictable(tasks: Mapping[str, DetectorTask]) -> list[str]:
    """Return the detector tasks whose predictions `--predicted` lists."""
    return [name for name, task in tasks.items() if not task.review_only and task.rule is None]


def _facts(report: ExportReport) -> dict[str, object]:
    return {
        "exclusions": report.exclusions,
        "left_out": asdict(report.left_out),
        "corrections": report.corrections,
        "corrected_films": report.corrected_films,
        "unproven": report.unproven,
        "unreviewed": dict(report.unreviewed),
        "boxes": report.boxes,
        "copies": report.copies,
        "crops": report.crops,
        "suspects": report.suspects,
        "failed": dict(report.failed),
        "changed": dict(report.changed),
        "accepted_groups": report.accepted_groups,
        "ledger_row": report.ledger_row,
        "facts": report.facts.as_json(),
    }


def _report(workspace: Workspace, out: Path, *, with_pictures: bool, lists: bool) -> Outcome:
    if lists:
        raise click.UsageError(
            "--report-only writes no lists; of the other options it takes only --no-pictures"
        )
    page = out / "report.html"
    write_archive_report(workspace, load_detector_tasks(), page, with_pictures=with_pictures)
    return Outcome(f"wrote {page}; nothing was exported", {"report": str(page)})


def _again(workspace: Workspace, row: int, out: Path, *, fresh: bool) -> Outcome:
    if fresh:
        raise click.UsageError("--again takes its arguments from the ledger; leave out the others")
    report = export_again(workspace, load_detector_tasks(), row, out)
    lines = [
        f"rebuilt the export of {report.at[:16]} in {out}: the same bytes as in row {row}",
        *(
            f"not rebuilt: {name}; its copy is no longer in {workspace.exports}"
            for name in report.not_rebuilt
        ),
    ]
    facts = {
        "ledger_row": row,
        "at": report.at,
        "sha256": dict(report.sha256),
        "identical": True,
        "not_rebuilt": list(report.not_rebuilt),
    }
    return Outcome("\n".join(lines), facts)


def _fact_lines(report: ExportReport) -> list[str]:
    bad, suspected = report.facts.archive.bad, report.facts.archive.suspected
    lines = [f"{bad_sentence(bad)} {correction_sentence(bad)}".strip()]
    if suspected and suspected.films:
        rows = counted(report.suspects, "row")
        lines.append(
            f"{suspected_sentence(suspected)} suspects.csv: {rows}, one for each file and "
            "question, the worst first."
        )
    return lines


def _listed_words(report: ExportReport) -> str:
    have = "has" if report.corrected_films == 1 else "have"
    return (
        f"{left_out_words(report.left_out)} (exclusions.csv, a row for each file and reason); "
        f"{counted(report.corrected_films)} {have} a correction (corrections.csv)"
    )


def _lines(report: ExportReport, out: Path, could_be_listed: Collection[str]) -> list[str]:
    lines = [f"wrote the lists to {out}: {_listed_words(report)}", *_fact_lines(report)]
    for name, count in report.unreviewed.items():
        if count and name in could_be_listed:
            lines.append(
                f"{name}: {counted(count, 'file')} surely predicted bad, and undecided; "
                "`--predicted` adds them to the exclusions"
            )
    if report.unproven:
        do = "does" if report.unproven == 1 else "do"
        lines.append(
            f"{counted(report.unproven, 'file')} {do} not pass after correction: see unproven.csv"
        )
    if report.boxes:
        lines.append(f"wrote {report.boxes} box{'es' * (report.boxes != 1)}")
    if report.copies or report.crops:
        copies = "copy" if report.copies == 1 else "copies"
        crops = counted(report.crops, "crop")
        lines.append(f"wrote {report.copies:,} corrected {copies} and {crops}")
    if report.accepted_groups:
        lose = "loses" if report.accepted_groups == 1 else "lose"
        groups = counted(report.accepted_groups, "group")
        lines.append(f"{groups} {lose} more than the rest, as accepted")
    failed = (f"not corrected: {file}: {why}" for file, why in report.failed.items())
    lines.append(f"row {report.ledger_row} of the ledger records this export")
    return [*lines, *_changed_lines(report), *failed]


def _changed_lines(report: ExportReport) -> list[str]:
    if not report.changed:
        return []
    unnamed = [file for file in report.changed if file not in report.failed]
    lines = [f"in no list: {file}: {report.changed[file]}" for file in unnamed[:_SHOWN]]
    if len(unnamed) > _SHOWN:
        lines.append(f"and {len(unnamed) - _SHOWN:,} more; --json names all")
    return [changed_sentence(len(report.changed)), *lines]
