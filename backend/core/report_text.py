"""A report made even, character for character, so that rules need not know its typography.

Nothing changes its place: a hit in the even text lies at the same characters of the report, except
where a misspelling was put right; `Reading` knows the way back.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BLANK = "\ue000"
"""Stands for every character that de-identification has blacked out."""

_BLANKS = re.compile(
    r"\[\*\*.{0,80}?\*\*\]"  # [**2150-3-1**]
    r"|_{3,}"
    r"|(?<![A-Za-z])[Xx]{3,}(?![A-WYZa-wyz])"
    r"|<(?:[A-Z]{2,12}|[Rr]edacted|[Nn]ame|[Dd]ate)(?:[ _-][A-Z]+)*>"
    r"|\[(?:REDACTED|NAME|DATE|redacted|name|date|removed)\]"
)
_MARKUP = re.compile(r"</?(?:br|BR|p|P|b|B|i|I)\s*/?>|&(?:nbsp|#160|amp);")
_EVEN = str.maketrans(
    {
        "\t": " ",
        "\u00a0": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2019": "'",
        "\u2018": "'",
        "\r": "\n",
    }
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was put right."""

    place: int
    """Where the right word starts in the even text."""
    end: int
    shift: int
    """How many characters the even text is longer than the report from `end` on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A report as the rules read it."""

    cased: str
    low: str
    """The same in lower case, of the same length."""
    corrections: Sequence[Correction] = ()

    def origin(self, place: int) -> int:
        """Return which character of the report stands at this place of the even text."""
        nearest = bisect_right(self.corrections, place, key=lambda one: one.end)
        before = self.corrections[nearest - 1].shift if nearest else 0
        return place - before


def even(text: str) -> str:
    """Return the text with one kind of hyphen, space, line break and blank, no longer or shorter.

    >>> even("k\u2013wire<BR>seen")
    'k-wire    seen'
    """
    plain = text.replace("\r\n", " \n").translate(_EVEN)
    if "<" in plain or "&" in plain:
        plain = _MARKUP.sub(lambda found: " " * len(found[0]), plain)
    return _BLANKS.sub(lambda found: BLANK * len(found[0]), plain)


def lowered(text: str) -> str:
    """Return the text in lower case, no longer or shorter.

    >>> len(lowered("\u0130mplant"))
    7
    """
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(one if len(one.lower()) != 1 else one.lower() for one in text)
