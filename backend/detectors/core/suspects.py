"""Films that out-of-fold networks call mislabelled, judged by all of their made views."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask

_TRUSTED_SHARE_RIGHT = 0.8


def share_right(scores: NDArray[np.floating[Any]]) -> float:
    """Return the share of made views given exactly the right label.

    Args:
        scores: shape (films, labels, labels), logits or probabilities; [i, j] is film i made into
            label j.
    """
    return float((scores.argmax(axis=2) == np.arange(scores.shape[1])).mean())


def has_learnt(scores: NDArray[np.floating[Any]]) -> bool:
    """Return whether networks are right often enough to call a film mislabelled."""
    return len(scores) > 0 and share_right(scores) >= _TRUSTED_SHARE_RIGHT


def hidden_label(log_probabilities: NDArray[np.float64], task: DetectorTask) -> NDArray[np.int64]:
    """Return, for each film, the label that explains all of its made views best.

    Suppose a film were not of the expected label but, say, turned by 90 degrees. Then its view
    "turned_180" would really be turned by 270, and so on for every view. The supposition whose
    views together are most probable wins, and a tie goes to the expected label. One view alone
    would do for a good network. A weak one that calls every film turned would then cast suspicion
    on the whole archive; here it casts none, since it says the same whatever is supposed.

    Args:
        log_probabilities: shape (films, labels, labels); [i, j, k] is the logarithm of the
            probability that film i, made into label j, has label k.
        task: a detector task with made labels.

    Returns:
        Shape (films,), positions in `task.labels`; that of the expected label for most films.
    """
    changes = [task.made_by[label] for label in task.labels]
    expected = task.labels.index(task.expected_label)
    scores = np.full((len(log_probabilities), len(changes)), -np.inf)
    for supposed, base in enumerate(changes):
        real = [base.then(change) for change in changes]
        if all(change in changes for change in real):
            seen = [changes.index(change) for change in real]
            scores[:, supposed] = log_probabilities[:, range(len(seen)), seen].sum(axis=1)
    best = scores.argmax(axis=1)
    tied = scores[:, expected] >= scores.max(axis=1) - 1e-9
    return np.where(tied, expected, best).astype(np.int64)
