"""What a report says of implants: one hit per place in the text, one finding per report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from backend.reports.core.markup import MarkupError, without_markup


class Status(StrEnum):
    """What a report says of a device that it names; an earlier status outweighs a later one."""

    PRESENT = "present"
    """Metal implanted in the body, seen on this examination."""
    UNCERTAIN = "uncertain"
    """Possible, or it may be something else."""
    IMPLIED = "implied"
    """An operation that usually leaves metal is named, the metal is not."""
    OPEN = "open"
    """Asked for, on a condition, refused, or no new one: neither that it is there nor that not."""
    REMOVED = "removed"
    PLANNED = "planned"
    HISTORY_ONLY = "history_only"
    """Named in the reason for the examination only; it may lie outside the film."""
    NEGATED = "negated"
    FOREIGN_METAL = "foreign_metal"
    """Bullets and the like: metal in the body that was not implanted."""
    NONMETAL_IMPLANT = "nonmetal_implant"
    """Breast implants, cement, plastic stents."""
    LINE_TUBE = "line_tube"
    EXTERNAL = "external"
    """Monitor leads, jewellery: metal on the body."""
    NOT_IMPLANT = "not_implant"
    """A word of the lexicon in another sense."""
    NOT_MENTIONED = "not_mentioned"


class MetalLabel(StrEnum):
    """The label that a report gives to its films."""

    PRESENT = "present"
    ABSENT = "absent"
    ABSTAIN = "abstain"
    """The report gives no label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place in a report where a device is named."""

    start: int
    """Position of the first character in the original report; `end` is one past the last."""
    end: int
    rule: str
    """Id of the rule of the lexicon that matched."""
    cue: str
    """Id of the rule that gave the status; the same as `rule` where nothing changed it."""
    status: Status
    category: str
    """Kind of device, as in the lexicon: joint, fixation, spine, sternal_wire, clip, ..."""
    section: str
    """Name of the part of the report, such as findings; empty where the report has none."""
    region: str = ""
    """Part of the body, as the lexicon or the sentence names it; empty where neither does."""
    side: str = ""
    """left, right, both, or empty."""
    confidence: float = 0.0
    """Measured, 0 to 1: how often a reader agreed with this rule, drawn towards unseen rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFinding:
    """The finding of a whole report, from all its hits."""

    label: MetalLabel
    status: Status
    decided_by: Hit | None
    """None where nothing of the lexicon is mentioned."""
    confidence: float
    """Estimated probability that the label is right, 0 to 1."""
    hits: Sequence[Hit] = field(default_factory=tuple)
    """All hits, in the order of the text."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Kinds of device with the deciding status, each once, in the order of the text."""
        same = (hit.category for hit in self.hits if hit.status is self.status)
        return tuple(dict.fromkeys(same))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as it was read."""

    report_id: str
    text: str
    """The whole text; each part stands under its heading where the source has headings."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Whatever else the source says, by column; never logged."""


MOST_CHARACTERS = 100_000
"""Characters; a longer text is a table that was read wrongly, for example an unclosed quote."""
LONGEST_ID = 200

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadReport:
    """A row or file that is not used: its place and the reason, without any of its text."""

    where: str
    """Such as `line 7`, or the name of a file."""
    reason: str
    """One of a fixed set of reasons, so that they can be counted."""


def report_or_reason(
    report_id: str, text: str, fields: Mapping[str, str] | None = None
) -> Report | str:
    """Return a report with normalised id and text, or the reason why there is none.

    >>> report_or_reason("7", " ")
    'no text'
    """
    name = " ".join(storable_text(report_id).split())
    if not name:
        return "no id"
    if len(name) > LONGEST_ID:
        return f"an id of more than {LONGEST_ID} characters"
    if not text.strip():
        return "no text"
    if len(text) > MOST_CHARACTERS:
        return f"a text of more than {MOST_CHARACTERS:,} characters"
    try:
        plain = without_markup(storable_text(text))
    except MarkupError as error:
        return str(error)
    return Report(report_id=name, text=plain, fields=fields or {}) if plain.strip() else "no text"


def storable_text(text: str) -> str:
    """Return the text without lone surrogates and zero bytes, which no file can hold."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", " ")
