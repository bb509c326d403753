"""The probability that a box is right, from how far heads disagree on films they did not see."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from backend.detectors.core.boxes.answer import GOOD_OVERLAP
from backend.labels.core.box import Boxes, overlap

_SMALLEST_SPREAD = 1e-4
_RIDGE = 0.1
"""Penalty that keeps the slope moderate where there are few boxes."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """Turns spread into the probability that a box is right."""

    usual: float
    """Mean of the spread's logarithm."""
    deviation: float
    """Standard deviation of the spread's logarithm."""
    intercept: float
    slope: float
    most: float
    """The highest probability that is ever stated: (n + 1) / (n + 2) after n films."""

    def probabilities(self, spread: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return the probability, 0 to 1, that each box is right, in the shape of `spread`."""
        standing = (_logarithm(spread) - self.usual) / self.deviation
        stated = special.expit(self.intercept + self.slope * standing)
        return np.asarray(np.minimum(stated, self.most))


def spread_of(opinions: Boxes) -> NDArray[np.float64]:
    """Return how far the heads' opinions on a box differ, as a share of its size; 0: they agree.

    Args:
        opinions: shape (films, opinions, labels, 4).

    Returns:
        Shape (films, labels).
    """
    size = np.maximum(opinions[..., 2:].mean(axis=(1, 3)), 1e-6)
    return np.asarray(opinions.std(axis=1).mean(axis=-1) / size)


def learn_sureness(opinions: Boxes, truth: Boxes) -> Sureness:
    """Fit how spread predicts errors, on films that the heads were not trained on.

    Three made-up films are added to the real ones. At the mean spread, one is right and one is
    wrong: a dozen films without an error do not prove that there are no errors. The third is wrong,
    and its heads differ more than on any real film.

    Args:
        opinions: shape (films, opinions, labels, 4).
        truth: shape (films, labels, 4); NaN where a film has no such box.
    """
    there = ~np.isnan(truth).any(axis=-1)
    spread = _logarithm(spread_of(opinions)[there])
    good = (overlap(opinions.mean(axis=1), truth)[there] >= GOOD_OVERLAP).astype(np.float64)
    usual, deviation = float(spread.mean()), float(spread.std()) + 1e-3
    standing = (spread - usual) / deviation
    # As many made-up boxes as a film has: those of one film are right or wrong together.
    labels = truth.shape[1]
    standing = np.append(standing, np.repeat([0.0, 0.0, standing.max() + 1], labels))
    good = np.append(good, np.repeat([1.0, 0.0, 0.0], labels))

    def penalised_loss(line: NDArray[np.float64]) -> float:
        logit = line[0] + line[1] * standing
        return float((np.logaddexp(0, logit) - good * logit).sum() + _RIDGE * line[1] ** 2)

    # A wider spread is never a better sign.
    fitted = optimize.minimize(penalised_loss, np.zeros(2), bounds=[(None, None), (None, 0.0)])
    most = (len(truth) + 1) / (len(truth) + 2)
    return Sureness(usual, deviation, float(fitted.x[0]), float(fitted.x[1]), most)


def _logarithm(spread: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    return np.asarray(np.log(np.maximum(spread, _SMALLEST_SPREAD)), dtype=np.float64)
