"""Where in the body a device lies, as far as its sentence tells."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.core.report_pattern import compiled, term_pattern

_CLAUSE = re.compile(r"[,:]| and | but | with ")


@dataclass(frozen=True, slots=True)
class Places:
    """Words for parts and sides of the body in one language."""

    regions: Sequence[tuple[str, re.Pattern[str]]]
    sides: Sequence[tuple[str, re.Pattern[str]]]

    def region(self, sentence: str, start: int, end: int) -> str:
        """Return the part of the body named nearest to these characters, or nothing."""
        return _nearest(self.regions, sentence, start, end)

    def side(self, sentence: str, start: int, end: int) -> str:
        """Return left, right or both for what is named there, or nothing.

        The clause of the device goes first; a side before the device goes before one behind it.
        """
        first, last = _clause(sentence, start, end)
        inside = _nearest(self.sides, sentence[first:last], start - first, end - first)
        return inside or _nearest(self.sides, sentence[:start], start, end)


def places_from(regions: Sequence[Mapping[str, Any]], sides: Mapping[str, Sequence[str]]) -> Places:
    """Return the places described in a lexicon."""
    return Places(
        tuple((one["name"], _any_of(one["terms"], one.get("patterns", ()))) for one in regions),
        tuple((name, _any_of(terms)) for name, terms in sides.items()),
    )


def _any_of(terms: Sequence[str], patterns: Sequence[str] = ()) -> re.Pattern[str]:
    return compiled([*map(term_pattern, terms), *patterns], {})


def _clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    first = max((mark.end() for mark in _CLAUSE.finditer(sentence, 0, start)), default=0)
    after = _CLAUSE.search(sentence, end)
    return first, after.start() if after else len(sentence)


def _nearest(
    places: Sequence[tuple[str, re.Pattern[str]]], sentence: str, start: int, end: int
) -> str:
    """Return the name of the place with the fewest characters in between."""
    best, distance = "", len(sentence) + 1
    for name, pattern in places:
        for found in pattern.finditer(sentence):
            # One character in favour of what stands before: "left hip prosthesis right of ..."
            gap = max(start - found.end(), found.start() - end + 1, 0)
            if gap < distance:
                best, distance = name, gap
    return best
