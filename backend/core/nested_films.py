"""Which films a learning curve trains and judges on: whole patients, larger sets hold smaller."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.core.answer_folds import answer_folds

Positions = NDArray[np.int64]
"""Positions of films."""
NOTHING: Positions = np.zeros(0, dtype=np.int64)
"""No film at all."""


def shuffled_folds(
    labels: NDArray[np.int64], patients: Sequence[str], folds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return a fold for each film, drawn anew: patients whole, every label spread evenly.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        folds: how many there may be.
        rng: decides who comes first.
    """
    known, patient = np.unique(np.asarray(patients), return_inverse=True)
    turn = rng.permutation(len(known))[patient]
    return answer_folds(labels, [f"{each:09d}" for each in turn], folds)


def nested_subsets(
    labels: NDArray[np.int64],
    patients: Sequence[str],
    sizes: Sequence[int],
    rng: np.random.Generator,
) -> list[Positions]:
    """Return one set of films per size; each contains the smaller, none splits a patient.

    Every set has about the mix of labels that all films have.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        sizes: rising; a set has so many films, or as many more as its last patient brings.
        rng: decides who comes first.

    >>> rng = np.random.default_rng(0)
    >>> sets = nested_subsets(np.array([0, 0, 0, 1]), ["a", "a", "b", "c"], [2, 4], rng)
    >>> [one.tolist() for one in sets]
    [[0, 1, 3], [0, 1, 2, 3]]
    """
    known, patient = np.unique(np.asarray(patients), return_inverse=True)
    place = _places(labels, patient, rng)
    order = np.argsort(place, kind="stable")
    films_until = np.cumsum(np.bincount(patient, minlength=len(known))[order])
    subsets = []
    for size in sizes:
        taken = order[: int(np.searchsorted(films_until, size)) + 1]
        subsets.append(np.flatnonzero(np.isin(patient, taken)))
    return subsets


def _places(
    labels: NDArray[np.int64], patient: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return for each patient where in the order it comes, 0 to 1, spread evenly by label."""
    counts = np.bincount(labels)
    rarest = np.full(patient.max() + 1, -1)
    for film in np.argsort(-counts[labels], kind="stable"):
        rarest[patient[film]] = labels[film]
    place = np.zeros(len(rarest))
    for label in np.unique(rarest):
        own = np.flatnonzero(rarest == label)
        place[own] = (rng.permutation(len(own)) + rng.random()) / len(own)
    return place
