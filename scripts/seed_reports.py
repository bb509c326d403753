"""`radsieve seed-reports`: labels from reports, before any film is looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.errors import RadsieveError
from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.adapters.report_page import PageFacts
from backend.reports.adapters.report_reader import columns_read, read_reports
from backend.reports.adapters.seeded_tables import read_overrides
from backend.reports.core.columns import ReportColumns
from backend.reports.core.mining.finding import Status
from backend.reports.core.mining.lexicon import Lexicon
from backend.reports.core.seeded import labels_of, seeder
from backend.reports.loop.seed_reports import Mining, SeedFiles, SeedReport, Skipped, seed_reports
from scripts._command import Outcome, plain_command, progress_bar
from tasks import detector_task

_FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 5


@click.option("--id-column", metavar="C", help="Column of a table with the report's id.")
@click.option(
    "--text-column",
    "text_columns",
    metavar="C",
    multiple=True,
    help="Column of a table with text; may be given several times, each column is one heading.",
)
@click.option("--out", required=True, type=_FILE, help="Table to write, with one row per report.")
@click.option("--hits", type=_FILE, help="Also write a table with one row per phrase found.")
@click.option(
    "--html",
    type=_FILE,
    help="Also write a page to check the labels. It holds report text: keep it where reports may "
    "be.",
)
@click.option(
    "--overrides",
    type=_FILE,
    help="CSV id,label,note with a reader's own labels, as the page exports it.",
)
@click.option("--terms", type=_FILE, help="TOML or CSV file with your own terms.")
@click.option("--language", default="en", show_default=True, help="Language of the reports.")
@click.option("--task", "name", default="metal_implant", show_default=True, metavar="TASK")
@click.argument("reports", metavar="FILE", type=click.Path(path_type=Path))
@plain_command
def COMMAND(  # noqa: PLR0913 - one for each option
    *,
    reports: Path,
    id_column: str | None,
    text_columns: tuple[str, ...],
    out: Path,
    hits: Path | None,
    html: Path | None,
    overrides: Path | None,
    terms: Path | None,
    language: str,
    name: str,
) -> Outcome:
    """Find in reports whether metal is implanted in the body: present, absent, or abstain.

    FILE is a CSV, TSV or JSON lines file, or a folder or .tgz of OpenI XML or of text files.
    Reports that cannot be used are listed, and stop nothing. For another TASK, the phrases of its
    report_hints give the labels. In the tables, a cell that a spreadsheet would take for a formula
    begins with an apostrophe.
    """
    _refuse_overwriting((reports, overrides, terms), (out, hits, html))
    files = SeedFiles(labels=out, hits=hits, page=html)
    mining = _mining(detector_task(name), reports.name, load_lexicon(language, terms))
    if overrides:
        mining = replace(mining, overrides=read_overrides(overrides, mining.facts.labels))
    columns = columns_read(reports, id_column=id_column, text_columns=text_columns)
    read = read_reports(reports, id_column=id_column, text_columns=text_columns)
    with progress_bar(Doing.REPORTS, "report") as progress:
        result = seed_reports(read, mining, files, progress=progress)
    lines = [*_column_lines(columns), *_lines(result, mining, overrides), *_file_lines(files)]
    return Outcome("\n".join(lines), _facts(result, mining, columns))


def _refuse_overwriting(read: Sequence[Path | None], written: Sequence[Path | None]) -> None:
    outputs = [path.resolve() for path in written if path]
    inputs = {path.resolve() for path in read if path}
    if inputs & set(outputs) or len(set(outputs)) < len(outputs):
        raise click.UsageError("--out, --hits and --html must be files of their own")


def _mining(task: DetectorTask, source: str, lexicon: Lexicon) -> Mining:
    labels = labels_of(task)
    if len(labels) == 1 + len(task.labels) and not task.report_hints:
        raise RadsieveError(
            f"the task {task.name} has no report_hints; give its file in tasks/ some phrases"
        )
    facts = PageFacts(source=source, task=task.name, labels=labels)
    return Mining(seeder=seeder(task, lexicon), lexicon=lexicon, facts=facts)


def _column_lines(columns: ReportColumns | None) -> Iterator[str]:
    if columns:
        texts = ", ".join(columns.texts)
        yield f"read the id from the column {columns.report_id}, the text from {texts}"


def _lines(result: SeedReport, mining: Mining, overrides: Path | None) -> Iterator[str]:
    labels = ", ".join(f"{result.labels[label]} {label}" for label in mining.facts.labels)
    yield (
        f"{result.reports} reports: {labels} ({result.reports / result.seconds:.0f} reports a "
        "second)"
    )
    yield f"statuses: {_counts(_statuses(result))}"
    yield from (_skipped_line(why, skipped) for why, skipped in result.skipped.items())
    if overrides:
        yield (
            f"{result.overridden} labels are a reader's, of which {result.changed} differ from the "
            f"rules'; {result.unknown_overrides} overrides name no report in this file"
        )


def _statuses(result: SeedReport) -> dict[str, int]:
    return {status.value: result.statuses[status] for status in Status if result.statuses[status]}


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _skipped_line(reason: str, skipped: Skipped) -> str:
    places = ", ".join(skipped.places[:_SHOWN])
    more = f" and {skipped.count - _SHOWN} more" if skipped.count > _SHOWN else ""
    return f"left out {skipped.count}: {reason} ({places}{more})"


def _file_lines(files: SeedFiles) -> Iterator[str]:
    yield f"wrote {', '.join(str(path) for path in (files.labels, files.hits, files.page) if path)}"
    if files.page:
        yield "the page holds report text: keep it where the reports may be"


def _facts(result: SeedReport, mining: Mining, columns: ReportColumns | None) -> dict[str, object]:
    skipped = [
        {"reason": reason, "count": reports.count, "first": reports.places}
        for reason, reports in result.skipped.items()
    ]
    return {
        "reports": result.reports,
        "labels": {label: result.labels[label] for label in mining.facts.labels},
        "statuses": _statuses(result),
        "rules": dict(result.rules.most_common()),
        "left_out": sum(reports.count for reports in result.skipped.values()),
        "left_out_why": skipped,
        "overridden": result.overridden,
        "changed": result.changed,
        "unknown_overrides": result.unknown_overrides,
        "on_page": result.on_page,
        "reports_per_second": round(result.reports / result.seconds, 1),
        "columns": [columns.report_id, *columns.texts] if columns else [],
    }
