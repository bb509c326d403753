"""What the words of a report suggest for any detector task: the phrases of its `report_hints`.

The description of the examination says best what was taken ("Single lateral view of the chest"), so
where it suggests a label, only that counts. Phrases for two labels decide nothing: a report of two
films says both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backend.reports.core.mining.parts import Headings
from backend.reports.core.mining.reading import even, lowered

UNMEASURED = 0.5
"""Confidence of a hint as long as no reviewer has measured it."""
_DESCRIBES = "technique"
_ELSEWHERE = frozenset({"history", "comparison"})
"""Parts that speak of other examinations."""
_DENIED = re.compile(
    r"\b(?:no|not|without|rather than|instead of|versus|than)(?:\s+[\w-]+){0,3}\s*$"
)


@dataclass(frozen=True, slots=True)
class Hint:
    """One phrase found in a report."""

    label: str
    phrase: str
    start: int
    """First character in the report; `end` is the one after the last."""
    end: int
    section: str


def hints_in(text: str, phrases: Mapping[str, str], headings: Headings) -> list[Hint]:
    """Return the phrases found that count, in the order of the text.

    Args:
        text: the report.
        phrases: phrase in lower case -> label, as a detector task's `report_hints`.
        headings: of the report's language.
    """
    hints = list(_found(text, phrases, headings)) if phrases else []
    described = [hint for hint in hints if hint.section == _DESCRIBES]
    return described or hints


def label_of_hints(hints: Sequence[Hint]) -> str | None:
    """Return the label that all hints suggest; None where there are none, or several labels."""
    labels = {hint.label for hint in hints}
    return labels.pop() if len(labels) == 1 else None


def _found(text: str, phrases: Mapping[str, str], headings: Headings) -> Iterator[Hint]:
    plain = even(text)
    low, pattern = lowered(plain), _pattern(phrases)
    spelt = {_key(phrase): label for phrase, label in phrases.items()}
    for section in headings.sections(plain):
        if section.name in _ELSEWHERE:
            continue
        for match in pattern.finditer(low, section.start, section.end):
            before = low[max(section.start, match.start() - 60) : match.start()]
            if not _DENIED.search(re.split(r"[.;:\n]", before)[-1]):
                phrase = _key(match[0])
                yield Hint(spelt[phrase], phrase, match.start(), match.end(), section.name)


def _pattern(phrases: Mapping[str, str]) -> re.Pattern[str]:
    # Longest first: "single lateral" is more than "lateral".
    words = [re.split(r"[\s-]+", phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    spelt = [r"[\s-]+".join(map(re.escape, each)) for each in words]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(spelt)})(?![\w-])")


def _key(phrase: str) -> str:
    """Return a phrase as it is compared: spaces for hyphens and line breaks."""
    return re.sub(r"[\s-]+", " ", phrase)
