"""What is taken for a report: it has an id and a text, neither of them beyond all measure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.report_finding import Report

MOST_CHARACTERS = 100_000
"""A report has some thousands; more is a table read wrongly, such as by a quote never closed."""
LONGEST_ID = 200

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadReport:
    """A row or file that is not used: where it stands and why, never what it says."""

    where: str
    """As `line 7`, or the name of a file."""
    reason: str
    """One of a few, so that many can be counted."""


def taken(report_id: str, text: str, fields: Mapping[str, str] | None = None) -> Report | str:
    """Return a report with an even id and text, or the reason why it is none.

    >>> taken("7", " ")
    'no text'
    """
    name = " ".join(whole(report_id).split())
    if not name:
        return "no id"
    if len(name) > LONGEST_ID:
        return f"an id of more than {LONGEST_ID} characters"
    if not text.strip():
        return "no text"
    if len(text) > MOST_CHARACTERS:
        return f"a text of more than {MOST_CHARACTERS:,} characters"
    return Report(report_id=name, text=whole(text), fields=fields or {})


def whole(text: str) -> str:
    """Return the text without what no file can hold: halves of characters, and zero bytes."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", " ")
