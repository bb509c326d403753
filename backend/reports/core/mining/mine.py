"""What a report says of implanted metal, and in which words.

Sections, sentences, devices, what has become of each, and then one label for the whole report.
Only what a report plainly says becomes a label: an operation that usually leaves metal, a device
in the history and a doubtful one decide nothing by themselves.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from backend.reports.core.mining.devices import (
    Mention,
    mentions,
    rules_for,
    status_in_context,
    status_of,
)
from backend.reports.core.mining.finding import Hit, MetalLabel, ReportFinding, Status
from backend.reports.core.mining.lexicon import Lexicon
from backend.reports.core.mining.parts import Section, sentences
from backend.reports.core.mining.reading import Reading, composed, even, spelled

_DECIDES_NOTHING = frozenset(
    {
        Status.UNCERTAIN,
        Status.IMPLIED,
        Status.OPEN,
        Status.PLANNED,
        Status.HISTORY_ONLY,
        # Not implanted, but on the film it looks the same.
        Status.FOREIGN_METAL,
    }
)
_BEFORE = frozenset({Status.OPEN, Status.PLANNED, Status.HISTORY_ONLY})
_GONE = frozenset({Status.REMOVED, Status.NEGATED})
_RANK = {status: place for place, status in enumerate(Status)}


def mine(text: str, lexicon: Lexicon) -> ReportFinding:
    """Return what a report says of implanted metal.

    Args:
        text: the whole report, with its headings where it has any.
        lexicon: of the report's language.
    """
    plain, compositions = composed(text)
    reading = spelled(even(plain), lexicon.speller, compositions)
    if not rules_for(reading.low, lexicon):
        return finding_of((), lexicon)
    hits = [
        hit
        for section in lexicon.headings.sections(reading.cased)
        for hit in _hits_in_section(reading, section, lexicon)
    ]
    return finding_of(hits, lexicon)


def finding_of(hits: Sequence[Hit], lexicon: Lexicon) -> ReportFinding:
    """Return the finding of a report from its hits."""
    if not hits:
        status, decided_by = Status.NOT_MENTIONED, None
    else:
        denied = {hit.category for hit in hits if hit.status in _GONE}
        decided_by = min(hits, key=lambda hit: _rank(hit, denied, lexicon))
        status = decided_by.status
    label = label_of(status)
    if label is MetalLabel.PRESENT and decided_by is not None:
        confidence = decided_by.confidence
    elif label is MetalLabel.ABSENT:
        confidence = lexicon.confidence.of_absent(status)
    else:
        confidence = 0.0
    return ReportFinding(
        label=label, status=status, decided_by=decided_by, confidence=confidence, hits=tuple(hits)
    )


def _rank(hit: Hit, denied: Collection[str], lexicon: Lexicon) -> tuple[int, int, float]:
    """Return the sort key that puts the deciding hit of a report first.

    A tube that was removed says less than a tube that is there; a device in the history, or one
    that is asked for, says less than the same kind of device being denied by what is seen.
    """
    is_gone = hit.status in _GONE and hit.category in lexicon.no_implants
    is_outdone = hit.status in _BEFORE and hit.category in denied
    return 2 * is_outdone + is_gone, _RANK[hit.status], -hit.confidence


def label_of(status: Status) -> MetalLabel:
    """Return the label that a report with this status gives to its films.

    >>> label_of(Status.REMOVED).value, label_of(Status.IMPLIED).value
    ('absent', 'abstain')
    """
    if status is Status.PRESENT:
        return MetalLabel.PRESENT
    return MetalLabel.ABSTAIN if status in _DECIDES_NOTHING else MetalLabel.ABSENT


def _hits_in_section(reading: Reading, section: Section, lexicon: Lexicon) -> Iterator[Hit]:
    short = lexicon.abbreviations
    for start, end in sentences(reading.cased, section.start, section.end, short):
        cased = reading.cased[start:end].replace("\n", " ")
        low = reading.low[start:end].replace("\n", " ")
        named = mentions(cased, low, rules_for(low, lexicon))
        for mention in named:
            yield _hit(mention, low, named, _SentenceFrame(reading, section, start, lexicon))


@dataclass(frozen=True, slots=True)
class _SentenceFrame:
    """The report, the section and the start of a sentence, and the lexicon of its language."""

    reading: Reading
    section: Section
    start: int
    lexicon: Lexicon


def _hit(mention: Mention, sentence: str, named: Sequence[Mention], frame: _SentenceFrame) -> Hit:
    lexicon, rule = frame.lexicon, mention.rule
    judge = status_in_context if frame.section.is_context else status_of
    verdict = judge(mention, sentence, named, lexicon)
    place = (sentence, mention.start, mention.end)
    region = rule.region or lexicon.places.region(*place)
    return Hit(
        start=frame.reading.origin(frame.start + mention.start),
        end=frame.reading.origin(frame.start + mention.end),
        rule=rule.id,
        cue=verdict.cue,
        status=verdict.status,
        category=lexicon.by_region.get((rule.category, region), rule.category),
        section=frame.section.name,
        region=region,
        side=lexicon.places.side(*place),
        confidence=lexicon.confidence.of(verdict.status, rule.id),
    )
