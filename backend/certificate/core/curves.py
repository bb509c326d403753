"""The precision-recall curve and the reliability diagram, as points to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import BinaryFigures, Share, binary_figures, share

BINS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """Precision and recall where every film with at least this probability is called bad."""

    threshold: float
    recall: float
    precision: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Films with about the same predicted probability of being bad."""

    stated: float
    """Mean predicted probability, 0 to 1."""
    bad: Share
    """Share of the films that are bad."""


@dataclass(frozen=True, slots=True)
class Curves:
    """A version's predictions compared with the reviewers' verdicts on the same films."""

    films: int
    patients: int
    bad: int
    steps: Sequence[Step]
    """Steps from the highest threshold on; empty where no film is bad."""
    bins: Sequence[Bin]
    figures: BinaryFigures


def curves(
    is_bad: NDArray[np.bool_],
    p_bad: NDArray[np.floating[Any]],
    patients: Sequence[str],
    *,
    rng: np.random.Generator,
) -> Curves:
    """Return the precision-recall curve and the reliability bins of films.

    Args:
        is_bad: shape (films,), the reviewers' verdicts; one film or more.
        p_bad: shape (films,), predicted by a version that was not trained on these patients.
        patients: one per film.
        rng: draws patients for the bootstrap.
    """
    return Curves(
        films=len(is_bad),
        patients=len(set(patients)),
        bad=int(is_bad.sum()),
        steps=precision_recall_steps(is_bad, p_bad),
        bins=reliability_bins(is_bad, p_bad),
        figures=binary_figures(is_bad, p_bad, patients, rng=rng),
    )


def precision_recall_steps(
    is_bad: NDArray[np.bool_], p_bad: NDArray[np.floating[Any]]
) -> list[Step]:
    """Return one step per distinct probability, the highest first.

    >>> steps = precision_recall_steps(np.array([True, False, True]), np.array([0.9, 0.5, 0.4]))
    >>> [(step.recall, round(step.precision, 2)) for step in steps]
    [(0.5, 1.0), (0.5, 0.5), (1.0, 0.67)]
    """
    bad = int(is_bad.sum())
    if not bad:
        return []
    order = np.argsort(-p_bad, kind="stable")
    score, hits = p_bad[order], np.cumsum(is_bad[order])
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True])
    return [
        Step(float(score[end]), float(hits[end] / bad), float(hits[end] / (end + 1)))
        for end in ends
    ]


def reliability_bins(is_bad: NDArray[np.bool_], p_bad: NDArray[np.floating[Any]]) -> list[Bin]:
    """Return the bins that hold films, the lowest first; all are equally wide.

    >>> [(bin_.stated, bin_.bad.count, bin_.bad.of) for bin_ in reliability_bins(
    ...     np.array([False, True, True]), np.array([0.0, 0.9, 1.0]))]
    [(0.0, 0, 1), (0.95, 2, 2)]
    """
    bin_of = np.minimum((p_bad * BINS).astype(int), BINS - 1)
    return [
        Bin(float(p_bad[own].mean()), share(int(is_bad[own].sum()), int(own.sum())))
        for own in (bin_of == number for number in np.unique(bin_of))
    ]
