"""Misspellings of a lexicon's long words: one letter added, left out, changed or swapped."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

BLANK = "\ue000"
"""Takes the place of every character that de-identification has removed."""

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
    """A misspelt word that was corrected."""

    place: int
    """Position of the corrected word in the normalised text."""
    end: int
    shift: int
    """How many characters the even text is longer than the report from `end` on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The normalised text of a report, which the rules read."""

    cased: str
    low: str
    """The same text in lower case, of the same length."""
    corrections: Sequence[Correction] = ()
    compositions: Sequence[Correction] = ()
    """What was done to the report before it was corrected."""

    def origin(self, place: int) -> int:
        """Return the position in the original report of a position in the normalised text."""
        return _origin(_origin(place, self.corrections), self.compositions)


def _origin(place: int, corrections: Sequence[Correction]) -> int:
    nearest = bisect_right(corrections, place, key=lambda correction: correction.end)
    return place - (corrections[nearest - 1].shift if nearest else 0)


_ACCENTED = re.compile("[^\\W\\d_][\u0300-\u036f]+")


def composed(text: str) -> tuple[str, Sequence[Correction]]:
    """Return the text with a letter and its accents in one character, and what that changed.

    >>> composed("Pro\u0301tesis")[0]
    'Prótesis'
    """
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text, ()
    return _replaced(
        text,
        (
            (match.start(), match.end(), unicodedata.normalize("NFC", match[0]))
            for match in _ACCENTED.finditer(text)
        ),
    )


def _replaced(
    text: str, changes: Iterable[tuple[int, int, str]]
) -> tuple[str, tuple[Correction, ...]]:
    """Return the text after changes, given by start, end and new words in order, and those."""
    pieces: list[str] = []
    corrections: list[Correction] = []
    done = shift = 0
    for start, end, new in changes:
        pieces += [text[done:start], new]
        place = start + shift
        shift += len(new) - (end - start)
        corrections.append(Correction(place, place + len(new), shift))
        done = end
    return "".join([*pieces, text[done:]]), tuple(corrections)


def even(text: str) -> str:
    """Return the text with one kind of hyphen, space and line break; its length stays the same.

    >>> even("k\u2013wire<BR>seen")
    'k-wire    seen'
    """
    plain = text.replace("\r\n", " \n").translate(_EVEN)
    if "<" in plain or "&" in plain:
        plain = _MARKUP.sub(lambda match: " " * len(match[0]), plain)
    return _BLANKS.sub(lambda match: BLANK * len(match[0]), plain)


def lowered(text: str) -> str:
    """Return the text in lower case; its length stays the same.

    >>> len(lowered("\u0130mplant"))
    7
    """
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(letter if len(letter.lower()) != 1 else letter.lower() for letter in text)


SHORTEST = 7
"""Letters; a shorter word is one letter away from too many others."""

_LONGEST = 40
"""No device has a longer name, so longer words are not looked up."""
_WORDS_KEPT = 20_000
"""Reports repeat their words: the answers for this many distinct words are kept."""
_LONG_WORD = re.compile(rf"(?<![^\W\d_])[^\W\d_]{{{SHORTEST},{_LONGEST}}}(?![^\W\d_])")


@dataclass(frozen=True, slots=True, eq=False)
class Speller:
    """Knows the words of a lexicon, and which other words are right as they are."""

    words: tuple[str, ...]
    """Words of the lexicon, in alphabetical order."""
    right: frozenset[str]
    """The same words, and words of the language that are one letter away from one of them."""

    def correct(self, word: str) -> str | None:
        """Return the lexicon's word that this one is a misspelling of, if it is.

        A word that is as near to two words of the lexicon becomes the later one in the alphabet.

        Args:
            word: in lower case.
        """
        return _corrected(self, word)


@lru_cache(_WORDS_KEPT)
def _corrected(speller: Speller, word: str) -> str | None:
    if word in speller.right or len(word) < SHORTEST:
        return None
    # Optimal string alignment: a letter added, left out or changed, or two neighbours swapped.
    near = [
        known
        for known, _, _ in process.extract(
            word, speller.words, scorer=OSA.distance, score_cutoff=1, limit=None
        )
    ]
    is_another_form = any(known.startswith(word) or word.startswith(known) for known in near)
    return None if is_another_form or not near else near[-1]


def speller(words: Iterable[str], right: Collection[str]) -> Speller:
    """Return a speller for the long ones of these words.

    Args:
        words: of which those with at least `SHORTEST` letters count.
        right: words that are never put right.
    """
    long = sorted({word for word in words if len(word) >= SHORTEST and word.isalpha()})
    return Speller(tuple(long), frozenset(right).union(long))


def spelled(text: str, speller: Speller, compositions: Sequence[Correction] = ()) -> Reading:
    """Return the normalised text with misspelt words of the lexicon corrected.

    Args:
        text: an even text.
        speller: of the lexicon.
        compositions: what was done to the report to get the text.
    """
    low = lowered(text)
    changes = [
        (match.start(), match.end(), known)
        for match in _LONG_WORD.finditer(low)
        if (known := speller.correct(match[0])) is not None
    ]
    if not changes:
        return Reading(text, low, (), compositions)
    whole, corrections = _replaced(text, changes)
    return Reading(whole, lowered(whole), corrections, compositions)
