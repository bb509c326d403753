"""How many reports a second `seed-reports` does on one core, beside keywords, and in what memory.

    python -m benchmarks.reports.report_speed REPORTS [--rounds 3]

REPORTS is what `radsieve seed-reports` reads; for the figures in the docs, NLMCXR_reports.tgz of
OpenI. Reading, mining and writing are timed by processor time, in a process of its own for each
round; other programs on the machine do not change it much. The baseline does the same reading and
searches 25 keywords with word boundaries, one regular expression, in the same run: mining is
stated as a ratio to it. Then the reports are given once and ten times over, under new ids, and the
peak memory of the process is read.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.adapters.report_page import PageFacts
from backend.reports.adapters.report_reader import read_reports
from backend.reports.core.mining.finding import Report
from backend.reports.core.seeded import labels_of, seeder
from backend.reports.loop.seed_reports import Mining, SeedFiles, seed_reports
from benchmarks.reports.report_gold import keyword_finders
from tasks import detector_task

BASELINE = "25 keywords as words, whole report"
TIMES_OVER = 10


@click.command()
@click.argument("reports", type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=3, show_default=True, help="Of which the best counts.")
@click.option("--once", type=click.Choice(["mine", "keywords"]), hidden=True)
def main(reports: Path, rounds: int, once: str | None) -> None:
    """Print reports a second and peak memory."""
    if once:
        _print_once(reports, once)
        return
    rates = {}
    for what, name in (("mine", "radsieve seed-reports"), ("keywords", BASELINE)):
        found = [_in_own_process(reports, what) for _ in range(rounds)]
        rates[what] = found[0][0] / min(seconds for _, seconds, _ in found)
        click.echo(
            f"{name}: {rates[what]:.0f} reports a processor second ({found[0][0]:.0f} reports)"
        )
    click.echo(f"ratio to the baseline: {rates['mine'] / rates['keywords']:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, TIMES_OVER):
            table = _repeated(reports, Path(folder, "reports.csv"), times)
            count, _, peak_mb = _in_own_process(table, "mine")
            click.echo(f"peak memory with {count:.0f} reports: {peak_mb:.0f} MiB")


def _in_own_process(reports: Path, what: str) -> tuple[float, float, float]:
    """Return reports, processor seconds and peak MiB of one run."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.reports.report_speed",
        str(reports),
        "--once",
        what,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, seconds, peak_mb = (float(one) for one in done.stdout.split())
    return count, seconds, peak_mb


def _print_once(reports: Path, what: str) -> None:
    start = time.process_time()
    count = _mine(reports) if what == "mine" else _search(reports)
    seconds = time.process_time() - start
    # Kilobytes on Linux.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"{count} {seconds} {peak_mb}")


def _mine(reports: Path) -> int:
    task, lexicon = detector_task("metal_implant"), load_lexicon()
    facts = PageFacts(source=reports.name, task=task.name, labels=labels_of(task))
    mining = Mining(seeder=seeder(task, lexicon), lexicon=lexicon, facts=facts)
    with tempfile.TemporaryDirectory() as folder:
        files = SeedFiles(labels=Path(folder, "labels.csv"), hits=Path(folder, "hits.csv"))
        return seed_reports(read_reports(reports), mining, files).reports


def _search(reports: Path) -> int:
    is_found, count = keyword_finders()[BASELINE], 0
    for one in read_reports(reports):
        if isinstance(one, Report):
            is_found(one.text)
            count += 1
    return count


def _repeated(reports: Path, table: Path, times: int) -> Path:
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "report"])
        for time_over in range(times):
            for one in read_reports(reports):
                if isinstance(one, Report):
                    writer.writerow([f"{time_over}-{one.report_id}", one.text])
    return table


if __name__ == "__main__":
    main()
