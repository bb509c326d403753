"""From reports to labels: mine each, write what it teaches, show it to whoever checks."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from backend.base.adapters.files import write_atomically
from backend.base.core.errors import InputFileError
from backend.reports.adapters.report_page import PageFacts, ReportSample, report_page
from backend.reports.adapters.seeded_tables import WriteRow, open_table
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

Progress = Callable[[int, int], None]
_PLACES_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFiles:
    """What is written."""

    labels: Path
    """One row a report."""
    hits: Path | None = None
    """One row for each place where a report names something."""
    page: Path | None = None
    """HTML, for whoever checks."""


@dataclass(slots=True)
class Skipped:
    """Rows or files that gave no report, for one reason."""

    count: int = 0
    places: list[str] = field(default_factory=list)
    """The first of them."""

    def add(self, where: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.places) < _PLACES_KEPT:
            self.places.append(where)


@dataclass(slots=True)
class SeedReport:
    """What came of it; counts only, no text of a report."""

    reports: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    """Reports by the rule that decided their label."""
    overridden: int = 0
    changed: int = 0
    """Of those, how many the rules had labelled otherwise."""
    unknown_overrides: int = 0
    """Overrides of reports that are not here."""
    skipped: dict[str, Skipped] = field(default_factory=dict)
    """By reason."""
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
    """How reports become labels."""

    seeder: Seeder
    lexicon: Lexicon
    facts: PageFacts
    overrides: Mapping[str, Override] = field(default_factory=dict)
    """By report id; they win over the rules."""


def seed_reports(
    reports: Iterable[Report | BadReport],
    mining: Mining,
    files: SeedFiles,
    *,
    progress: Progress | None = None,
) -> SeedReport:
    """Write labels, hits and page; memory does not grow with the number of reports.

    All files take their names at the end: an interrupted run leaves what was there before.

    Raises:
        InputFileError: there is no report at all.
    """
    result, start = SeedReport(), time.perf_counter()
    with ExitStack() as stack:
        writers = _Writers(stack, files, mining.lexicon)
        for one in reports:
            if isinstance(one, BadReport):
                result.skipped.setdefault(one.reason, Skipped()).add(one.where)
                continue
            seeded = replace(mining.seeder(one), override=mining.overrides.get(one.report_id))
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
        self._label: WriteRow = stack.enter_context(open_table(files.labels, LABEL_COLUMNS))
        self._hit: WriteRow | None = (
            stack.enter_context(open_table(files.hits, HIT_COLUMNS)) if files.hits else None
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
        came = ", ".join(f"{one.count} x {why}" for why, one in result.skipped.items())
        raise InputFileError(
            f"expected at least one report with an id and a text, got none ({came or 'no rows'})"
        )
