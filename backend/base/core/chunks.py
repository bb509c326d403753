"""Long lists in pieces."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Element = TypeVar("Element")


def in_chunks(elements: Sequence[Element], size: int) -> Iterator[Sequence[Element]]:
    """Yield the elements in order, `size` at a time; the last chunk may be shorter.

    >>> list(in_chunks("abcde", 2))
    ['ab', 'cd', 'e']
    """
    for start in range(0, len(elements), size):
        yield elements[start : start + size]
