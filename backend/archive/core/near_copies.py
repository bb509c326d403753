"""Which films are copies of a better one: perceptual hashes that differ in few bits.

Of 16 parts of a hash one differs in at most one bit when the whole differs in at most 31. So films
are looked up by each part, as it is and with each bit turned, and only what is found is compared.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

HASH_BYTES = 32
MOST_BITS = 31
"""Copies further apart are not looked for. On real chest films, copies that were recompressed,
resized or brightened differ in up to 24 bits of 256, films of different patients in 54 or more."""
FAR = 256.0
"""Stands for: no better copy was found."""

_PARTS = 16
_PAIRS_AT_ONCE = 2_000_000


def bits_to_better_copy(
    hashes: NDArray[np.uint8], quality: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return how many bits lie between each film and the nearest better copy of it.

    Args:
        hashes: shape (films, HASH_BYTES).
        quality: shape (films,), all different; of two copies the one with more is better.

    Returns:
        Shape (films,); `FAR` for the best of all copies and for a film without copies.
    """
    found = np.full(len(hashes), FAR)
    if len(hashes) < 2:
        return found
    best_first = np.argsort(-quality, kind="stable")
    # Films with one and the same hash may be very many; only the best of them is compared.
    _, first = np.unique(hashes[best_first], axis=0, return_index=True)
    best = np.sort(best_first[first])
    found[:] = 0.0
    found[best] = FAR
    for left, right in _close_pairs(hashes[best]):
        bits = _bits_between(hashes[best[left]], hashes[best[right]])
        near = bits <= MOST_BITS
        one, other, bits = best[left[near]], best[right[near]], bits[near]
        worse = np.where(quality[one] < quality[other], one, other)
        np.minimum.at(found, worse, bits)
    return found


def nearest_better(
    hashes: NDArray[np.uint8], quality: NDArray[np.integer], place: int
) -> int | None:
    """Return the position of the nearest better copy of one film, None where there is none.

    Args:
        hashes: shape (films, HASH_BYTES).
        quality: shape (films,), all different; of two copies the one with more is better.
        place: of the film.
    """
    bits = _bits_between(hashes, hashes[place][None]).astype(np.float64)
    bits[quality <= quality[place]] = FAR
    nearest = int(bits.argmin())
    return nearest if bits[nearest] <= MOST_BITS else None


def best_copy(hashes: NDArray[np.uint8], quality: NDArray[np.integer], place: int) -> int | None:
    """Return the position of the film that stays where all copies that lead to it are left out.

    It is reached from better copy to better copy, so it is itself a copy of none. None where there
    is no better copy of the film; the arguments are those of `nearest_better`.
    """
    best, better = None, nearest_better(hashes, quality, place)
    while better is not None:
        best, better = better, nearest_better(hashes, quality, better)
    return best


def copy_groups(hashes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return a number for each film; films that are copies of each other have the same.

    A copy of a copy is in the group too.

    Args:
        hashes: shape (films, HASH_BYTES).

    Returns:
        Shape (films,).
    """
    if not len(hashes):
        return np.zeros(0, dtype=np.int64)
    distinct, place = np.unique(hashes, axis=0, return_inverse=True)
    links: list[NDArray[np.int64]] = [np.zeros((2, 0), dtype=np.int64)]
    for left, right in _close_pairs(distinct):
        near = _bits_between(distinct[left], distinct[right]) <= MOST_BITS
        links.append(np.stack([left[near], right[near]]))
    joined = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(joined.shape[1]), tuple(joined)), shape=(len(distinct),) * 2)
    _, groups = connected_components(graph, directed=False)
    return np.asarray(groups[place.reshape(-1)], dtype=np.int64)


def _close_pairs(hashes: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield positions of films with a part that differs in one bit at most; some pairs twice."""
    for part in _parts(hashes).T:
        order = np.argsort(part, kind="stable")
        keys = part[order]
        for turned in [0, *(1 << bit for bit in range(16))]:
            yield from _matches(order, keys, keys ^ np.uint16(turned))


def _parts(hashes: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return shape (films, 16): every 16th bit makes a part, so that each has coarse and fine."""
    bits = np.unpackbits(hashes, axis=1).reshape(len(hashes), -1, _PARTS)
    parts = np.packbits(bits.transpose(0, 2, 1), axis=2)
    return np.ascontiguousarray(parts).view(np.uint16)[..., 0]


def _matches(
    order: NDArray[np.intp], keys: NDArray[np.uint16], wanted: NDArray[np.uint16]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield pairs (film, film whose key is wanted), each pair once, in pieces that fit memory."""
    start = np.searchsorted(keys, wanted, "left")
    start = np.maximum(start, np.arange(len(keys)) + 1)
    counts = np.maximum(np.searchsorted(keys, wanted, "right") - start, 0)
    ends = np.cumsum(counts)
    done = 0
    while done < len(keys):
        before = ends[done - 1] if done else 0
        stop = max(done + 1, int(np.searchsorted(ends, before + _PAIRS_AT_ONCE, "right")))
        some = counts[done:stop]
        if some.any():
            left = np.repeat(np.arange(done, stop), some)
            within = np.arange(some.sum()) - np.repeat(np.cumsum(some) - some, some)
            yield order[left], order[start[left] + within]
        done = stop


def _bits_between(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.intp]:
    different = np.ascontiguousarray(one ^ other).view(np.uint64)
    return np.asarray(np.bitwise_count(different).sum(axis=1), np.intp)
