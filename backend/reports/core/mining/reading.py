"""Misspellings of a lexicon's long words: one letter added, left out, changed or swapped."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
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


SHORTEST = 7
"""Shorter words are one letter away from too many others."""

_LONGEST = 40
"""No device has a longer name; a misspelling of one is tried letter by letter."""
_LONG_WORD = re.compile(rf"(?<![^\W\d_])[^\W\d_]{{{SHORTEST - 1},{_LONGEST}}}(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Speller:
    """Knows the words of a lexicon, and which other words are right as they are."""

    words: frozenset[str]
    right: frozenset[str]
    """Words of the language that are one letter away from a word of the lexicon."""
    near: Mapping[str, str]
    """What is left of a word when one letter is left out -> the word."""

    def correct(self, word: str) -> str | None:
        """Return the lexicon's word that this one is a misspelling of, if it is.

        Args:
            word: in lower case.
        """
        if word in self.words or word in self.right:
            return None
        if len(word) >= SHORTEST and word in self.near:  # a letter too few
            return self._unless_inflected(word, self.near[word])
        for shorter in _one_left_out(word):
            if shorter in self.words:  # a letter too many
                return self._unless_inflected(word, shorter)
            known = self.near.get(shorter)
            if known is not None and _one_edit(word, known):
                return self._unless_inflected(word, known)
        return None

    def _unless_inflected(self, word: str, known: str) -> str | None:
        """Return the known word, unless the other is only another form of it."""
        shorter, longer = sorted((word, known), key=len)
        return None if longer.startswith(shorter) else known


def speller(words: Iterable[str], right: Collection[str]) -> Speller:
    """Return a speller for the long ones of these words.

    Args:
        words: of which those with at least `SHORTEST` letters count.
        right: words that are never put right.
    """
    long = frozenset(word for word in words if len(word) >= SHORTEST and word.isalpha())
    near = {shorter: word for word in sorted(long) for shorter in _one_left_out(word)}
    return Speller(long, frozenset(right), near)


def spelled(text: str, speller: Speller) -> Reading:
    """Return the even text with misspelt words of the lexicon put right."""
    low = lowered(text)
    pieces: list[str] = []
    corrections: list[Correction] = []
    done = shift = 0
    for found in _LONG_WORD.finditer(low):
        known = speller.correct(found[0])
        if known is None:
            continue
        pieces += [text[done : found.start()], known]
        place = found.start() + shift
        shift += len(known) - len(found[0])
        corrections.append(Correction(place, place + len(known), shift))
        done = found.end()
    if not corrections:
        return Reading(text, low)
    whole = "".join([*pieces, text[done:]])
    return Reading(whole, lowered(whole), tuple(corrections))


def _one_left_out(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _one_edit(word: str, known: str) -> bool:
    """Say whether two words of the same length differ in one letter, or two neighbours swapped."""
    if len(word) != len(known):
        return False
    unlike = [place for place in range(len(word)) if word[place] != known[place]]
    if len(unlike) == 1:
        return True
    if len(unlike) != 2 or unlike[1] != unlike[0] + 1:
        return False
    first, second = unlike
    return word[first] == known[second] and word[second] == known[first]
