"""The answer of a box detector: one box for each label, with the probability that it is right.

An array of shape (..., labels, 5): the probability that the box overlaps the true one by at least
`GOOD_OVERLAP`, then left, top, width and height.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.box import Boxes

GOOD_OVERLAP = 0.7
"""Intersection over union above which a box is used as it is; two people agree about so well."""

Answers = NDArray[np.floating[Any]]


def joined_answers(sure: NDArray[np.floating[Any]], boxes: Boxes) -> NDArray[np.float32]:
    """Return answers, shape (..., labels, 5).

    Args:
        sure: shape (..., labels), probabilities.
        boxes: shape (..., labels, 4).
    """
    return np.concatenate([sure[..., None], boxes], axis=-1, dtype=np.float32)


def split_answers(answers: Answers) -> tuple[Answers, Boxes]:
    """Return probabilities, shape (..., labels), and boxes, shape (..., labels, 4)."""
    return answers[..., 0], answers[..., 1:]
