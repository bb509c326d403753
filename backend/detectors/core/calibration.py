"""Calibrate a network's probabilities by one temperature per detector task."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

COLDEST, HOTTEST = 0.2, 10.0
"""A temperature beyond these limits means that the network's labels are wrong, and scaling its
confidence cannot mend them."""


def softmax(logits: NDArray[np.floating[Any]], temperature: float = 1.0) -> NDArray[np.float64]:
    """Return probabilities, same shape; above 1 the temperature makes them more cautious."""
    return np.asarray(special.softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=-1))


def fit_temperature(logits: NDArray[np.floating[Any]], truth: NDArray[np.int64]) -> float:
    """Return the temperature that minimises the cross-entropy of held-out views.

    The targets are Platt's (1999): with n views of a label, the target probability of that label is
    (n + 1) / (n + 2) instead of 1, so that views without an error do not end in certainty.

    Args:
        logits: shape (views, labels), of views the network was not trained on.
        truth: shape (views,), label positions.

    Raises:
        ValueError: no views.
    """
    if not len(truth):
        raise ValueError("a temperature needs at least one view")
    targets = _smoothed(truth, logits.shape[1])
    values = np.asarray(logits, dtype=np.float64)

    def cross_entropy(log_temperature: float) -> float:
        scaled = special.log_softmax(values / np.exp(log_temperature), axis=1)
        return float(-(targets * scaled).sum(axis=1).mean())

    limits = (np.log(COLDEST), np.log(HOTTEST))
    best = optimize.minimize_scalar(cross_entropy, bounds=limits, method="bounded")
    return float(np.exp(best.x))


def _smoothed(truth: NDArray[np.int64], labels: int) -> NDArray[np.float64]:
    counts = np.bincount(truth, minlength=labels)[truth]
    certain = (counts + 1) / (counts + 2)
    targets = np.repeat(((1 - certain) / (labels - 1))[:, None], labels, axis=1)
    targets[np.arange(len(truth)), truth] = certain
    return targets
