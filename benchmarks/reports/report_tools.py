"""How well reports are labelled: radsieve, keywords, and keywords behind medspaCy or negspacy.

    python -m benchmarks.reports.report_tools REPORTS.tgz gold_dev.csv
        --medspacy PYTHON --negspacy PYTHON

PYTHON is the interpreter of an environment that has the tool; the tools do not agree with each
other on a spaCy, nor with this environment on a numpy. All judge the same reports in one run.
Prints Markdown and writes docs/figures/report_tools.json: counts and figures, no text of a report.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.core.mining.finding import MetalLabel, Report
from backend.reports.core.mining.mine import mine
from benchmarks.detectors.card import FIGURES, DetectorCard, Table, shown, write_card
from benchmarks.reports.report_gold import (
    KEYWORDS_AS_WORDS,
    Gold,
    Scores,
    keyword_finders,
    read_gold,
    reports_with_films,
    set_aside,
    strict,
    what_is_seen,
)
from benchmarks.reports.report_tool_worker import CANNOT_IMPORT

WORKER = Path(__file__).with_name("report_tool_worker.py")
INSTALL = {
    "medspacy": "medspacy==1.3.1 'spacy<3.8' 'numpy<2'",
    "negspacy": "negspacy==1.1.0",
}
"""What an environment of its own needs, by tool."""
PARTS: Mapping[str, Callable[[str], str]] = {
    "whole report": str,
    "findings and impression": what_is_seen,
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one way to label reports says, and how fast."""

    name: str
    called: frozenset[str]
    """Ids of the reports it calls positive."""
    per_cpu_second: float


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print and write."""
    options = _options(argv)
    gold, reports = read_gold(options.gold), reports_with_films(options.reports)
    runs = [*own_runs(reports)]
    for tool, python in (("medspacy", options.medspacy), ("negspacy", options.negspacy)):
        ran = tool_runs(tool, python, reports)
        runs += ran
        if not ran:
            print(how_to_install(tool))
    card = card_of(gold, runs, reports)
    for table in card.tables:
        print(as_markdown(table))
    write_card(card, options.figures)
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, help="OpenI reports, as tgz or folder")
    parser.add_argument("gold", type=Path, help="CSV with uid, label, categories")
    for tool in INSTALL:
        parser.add_argument(f"--{tool}", default=sys.executable, help=f"Python that has {tool}")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="folder for the JSON")
    return parser.parse_args(argv)


def own_runs(reports: Sequence[Report]) -> Iterator[Run]:
    """Yield the run of the rules, then those of the keywords alone."""
    lexicon = load_lexicon()
    yield _run("radsieve", reports, lambda text: mine(text, lexicon).label is MetalLabel.PRESENT)
    for name, is_found in keyword_finders().items():
        yield _run(name, reports, is_found)


def _run(name: str, reports: Sequence[Report], is_found: Callable[[str], bool]) -> Run:
    start = time.process_time()
    called = frozenset(one.report_id for one in reports if is_found(one.text))
    seconds = time.process_time() - start
    return Run(name=name, called=called, per_cpu_second=_rate(reports, seconds))


def _rate(reports: Sequence[Report], seconds: float) -> float:
    return len(reports) / max(seconds, 1e-9)


def tool_runs(tool: str, python: str, reports: Sequence[Report]) -> list[Run]:
    """Return the runs of a tool, none where this Python cannot import it."""
    runs = []
    for part, part_of in PARTS.items():
        lines = [json.dumps([one.report_id, part_of(one.text)]) for one in reports]
        # Isolated: modules of this folder must not stand in for those of the tool.
        done = subprocess.run(
            [python, "-I", str(WORKER), tool, KEYWORDS_AS_WORDS.pattern],
            input="\n".join(lines),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode == CANNOT_IMPORT:
            return []
        done.check_returncode()
        said = json.loads(done.stdout.splitlines()[-1])
        title = f"25 keywords as words, {part}, {tool} {said['versions']}"
        rate = _rate(reports, said["cpu_seconds"])
        runs += [
            Run(name=f"{title}: {way}", called=frozenset(called), per_cpu_second=rate)
            for way, called in said["called"].items()
        ]
    return runs


def how_to_install(tool: str) -> str:
    """Return what to do where a tool is missing."""
    return (
        f"{tool} is not compared: it cannot be imported. Make an environment for it with "
        f"`python -m venv ENV` and `ENV/bin/pip install {INSTALL[tool]}`, "
        f"then add `--{tool} ENV/bin/python`.\n"
    )


def card_of(
    gold: Mapping[str, Gold], runs: Sequence[Run], reports: Sequence[Report]
) -> DetectorCard:
    """Return everything that is measured, as a card."""
    aside = set_aside(gold)
    return DetectorCard(
        task="report_tools",
        films=f"no films: {len(reports)} OpenI reports of examinations with films, {len(gold)} "
        "of them judged",
        patients="not stated by OpenI; one report is one examination",
        label_source="one reader, no radiologist, from the reports alone",
        split="the development half of the list; most of it was in view when rules were written",
        command="python -m benchmarks.reports.report_tools REPORTS.tgz gold_dev.csv "
        "--medspacy PYTHON --negspacy PYTHON",
        tables=[
            _table("All judged reports", gold, gold, runs),
            _table("Judged reports set aside while rules were written", gold, aside, runs),
        ],
        not_for=["reports other than of chest films: these hold hardly any joint or plate"],
        notes=[
            "Positive is 'present'; what the reader calls implied or uncertain is left out.",
            "All intervals are exact (Clopper-Pearson); F1 by way of found among called or there.",
            "Judged reports are rich in implants, so precision is not that of an archive: the "
            "judged half holds few of the reports in which a substring is found by chance.",
            "Rates: one pass over all reports on a shared machine, CPU time, start-up left out.",
        ],
    )


def _table(
    title: str, gold: Mapping[str, Gold], ids: Collection[str], runs: Sequence[Run]
) -> Table:
    judged = [name for name in ids if gold[name].status not in ("implied", "uncertain")]
    rows = [_row(run, strict(gold, run.called, ids)) for run in runs]
    columns = (
        *("labelled by", "precision", "recall", "F1"),
        *("right", "called", "there", "called in all", "reports per CPU second"),
    )
    return Table(title=f"{title} ({len(judged)})", columns=columns, rows=rows)


def _row(run: Run, scores: Scores) -> list[str]:
    figures = (scores.precision, scores.recall, scores.f1_with_limits)
    counts = (scores.found, scores.called, scores.there, len(run.called))
    rate = f"{run.per_cpu_second:.0f}"
    return [run.name, *(shown(one, 3) for one in figures), *map(str, counts), rate]


def as_markdown(table: Table) -> str:
    """Return a table under its title."""
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join([f"\n{table.title}\n", *(f"| {' | '.join(cells)} |" for cells in lines)])


if __name__ == "__main__":
    raise SystemExit(main())
