"""Choose the films to train on, and split films into folds and nested subsets by patient."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def answer_folds(
    labels: NDArray[np.int64], patients: Sequence[str], folds: int
) -> NDArray[np.int64]:
    """Return a fold for each film: films of a patient together, every label spread evenly.

    Drawn at random, all films of a rare label could fall into one fold, and a head fitted to the
    others would not know the label. Here the patients of the rarest label are dealt out first, one
    to each fold in turn. Patients are then moved until no label of several patients lies in one
    fold alone, where that is possible.

    scikit-learn's StratifiedGroupKFold is not used: it takes 2.8 s for 10,000 patients, this 6 ms;
    it warns where a label has fewer films than there are folds, as most young campaigns have; and
    it refuses to make folds where every label has.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        folds: the most folds that are made.

    >>> answer_folds(np.array([0, 0, 0, 1, 1]), ["a", "b", "b", "c", "d"], 2).tolist()
    [0, 1, 1, 0, 1]
    """
    counts = np.bincount(labels)
    rarest: dict[str, int] = {}
    for patient, label in zip(patients, labels.tolist(), strict=True):
        rarest_so_far = rarest.setdefault(patient, label)
        if counts[label] < counts[rarest_so_far]:
            rarest[patient] = label
    fold_of: dict[str, int] = {}
    dealt = dict.fromkeys(rarest.values(), 0)
    for patient in sorted(rarest):
        label = rarest[patient]
        fold_of[patient] = dealt[label] % folds
        dealt[label] += 1
    _spread_labels(fold_of, _patients_by_label(labels, patients), folds)
    return np.array([fold_of[patient] for patient in patients], dtype=np.int64)


def _patients_by_label(
    labels: NDArray[np.int64], patients: Sequence[str]
) -> dict[int, dict[str, None]]:
    """Return the patients of each label, in the order in which they come."""
    by_label: dict[int, dict[str, None]] = {}
    for patient, label in zip(patients, labels.tolist(), strict=True):
        by_label.setdefault(label, {})[patient] = None
    return by_label


def _spread_labels(
    fold_of: dict[str, int], by_label: Mapping[int, Mapping[str, None]], folds: int
) -> None:
    """Move patients in `fold_of` until no label of several patients lies in one fold alone."""

    def crowded() -> list[int]:
        return [
            label
            for label, patients in by_label.items()
            if len(patients) > 1 and len({fold_of[patient] for patient in patients}) == 1
        ]

    while before := crowded():
        moves = (
            (patient, fold)
            for label in before
            for patient in by_label[label]
            for fold in range(folds)
        )
        for patient, fold in moves:
            former, fold_of[patient] = fold_of[patient], fold
            if len(crowded()) < len(before):
                break
            fold_of[patient] = former
        else:
            return


def choose_films(
    films: Sequence[tuple[str, str]], count: int, *, purpose: str, archive_key: bytes
) -> list[int]:
    """Return positions of films spread over as many patients as possible, in their old order.

    Every patient gives a first film before any gives a second. The choice is by keyed hash: it
    depends neither on the order of the films nor, but for the last places, on films added later.

    Args:
        films: (radiograph id, patient key) of each film.
        count: the most films that are chosen.
        purpose: choices for different purposes are independent.
        archive_key: the workspace's secret.

    >>> films = [("a", "Ann"), ("b", "Ann"), ("c", "Bob")]
    >>> chosen = choose_films(films, 2, purpose="train", archive_key=b"key")
    >>> sorted({films[position][1] for position in chosen})
    ['Ann', 'Bob']
    """
    drawn = [_keyed_hash(f"{purpose}:{film}", archive_key) for film, _ in films]
    turns: dict[str, int] = {}
    ranked = []
    for position in sorted(range(len(films)), key=drawn.__getitem__):
        patient = films[position][1]
        turns[patient] = turns.get(patient, 0) + 1
        ranked.append((turns[patient], drawn[position], position))
    return sorted(position for _, _, position in sorted(ranked)[:count])


def _keyed_hash(text: str, key: bytes) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


Positions = NDArray[np.int64]
"""Positions of films."""
NOTHING: Positions = np.zeros(0, dtype=np.int64)
"""No film at all."""


def shuffled_folds(
    labels: NDArray[np.int64], patients: Sequence[str], folds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return a random fold for each film: films of a patient together, labels spread evenly.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        folds: the most folds that are made.
        rng: shuffles the patients.
    """
    names, patient = np.unique(np.asarray(patients), return_inverse=True)
    turns = rng.permutation(len(names))[patient]
    return answer_folds(labels, [f"{turn:09d}" for turn in turns], folds)


def nested_subsets(
    labels: NDArray[np.int64],
    patients: Sequence[str],
    sizes: Sequence[int],
    rng: np.random.Generator,
) -> list[Positions]:
    """Return one set of films per size; each contains the smaller ones, and none splits a patient.

    Every set has about the same mix of labels as all films together.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        sizes: rising numbers of films; a set has more where its last patient has several films.
        rng: shuffles the patients.

    >>> rng = np.random.default_rng(0)
    >>> sets = nested_subsets(np.array([0, 0, 0, 1]), ["a", "a", "b", "c"], [2, 4], rng)
    >>> [subset.tolist() for subset in sets]
    [[0, 1, 3], [0, 1, 2, 3]]
    """
    names, patient = np.unique(np.asarray(patients), return_inverse=True)
    order = np.argsort(_random_ranks(labels, patient, rng), kind="stable")
    films_until = np.cumsum(np.bincount(patient, minlength=len(names))[order])
    subsets = []
    for size in sizes:
        taken = order[: int(np.searchsorted(films_until, size)) + 1]
        subsets.append(np.flatnonzero(np.isin(patient, taken)))
    return subsets


def _random_ranks(
    labels: NDArray[np.int64], patient: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a random rank from 0 to 1 for each patient; ranks of each label are spread evenly."""
    counts = np.bincount(labels)
    rarest = np.full(patient.max() + 1, -1)
    for film in np.argsort(-counts[labels], kind="stable"):
        rarest[patient[film]] = labels[film]
    rank = np.zeros(len(rarest))
    for label in np.unique(rarest):
        own = np.flatnonzero(rarest == label)
        rank[own] = (rng.permutation(len(own)) + rng.random()) / len(own)
    return rank
