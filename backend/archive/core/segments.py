"""Palettes written in segments (PS3.3 C.7.9.2), which take little room and may unfold to much."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2

Segment = tuple[int, Sequence[int]]
"""Its number of entries, and the values: of a linear one only the last."""


def expanded_segments(words: Sequence[int], entries: int) -> NDArray[np.uint16] | None:
    """Return the first entries of a table; None where the segments end before, or make no sense.

    >>> expanded_segments([0, 1, 10, 1, 2, 30], 3).tolist()
    [10, 20, 30]
    """
    table = list[int]()
    try:
        for length, values in _segments(words):
            if length == len(values):
                table.extend(values)
            else:
                table.extend(np.linspace(table[-1], values[-1], length + 1)[1:].round().astype(int))
            if len(table) >= entries:
                return np.asarray(table[:entries], np.uint16)
    except (IndexError, ValueError):
        return None
    return None


def _segments(words: Sequence[int]) -> Iterator[Segment]:
    """Yield the segments one after the other, those that others point at, too."""
    place = 0
    while place < len(words):
        kind, length = words[place], words[place + 1]
        if kind == _INDIRECT:
            # An offset in bytes, its lower half first.
            pointed = (words[place + 2] + (words[place + 3] << 16)) // 2
            for _ in range(length):
                segment, pointed = _segment(words, pointed)
                yield segment
            place += 4
        else:
            segment, place = _segment(words, place)
            yield segment


def _segment(words: Sequence[int], place: int) -> tuple[Segment, int]:
    """Return a segment and where the next one begins."""
    kind, length = words[place], words[place + 1]
    if kind not in {_DISCRETE, _LINEAR} or not length:
        raise ValueError("no segment")
    end = place + 2 + (length if kind == _DISCRETE else 1)
    if end > len(words):
        raise IndexError("the last segment is cut off")
    return (length, words[place + 2 : end]), end
