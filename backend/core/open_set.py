"""How strange a film is to the films that were labelled: what was never seen must not pass.

A classifier has to give every film one of its labels; one that has seen chests and abdomens calls a
knee a chest. So a film is also compared with the labelled films of the label it was given: it is
strange when even the nearest of them are further away than such films are from each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

NEIGHBOURS = 3
"""Films compared with: on real films 1 and 5 told unseen body parts as well."""
TOLERATED = 0.01
"""A film stranger than all but this share of familiar ones is as likely unfamiliar as not."""
FEWEST_FILMS = 4
"""With fewer films of a label nobody can say what is usual for it."""
_FILMS_AT_ONCE = 1024

Features = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Familiar:
    """The labelled films, and how far apart those of a label usually are."""

    directions: NDArray[np.float32]
    """Shape (films, width): features of length 1."""
    labels: NDArray[np.int64]
    """Shape (films,): label positions."""
    usual: NDArray[np.float64]
    """Shape (labels, 3): mean and deviation of the logarithm of strangeness, and the count of
    films; a deviation of 0 stands where there were too few films."""

    def strangeness(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean cosine distance, 0 to 2, to the nearest labelled films of a label.

        Args:
            features: shape (films, width), as the labelled films' were.
            labels: shape (films,), the label each film is compared with; infinite where no film
                has that label.
        """
        found = np.full(len(features), np.inf)
        for start in range(0, len(features), _FILMS_AT_ONCE):
            some = slice(start, start + _FILMS_AT_ONCE)
            close = directions_of(features[some]) @ self.directions.T
            close[labels[some, None] != self.labels[None, :]] = -np.inf
            found[some] = _nearest(close)
        return found

    def familiarity(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return 0 to 1: how sure it is that a film is like the labelled films of its label.

        It is p / (p + TOLERATED), where p is the share of films of that label that are as strange:
        the upper tail of Student's prediction distribution for one more film, so that a label with
        a dozen films is given more room than one with a thousand.
        """
        strange = np.log(self.strangeness(features, labels) + 1e-9)
        mean, deviation, count = self.usual[labels].T
        known = (deviation > 0) & np.isfinite(strange)
        spread = np.where(known, deviation, 1.0) * np.sqrt(1 + 1 / np.maximum(count, 1))
        standing = np.where(known, (np.where(known, strange, 0.0) - mean) / spread, 0.0)
        share = stats.t.sf(standing, np.maximum(count - 1, 1))
        return np.where(np.isfinite(strange), np.where(known, share / (share + TOLERATED), 0.5), 0)


def learn_familiar(
    features: Features, labels: NDArray[np.int64], patients: Sequence[str], label_count: int
) -> Familiar:
    """Return what is usual among labelled films.

    Args:
        features: shape (films, width).
        labels: shape (films,), label positions.
        patients: one per film; a film is never compared with films of its own patient.
        label_count: of the detector task.
    """
    directions = directions_of(features)
    _, patient = np.unique(np.asarray(patients), return_inverse=True)
    usual = np.zeros((label_count, 3))
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        usual[label] = _usual(directions[own], patient[own])
    return Familiar(directions, labels.astype(np.int64), usual)


def directions_of(features: Features) -> NDArray[np.float32]:
    """Return features scaled to length 1, shape (films, width)."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-9), dtype=np.float32)


def _usual(directions: NDArray[np.float32], patient: NDArray[np.int64]) -> tuple[float, ...]:
    close = directions @ directions.T
    close[patient[:, None] == patient[None, :]] = -np.inf
    strange = _nearest(close)
    strange = np.log(strange[np.isfinite(strange)] + 1e-9)
    if len(strange) < FEWEST_FILMS:
        return 0.0, 0.0, float(len(strange))
    return float(strange.mean()), max(float(strange.std(ddof=1)), 1e-3), float(len(strange))


def _nearest(close: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean distance to the nearest films that may be compared with; infinite if none."""
    best = -np.sort(-close, axis=1)[:, :NEIGHBOURS].astype(np.float64)
    allowed = np.isfinite(best)
    total = np.where(allowed, 1 - best, 0.0).sum(axis=1)
    return np.where(allowed.any(axis=1), total / np.maximum(allowed.sum(axis=1), 1), np.inf)
