"""Misspellings of a lexicon's long words: one letter added, left out, changed or swapped."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from backend.core.report_text import Correction, Reading, lowered

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
