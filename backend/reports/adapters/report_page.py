"""The HTML page on which a person checks the labels mined from reports: one file, no network."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.base.adapters.html_page import html_page, page_file, rendered
from backend.reports.core.mining.finding import Hit
from backend.reports.core.seeded import ABSTAIN, SeededReport

MOST_REPORTS = 10_000
"""A page with more reports would be slow; it shows so many of them, drawn at random."""
_FOLDER = "backend.reports.adapters"
_SCRIPTS = ("report_page_state.js", "report_page.js")
"""Files of the one script of the page, in the order in which they are joined."""


class ReportSample:
    """The reports that a page shows: all, or `MOST_REPORTS` drawn at random with equal chances."""

    def __init__(self, most: int = MOST_REPORTS) -> None:
        """Begin without reports."""
        self._most = most
        self._rng = random.Random(0)
        self._kept: list[tuple[int, SeededReport]] = []
        self.total = 0
        """How many reports were offered so far."""

    def add(self, seeded: SeededReport) -> None:
        """Offer a report; if it is drawn, it takes the place of one that was kept before."""
        place, self.total = self.total, self.total + 1
        if len(self._kept) < self._most:
            self._kept.append((place, seeded))
            return
        # Algorithm R: the report at place n is kept with probability most / (n + 1).
        other = self._rng.randrange(self.total)
        if other < self._most:
            self._kept[other] = (place, seeded)

    def reports(self) -> list[SeededReport]:
        """Return the reports that were kept, in the order in which they were offered."""
        return [seeded for _, seeded in sorted(self._kept, key=lambda numbered: numbered[0])]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Facts that the page shows beside the reports."""

    source: str
    """Name of the file that the reports come from."""
    task: str
    labels: Sequence[str]
    """The answers, in the order of their keys 1, 2, 3 ..."""


def report_page(sample: ReportSample, facts: PageFacts) -> str:
    """Return the whole page; report text is in it as data, and only ever shown as text."""
    reports = sample.reports()
    data = {
        "source": facts.source,
        "task": facts.task,
        "labels": list(facts.labels),
        "abstain": ABSTAIN,
        "total": sample.total,
        "key": _key(facts.task, reports),
        "reports": [_report(seeded) for seeded in reports],
    }
    title = f"{facts.source}: {facts.task}"
    return html_page(
        title=title,
        body=rendered(f"{_FOLDER}/report_page.html", title=facts.source),
        style=page_file(f"{_FOLDER}/report_page.css"),
        script="\n".join(page_file(f"{_FOLDER}/{name}") for name in _SCRIPTS),
        data=data,
    )


def _key(task: str, reports: Sequence[SeededReport]) -> str:
    """Return the name under which a browser keeps the corrections of these very reports."""
    digest = hashlib.blake2b(task.encode(), digest_size=12)
    for seeded in reports:
        digest.update(f"\0{seeded.report.report_id}\0{seeded.report.text}".encode())
    return f"radsieve-reports-{digest.hexdigest()}"


def _report(seeded: SeededReport) -> list[Any]:
    """Return a report as the page's script takes it apart; its `decided` is a place in its hits."""
    hits, override = list(seeded.hits), seeded.override
    text = seeded.report.text
    return [
        seeded.report.report_id,
        text,
        seeded.mined_label,
        seeded.status,
        hits.index(seeded.decided_by) if seeded.decided_by else -1,
        round(seeded.mined_confidence, 3),
        [_hit(hit, text) for hit in hits],
        [override.label, override.note] if override else None,
    ]


def _hit(hit: Hit, text: str) -> list[Any]:
    return [
        _browser_place(text, hit.start),
        _browser_place(text, hit.end),
        hit.status.value,
        hit.category,
        hit.rule,
        hit.cue,
        hit.region,
        hit.side,
        round(hit.confidence, 3),
    ]


def _browser_place(text: str, place: int) -> int:
    """Return a position as JavaScript counts it: a character beyond 16 bits counts twice."""
    before = text[:place]
    return place if before.isascii() else len(before.encode("utf-16-le")) // 2
