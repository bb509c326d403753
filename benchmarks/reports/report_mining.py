"""How well reports are mined for implants, beside keywords, on reports that one person has read.

    python -m benchmarks.reports.report_mining REPORTS.tgz gold_dev.csv [--out DIR]
        [--write-confidence]

Prints tables with ids and counts. Report text goes into DIR only.
"""

import argparse
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.core.mining.finding import Hit, Report, ReportFinding
from backend.reports.core.mining.lexicon import Lexicon
from backend.reports.core.mining.mine import mine
from benchmarks.detectors.card import Table, shown
from benchmarks.reports.report_counts import FILE, confidence_text
from benchmarks.reports.report_gold import (
    CATEGORIES,
    Gold,
    Scores,
    keyword_finders,
    lenient,
    read_gold,
    reports_with_films,
    set_aside,
    strict,
)

_ROUNDS = 3
_COLUMNS = ("precision", "recall", "F1", "called")

Findings = Mapping[str, ReportFinding]


def main(argv: Sequence[str] | None = None) -> int:
    """Print how well reports are mined."""
    options = _options(argv)
    gold, lexicon = read_gold(options.gold), load_lexicon()
    reports = reports_with_films(options.reports)
    found = {one.report_id: mine(one.text, lexicon) for one in reports}
    for table in tables(gold, found, reports):
        print(as_text(table))
    print(f"{_rate(reports, lexicon):.0f} reports a second of CPU time, one core")
    if options.out:
        _write_errors(options.out, gold, found, reports)
    if options.write_confidence:
        FILE.write_text(confidence_text(gold, found), encoding="utf-8")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, help="OpenI reports, as tgz or folder")
    parser.add_argument("gold", type=Path, help="CSV with uid, label, categories")
    parser.add_argument("--out", type=Path, help="folder for the errors with their text")
    parser.add_argument("--write-confidence", action="store_true", help=f"write {FILE.name}")
    return parser.parse_args(argv)


def tables(gold: Mapping[str, Gold], found: Findings, reports: Sequence[Report]) -> list[Table]:
    """Return everything that is measured, but the rate."""
    return [
        _score_table(gold, found, reports),
        _category_table(gold, found),
        _status_table(gold, found),
        _error_table(gold, found),
        _elsewhere_table(gold, found),
    ]


def _score_table(gold: Mapping[str, Gold], found: Findings, reports: Sequence[Report]) -> Table:
    aside = set_aside(gold)
    present = {name for name, one in found.items() if one.status == "present"}
    implied = present | {name for name, one in found.items() if one.status == "implied"}
    seen = f"rules, {len(gold) - len(aside)} reports they were written from"
    unseen = f"rules, {len(aside)} reports set aside"
    rows = [
        [*_score_row(seen, strict(gold, present, gold.keys() - aside)), ""],
        [*_score_row(unseen, strict(gold, present, aside)), ""],
        [*_score_row("rules", strict(gold, present, gold)), str(len(present))],
        [*_score_row("rules, lenient", lenient(gold, implied, gold)), str(len(implied))],
    ]
    for name, is_found in keyword_finders().items():
        called = {one.report_id for one in reports if is_found(one.text)}
        everywhere = str(len(called))
        rows.append([*_score_row(name, strict(gold, called, gold)), everywhere])
        rows.append([*_score_row(f"{name}, lenient", lenient(gold, called, gold)), everywhere])
    return Table(
        title="Present: implied and uncertain left out; lenient: implied counts as present",
        columns=("labelled by", *_COLUMNS, f"called of {len(found)} reports"),
        rows=rows,
    )


def _score_row(name: str, scores: Scores) -> list[str]:
    figures = (scores.precision, scores.recall)
    return [name, *(shown(one, 3) for one in figures), f"{scores.f1:.3f}", str(scores.called)]


def _category_table(gold: Mapping[str, Gold], found: Findings) -> Table:
    rows = []
    for kinds in dict.fromkeys(CATEGORIES.values()):
        there = {name for name, one in gold.items() if set(kinds) & one.categories}
        there &= {name for name, one in gold.items() if one.status == "present"}
        called = {name for name in gold if set(kinds) & _present_kinds(found[name])}
        called -= {name for name, one in gold.items() if one.status in ("implied", "uncertain")}
        rows.append(
            _score_row(" or ".join(kinds), Scores(len(there & called), len(called), len(there)))
        )
    return Table(title="By kind of device", columns=("kind", *_COLUMNS), rows=rows)


def _present_kinds(finding: ReportFinding) -> set[str]:
    return {hit.category for hit in finding.hits if hit.status == "present"}


def _status_table(gold: Mapping[str, Gold], found: Findings) -> Table:
    pairs = Counter((one.status, found[name].status.value) for name, one in gold.items())
    rows = [[read, said, str(count)] for (read, said), count in sorted(pairs.items())]
    return Table(title="Statuses", columns=("reader", "rules", "reports"), rows=rows)


def _error_table(gold: Mapping[str, Gold], found: Findings) -> Table:
    rows = [
        [name, gold[name].status, found[name].status.value, _decided(found[name].decided_by)]
        for name in _errors(gold, found)
    ]
    columns = ("report", "reader", "rules", "decided by")
    return Table(title="Errors about 'present'", columns=columns, rows=rows)


def _errors(gold: Mapping[str, Gold], found: Findings) -> list[str]:
    return [
        name
        for name in sorted(gold, key=int)
        if (gold[name].status == "present") != (found[name].status == "present")
    ]


def _decided(hit: Hit | None) -> str:
    return f"{hit.rule}, {hit.cue}" if hit else ""


def _elsewhere_table(gold: Mapping[str, Gold], found: Findings) -> Table:
    called = [name for name, one in found.items() if one.status == "present"]
    elsewhere = len([name for name in called if name not in gold])
    rows = [[str(len(found)), str(len(called)), str(elsewhere), "about 126"]]
    columns = ("reports", "called present", "of them not judged here", "expected there")
    return Table(title="All reports with films", columns=columns, rows=rows)


def as_text(table: Table) -> str:
    """Return a table for a terminal."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    shown_lines = ["  ".join(_padded(line, widths)).rstrip() for line in lines]
    return "\n".join([f"\n{table.title}", *shown_lines])


def _padded(line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    return (cell.ljust(width) for cell, width in zip(line, widths, strict=True))


def _rate(reports: Collection[Report], lexicon: Lexicon) -> float:
    """Return reports per second of CPU time: the best round, as others use this machine too."""
    return len(reports) / min(_seconds(reports, lexicon) for _ in range(_ROUNDS))


def _seconds(reports: Iterable[Report], lexicon: Lexicon) -> float:
    start = time.process_time()
    for one in reports:
        mine(one.text, lexicon)
    return time.process_time() - start


def _write_errors(
    folder: Path, gold: Mapping[str, Gold], found: Findings, reports: Sequence[Report]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = {one.report_id: one.text for one in reports}
    pages = [
        f"{name}: {gold[name].status}, rules say {found[name].status}\n{text[name]}\n"
        for name in sorted(gold, key=int)
        if gold[name].status != found[name].status
    ]
    (folder / "errors.txt").write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
