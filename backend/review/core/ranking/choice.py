"""Choose films from a pool by score, with caps, ties and missing scores."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.labels import Slice
from backend.review.core.ranking.pool import Pick, Pool

Scores = NDArray[np.float64]
"""Shape (films,): higher means look sooner; NaN: the strategy does not score the film."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most ranked films of a batch that may be of one patient or of one group of copies."""

    films_per_patient: int
    films_per_copy_group: int = 1


class Choice:
    """The films chosen so far: each once, and within the caps."""

    def __init__(self, pool: Pool, caps: Caps, *, seed: int) -> None:
        """Begin without films; the seed decides between films with equal scores."""
        self.picks: list[Pick] = []
        self._pool, self._caps = pool, caps
        self._ties = tie_keys(pool.radiograph_ids, seed)
        self._taken: set[int] = set()
        self._of_patient: Counter[str] = Counter()
        self._of_group: Counter[int] = Counter()

    def begin_with(self, films: Sequence[str], slice_: Slice, reason: str) -> None:
        """Pick these films regardless of the caps; the caps count them for later picks."""
        positions = {film: index for index, film in enumerate(self._pool.radiograph_ids)}
        for film in films:
            self._take(positions[film])
            self.picks.append(Pick(film, slice_, reason))

    def take(self, scores: Scores, count: int, slice_: Slice, reason: Callable[[int], str]) -> None:
        """Pick up to `count` films, the highest score first.

        Args:
            scores: one for each film of the pool; a film with NaN is not picked.
            count: the most films that are picked; 0 or less picks none.
            slice_: the slice of the batch that the films belong to.
            reason: position in the pool -> why the film is picked, in words.
        """
        wanted = len(self.picks) + count
        for index in in_order(scores, self._ties):
            if len(self.picks) >= wanted:
                return
            if self._may_take(index):
                self._take(index)
                film = self._pool.radiograph_ids[index]
                self.picks.append(Pick(film, slice_, reason(index)))

    def _may_take(self, index: int) -> bool:
        if index in self._taken:
            return False
        if self._of_patient[self._pool.patients[index]] >= self._caps.films_per_patient:
            return False
        groups, most = self._pool.copy_groups, self._caps.films_per_copy_group
        return groups is None or self._of_group[groups[index]] < most

    def _take(self, index: int) -> None:
        self._taken.add(index)
        self._of_patient[self._pool.patients[index]] += 1
        if self._pool.copy_groups is not None:
            self._of_group[self._pool.copy_groups[index]] += 1


def in_order(scores: Scores, ties: NDArray[np.uint64]) -> list[int]:
    """Return the positions of films that have a score, the highest first.

    >>> in_order(np.array([0.5, np.nan, 0.9, 0.5]), np.array([7, 1, 2, 3], np.uint64))
    [2, 3, 0]
    """
    scored = np.flatnonzero(~np.isnan(scores))
    order = np.lexsort((ties[scored], -scores[scored]))
    return [int(index) for index in scored[order]]


def tie_keys(radiograph_ids: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """Return a hash of each film and the seed, which decides between equal scores.

    >>> tie_keys(["a", "b"], 1).tolist() == tie_keys(["b", "a"], 1).tolist()[::-1]
    True
    """
    salt = seed.to_bytes(16, "big", signed=True)
    digests = [
        hashlib.blake2b(film.encode(), digest_size=8, key=salt).digest() for film in radiograph_ids
    ]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)
