"""The label that one report gives to a detector task, and the table rows that state it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from backend.base.core.detector_task import DetectorTask
from backend.reports.core.hints import UNMEASURED, Hint, hints_in, label_of_hints
from backend.reports.core.mining.finding import Hit, MetalLabel, Report, ReportFinding, Status
from backend.reports.core.mining.lexicon import Lexicon
from backend.reports.core.mining.mine import mine
from backend.reports.core.mining.parts import sentences
from backend.reports.core.mining.reading import even

LABEL_COLUMNS = ("id", "label", "category", "status", "span", "rule", "confidence")
HIT_COLUMNS = (
    "id",
    "start",
    "end",
    "status",
    "category",
    "rule",
    "cue",
    "section",
    "region",
    "side",
    "confidence",
    "span",
)
ABSTAIN = MetalLabel.ABSTAIN.value
OVERRIDE = "override"
"""Name of the rule where a reader gave the label."""
_MOST_IN_SPAN = 300
_MINED = "metal_implant"
"""The detector task that a lexicon answers; the others use their `report_hints`."""


@dataclass(frozen=True, slots=True)
class Override:
    """The label that a reader gave to a report; it outweighs the rules."""

    label: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededReport:
    """A report with its label and the origin of the label."""

    report: Report
    mined_label: str
    """`present`, `absent` or `abstain`; of other detector tasks a label, or `abstain`."""
    status: str
    categories: Sequence[str]
    decided_by: Hit | None
    mined_confidence: float
    """Estimated probability that the mined label is right, 0 to 1."""
    hits: Sequence[Hit] = field(default_factory=tuple)
    override: Override | None = None

    @property
    def label(self) -> str:
        """The label of a reader where there is one, else the mined label."""
        return self.override.label if self.override else self.mined_label

    @property
    def confidence(self) -> float:
        """How sure the label is, 0 to 1; the label of a reader counts as 1."""
        return 1.0 if self.override else self.mined_confidence

    @property
    def rule(self) -> str:
        """The rule that gave the label; empty where the report mentions nothing."""
        if self.override:
            return OVERRIDE
        return self.decided_by.rule if self.decided_by else ""


Seeder = Callable[[Report], SeededReport]


def labels_of(task: DetectorTask) -> tuple[str, ...]:
    """Return the labels that reports can give for a task."""
    if task.name == _MINED:
        return tuple(label.value for label in MetalLabel)
    return (*task.labels, ABSTAIN)


def seeder(task: DetectorTask, lexicon: Lexicon) -> Seeder:
    """Return a function that turns a report into a label of a detector task.

    Args:
        task: `metal_implant`, which the lexicon answers, or another with `report_hints`.
        lexicon: of the reports' language.
    """
    if task.name == _MINED:
        return lambda report: _of_finding(report, mine(report.text, lexicon))

    def by_hints(report: Report) -> SeededReport:
        return _of_hints(report, hints_in(report.text, task.report_hints, lexicon.headings))

    return by_hints


def _of_finding(report: Report, finding: ReportFinding) -> SeededReport:
    return SeededReport(
        report=report,
        mined_label=finding.label.value,
        status=finding.status.value,
        categories=finding.categories,
        decided_by=finding.decided_by,
        mined_confidence=finding.confidence,
        hits=finding.hits,
    )


def _of_hints(report: Report, hints: Sequence[Hint]) -> SeededReport:
    hits = tuple(_hit(hint) for hint in hints)
    label = label_of_hints(hints)
    status = Status.PRESENT if label else (Status.UNCERTAIN if hits else Status.NOT_MENTIONED)
    return SeededReport(
        report=report,
        mined_label=label or ABSTAIN,
        status=status.value,
        categories=tuple(dict.fromkeys(hint.label for hint in hints)),
        decided_by=hits[0] if hits else None,
        mined_confidence=UNMEASURED if label else 0.0,
        hits=hits,
    )


def _hit(hint: Hint) -> Hit:
    rule = f"hint.{hint.phrase.replace(' ', '_')}"
    return Hit(
        start=hint.start,
        end=hint.end,
        rule=rule,
        cue=rule,
        status=Status.PRESENT,
        category=hint.label,
        section=hint.section,
        confidence=UNMEASURED,
    )


def label_row(seeded: SeededReport, abbreviations: Collection[str]) -> tuple[str, ...]:
    """Return the row of a report, as `LABEL_COLUMNS`; its span is the sentence that decided."""
    hit = seeded.decided_by
    return (
        seeded.report.report_id,
        seeded.label,
        "|".join(seeded.categories),
        seeded.status,
        sentence_of(seeded.report.text, hit, abbreviations) if hit else "",
        seeded.rule,
        f"{seeded.confidence:.4f}",
    )


def hit_rows(seeded: SeededReport) -> list[tuple[str, ...]]:
    """Return a row for each place of a report, as `HIT_COLUMNS`; its span is the words found."""
    return [
        (
            seeded.report.report_id,
            str(hit.start),
            str(hit.end),
            hit.status.value,
            hit.category,
            hit.rule,
            hit.cue,
            hit.section,
            hit.region,
            hit.side,
            f"{hit.confidence:.4f}",
            one_line(seeded.report.text[hit.start : hit.end]),
        )
        for hit in seeded.hits
    ]


def sentence_of(text: str, hit: Hit, abbreviations: Collection[str]) -> str:
    """Return the sentence of a hit in one line, or the words around it where that is long.

    Args:
        text: the report.
        hit: where in it.
        abbreviations: words whose full stop ends no sentence.
    """
    plain = even(text)
    spans = sentences(plain, 0, len(plain), abbreviations)
    within = (span for span in spans if span[0] <= hit.start < span[1])
    start, end = next(within, (hit.start, hit.end))
    room = max(_MOST_IN_SPAN - (hit.end - hit.start), 0) // 2
    return one_line(text[max(start, hit.start - room) : min(end, hit.end + room)])


def one_line(text: str) -> str:
    r"""Return a text without line breaks, control characters and doubled spaces.

    >>> one_line("surgical\n  clips\x07")
    'surgical clips'
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
