"""Cross-fitting folds for a few dozen labelled films."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def answer_folds(
    labels: NDArray[np.int64], patients: Sequence[str], folds: int
) -> NDArray[np.int64]:
    """Return a fold for each film: films of a patient together, every label spread evenly.

    Drawn at random, all films of a rare label could fall into one fold, and a head fitted to the
    others would not know the label. Here the patients of the rarest label are dealt out first, one
    to each fold in turn.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        folds: how many there may be.

    >>> answer_folds(np.array([0, 0, 0, 1, 1]), ["a", "b", "b", "c", "d"], 2).tolist()
    [0, 1, 1, 0, 1]
    """
    counts = np.bincount(labels)
    rarest: dict[str, int] = {}
    for patient, label in zip(patients, labels.tolist(), strict=True):
        known = rarest.setdefault(patient, label)
        if counts[label] < counts[known]:
            rarest[patient] = label
    place: dict[str, int] = {}
    dealt = dict.fromkeys(rarest.values(), 0)
    for patient in sorted(rarest):
        label = rarest[patient]
        place[patient] = dealt[label] % folds
        dealt[label] += 1
    return np.array([place[patient] for patient in patients], dtype=np.int64)
