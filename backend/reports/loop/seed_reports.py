"""Mine each report, write its label into a table, and make the page to check the labels."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from backend.base.adapters.csv_table import WriteRow, open_csv
from backend.base.adapters.files import write_atomically
from backend.base.core.errors import InputFileError
from backend.base.core.progress import Progress
from backend.reports.adapters.report_page import PageFacts, ReportSample, report_page
from backend.reports.core.mining.finding import BadReport, Report
from backend.reports.core.mining.lexicon import Lexicon
from backend.reports.core.seeded import (
    HIT_COLUMNS,
    LABEL_COLUMNS,
    Override,
    SeededReport,
    Seeder,
    hit_rows,
    label_row,
)

_PLACES_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFiles:
    """The files to write."""

    labels: Path
    """CSV with one row per report."""
    hits: Path | None = None
    """CSV with one row per hit: a place where a report names a device."""
    page: Path | None = None
    """HTML page on which a person checks the labels."""


@dataclass(slots=True)
class Skipped:
    """Rows or files that gave no report, all for the same reason."""

    count: int = 0
    places: list[str] = field(default_factory=list)
    """Place of the first of them."""

    def add(self, where: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.places) < _PLACES_KEPT:
            self.places.append(where)


@dataclass(slots=True)
class SeedReport:
    """Counts of a run; no text of a report is in it."""

    reports: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    """Rule -> reports whose label it decided."""
    overridden: int = 0
    changed: int = 0
    """Overridden reports to which the rules gave another label."""
    unknown_overrides: int = 0
    """Overrides whose report was not in the file."""
    skipped: dict[str, Skipped] = field(default_factory=dict)
    """Reason -> rows or files that gave no report."""
    on_page: int = 0
    seconds: float = 0.0

    def count(self, seeded: SeededReport) -> None:
        """Count one more report."""
        self.reports += 1
        self.labels[seeded.label] += 1
        self.statuses[seeded.status] += 1
        self.rules[seeded.rule] += bool(seeded.rule)
        self.overridden += seeded.override is not None
        self.changed += seeded.label != seeded.mined_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Mining:
    """What turns reports into labels: the rules and the overrides of readers."""

    seeder: Seeder
    lexicon: Lexicon
    facts: PageFacts
    overrides: Mapping[str, Override] = field(default_factory=dict)
    """Report id -> the label of a reader; it outweighs the rules."""


def seed_reports(
    reports: Iterable[Report | BadReport],
    mining: Mining,
    files: SeedFiles,
    *,
    progress: Progress | None = None,
) -> SeedReport:
    """Write the labels, the hits and the page; memory does not grow with the number of reports.

    All files take their names at the end: an interrupted run leaves what was there before.

    Raises:
        InputFileError: there is no report at all.
    """
    result, start = SeedReport(), time.perf_counter()
    with ExitStack() as stack:
        writers = _Writers(stack, files, mining.lexicon)
        for report in reports:
            if isinstance(report, BadReport):
                result.skipped.setdefault(report.reason, Skipped()).add(report.where)
                continue
            seeded = replace(mining.seeder(report), override=mining.overrides.get(report.report_id))
            writers.write(seeded)
            result.count(seeded)
            if progress:
                progress(result.reports, 0)
        _check_any(result)
        result.unknown_overrides = len(mining.overrides) - result.overridden
        result.on_page = writers.write_page(mining.facts)
    result.seconds = time.perf_counter() - start
    return result


class _Writers:
    """The files while they are being written."""

    def __init__(self, stack: ExitStack, files: SeedFiles, lexicon: Lexicon) -> None:
        self._abbreviations = lexicon.abbreviations
        self._page = files.page
        self._sample = ReportSample() if files.page else None
        self._label: WriteRow = stack.enter_context(open_csv(files.labels, LABEL_COLUMNS))
        self._hit: WriteRow | None = (
            stack.enter_context(open_csv(files.hits, HIT_COLUMNS)) if files.hits else None
        )

    def write(self, seeded: SeededReport) -> None:
        self._label(label_row(seeded, self._abbreviations))
        if self._hit:
            for row in hit_rows(seeded):
                self._hit(row)
        if self._sample:
            self._sample.add(seeded)

    def write_page(self, facts: PageFacts) -> int:
        """Write the page if one is wanted; return how many reports it shows."""
        if self._sample is None or self._page is None:
            return 0
        write_atomically(self._page, report_page(self._sample, facts).encode())
        return len(self._sample.reports())


def _check_any(result: SeedReport) -> None:
    if not result.reports:
        came = ", ".join(f"{skipped.count} x {why}" for why, skipped in result.skipped.items())
        raise InputFileError(
            f"expected at least one report with an id and a text, got none ({came or 'no rows'})"
        )
