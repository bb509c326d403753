"""Labels that are probably wrong, according to heads that did not learn from them.

Confident learning (C. Northcutt, L. Jiang, I. Chuang, Confident learning: estimating uncertainty in
dataset labels, J Artif Intell Res 2021; 70: 1373-1411, doi 10.1613/jair.1.12125): a film counts as
confidently of a label where its probability is at least the mean probability that films *given*
that label have of it. Where that label is not the one it was given, the given one is in doubt. A
threshold per label makes up for heads that are surer of some labels than of others.

cleanlab, the authors' library, doubts the same films where every label has films; a test checks
that. It is not used because a young campaign has labels without a film: on 4,000 random sets of
films its doubts differed in 157, and in 120 it doubted a film without suggesting another label.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that should be looked at again."""

    radiograph_id: str
    label: str
    """The label that stands."""
    suggested: str
    """The label that out-of-fold heads give the film."""
    probability: float
    """Probability of the label as it stands, 0 to 1, by the same heads."""

    @property
    def reason(self) -> str:
        """Why the label is in doubt, as a sentence."""
        return (
            f"called {self.label}, but heads that had not learnt from it say {self.suggested} "
            f"({self.label}: {self.probability:.3f})"
        )

    def as_json(self) -> list[Any]:
        """Return plain values, as a model card keeps them."""
        return [self.label, self.suggested, round(self.probability, 4)]


def confident_labels(
    given: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the label that each film has confidently, shape (films,); -1 for none.

    Args:
        given: shape (films,), label positions.
        probabilities: shape (films, labels), by heads that have not learnt from the film.
    """
    labels = probabilities.shape[1]
    thresholds = np.full(labels, np.inf)
    for label in np.unique(given):
        thresholds[label] = probabilities[given == label, label].mean()
    sure = probabilities >= thresholds - 1e-6
    likeliest = np.where(sure, probabilities, -np.inf).argmax(axis=1)
    return np.where(sure.any(axis=1), likeliest, -1).astype(np.int64)


def doubted(given: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return positions of films whose given label is in doubt, the most doubtful first.

    A label that the heads also find most probable is not in doubt.

    Args:
        given: shape (films,), label positions.
        probabilities: shape (films, labels), by heads that have not learnt from the film.
    """
    confident = confident_labels(given, probabilities)
    own = probabilities[np.arange(len(given)), given]
    wrong = (confident >= 0) & (confident != given) & (probabilities.argmax(axis=1) != given)
    in_doubt = np.flatnonzero(wrong)
    return in_doubt[np.argsort(own[in_doubt], kind="stable")]


def label_doubts_of(
    films: Sequence[str],
    given: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
) -> list[Doubt]:
    """Return doubts about films' labels, the greatest first.

    Args:
        films: radiograph ids.
        given: shape (films,), label positions.
        probabilities: shape (films, labels), by heads that have not learnt from the film.
        labels: names of the label positions.
    """
    confident = confident_labels(given, probabilities)
    return [
        Doubt(
            films[film],
            labels[given[film]],
            labels[confident[film]],
            float(probabilities[film, given[film]]),
        )
        for film in doubted(given, probabilities)
    ]


def still_in_doubt(
    kept: Mapping[str, Sequence[Any]],
    standing: Mapping[str, str | None],
    seen_once: Collection[str],
    most: int,
) -> list[Doubt]:
    """Return the doubts of a model card that are still to be settled, the greatest first.

    Args:
        kept: radiograph id -> the card's doubt, as `Doubt.as_json` wrote it.
        standing: radiograph id -> the label that stands now.
        seen_once: ids of films that exactly one look has judged.
        most: the most doubts that are returned.
    """
    doubts = [
        Doubt(film, *values)
        for film, values in kept.items()
        if film in seen_once and standing.get(film) == values[0]
    ]
    return sorted(doubts, key=lambda doubt: (doubt.probability, doubt.radiograph_id))[:most]
