"""A linear head on frozen features, with the labelled films that new films are compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.detectors.core.calibration import softmax
from backend.detectors.core.open_set import Familiar, Features


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearHead:
    """Weights and scaling of a linear head, without the names of its labels."""

    centre: NDArray[np.float32]
    """Shape (width,): subtracted from the features."""
    scale: NDArray[np.float32]
    """Shape (width,): the centred features are divided by it."""
    weights: NDArray[np.float32]
    """Shape (labels, width); the row of a label without films is not used."""
    intercept: NDArray[np.float32]
    """Shape (labels,); minus infinity for labels without a film."""
    familiar: Familiar

    def logits(self, features: Features) -> NDArray[np.float64]:
        """Return one logit per film and label, shape (films, labels)."""
        standard = (np.asarray(features, dtype=np.float64) - self.centre) / self.scale
        return np.asarray(standard @ self.weights.T + self.intercept)

    def probabilities(
        self, features: Features, *, temperature: float, catch_all: int | None
    ) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (films, labels).

        A film that is unlike the labelled films of its most probable label loses probability. The
        catch-all label gets it; where the task has none, all labels share it evenly, and the film
        becomes one to look at.

        Args:
            features: shape (films, width).
            temperature: logits are divided by it.
            catch_all: position of the label for films that fit no other label; None: there is none.
        """
        sure = softmax(self.logits(features), temperature)
        familiarity = self.familiar.familiarity(features, sure.argmax(axis=1))
        return opened(sure, familiarity, catch_all)


def opened(
    sure: NDArray[np.float64], familiarity: NDArray[np.float64], catch_all: int | None
) -> NDArray[np.float64]:
    """Return probabilities that allow for films unlike all labelled films.

    Args:
        sure: shape (films, labels), as if every film had one of the labels learnt.
        familiarity: shape (films,), 0 to 1.
        catch_all: see `LinearHead.probabilities`.

    >>> opened(np.array([[0.9, 0.1, 0.0]]), np.array([0.5]), 2).round(2).tolist()
    [[0.45, 0.05, 0.5]]
    """
    elsewhere = np.full(sure.shape[1], 1 / sure.shape[1])
    if catch_all is not None:
        elsewhere = np.eye(sure.shape[1])[catch_all]
    kept = familiarity[:, None]
    return np.asarray(kept * sure + (1 - kept) * elsewhere)
