"""Measure how unlike the labelled films a film is, so that unseen kinds of films are not accepted.

A classifier gives every film one of its labels: trained on chests and abdomens, it calls a knee a
chest. So each film is also compared with the labelled films of its predicted label. It is strange
when even the nearest of them are far, and when it is far from their mean in directions in which
films of one label hardly differ. The first measure alone let lateral chests pass where few frontal
chests were labelled; the second alone let abdomens pass where two kinds of chests were labelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from backend.detectors.core.film_choice import answer_folds

NEIGHBOURS = 3
TOLERATED = 0.0086
"""A film is 0.5 familiar where only this share of the labelled films is as strange. About two in a
hundred good films are then less than 0.7 familiar, the limit below which tasks send films to
review."""
FEWEST_FILMS = 4
"""With fewer films of a label, its usual distances cannot be estimated."""
MOST_FOLDS = 10
"""Usual distances are measured by cross-validation by patient, in at most so many folds."""
_FILMS_AT_ONCE = 1024
_NO_DISTANCE = 1e-9

Features = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Familiar:
    """The labelled films, their mean and spread by label, and the usual distances from them."""

    directions: NDArray[np.float32]
    """Shape (films, width): features of length 1."""
    labels: NDArray[np.int64]
    """Shape (films,): label positions."""
    middles: NDArray[np.float32]
    """Shape (labels, width): the mean of each label's films; NaN where a label has none."""
    whitening: NDArray[np.float32]
    """Shape (width, width): features times it spread by 1 in every direction among films of one
    label, as far as so few films can tell."""
    usual: NDArray[np.float64]
    """Shape (labels, 3): mean and deviation of the logarithm of strangeness, and the count of
    films; a deviation of 0 stands where there were too few films."""

    def strangeness(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how far films are from a label, 0 or more, without a unit.

        It is the geometric mean of `to_nearest` and `to_middle`.

        Args:
            features: shape (films, width), as the labelled films' were.
            labels: shape (films,), the label each film is compared with; infinite where no film
                has that label.
        """
        distance = np.full(len(features), np.inf)
        for start in range(0, len(features), _FILMS_AT_ONCE):
            chunk = slice(start, start + _FILMS_AT_ONCE)
            nearest = self.to_nearest(features[chunk], labels[chunk])
            middle = self.to_middle(features[chunk], labels[chunk])
            distance[chunk] = np.sqrt((nearest + _NO_DISTANCE) * (middle + _NO_DISTANCE))
        return distance

    def familiarity(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how surely each film is like the labelled films of its label, 0 to 1.

        It is p / (p + TOLERATED), where p is the share of films of that label that are as strange:
        the upper tail of Student's prediction distribution for one more film, which is wider for a
        label with a dozen films than for a label with a thousand.
        """
        strange = np.log(self.strangeness(features, labels))
        mean, deviation, count = self.usual[labels].T
        known = (deviation > 0) & np.isfinite(strange)
        spread = np.where(known, deviation, 1.0) * np.sqrt(1 + 1 / np.maximum(count, 1))
        standing = np.where(known, (np.where(known, strange, 0.0) - mean) / spread, 0.0)
        share = stats.t.sf(standing, np.maximum(count - 1, 1))
        return np.where(np.isfinite(strange), np.where(known, share / (share + TOLERATED), 0.5), 0)

    def to_nearest(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean cosine distance, 0 to 2, to the nearest labelled films of a label.

        The arguments are those of `strangeness`. Memory grows with the product of both numbers of
        films, so call it for a few films at a time.
        """
        close = directions_of(features) @ self.directions.T
        close[labels[:, None] != self.labels[None, :]] = -np.inf
        best = -np.sort(-close, axis=1)[:, :NEIGHBOURS].astype(np.float64)
        there = np.isfinite(best)
        total = np.where(there, np.maximum(1 - best, 0), 0.0).sum(axis=1)
        return np.where(there.any(axis=1), total / np.maximum(there.sum(axis=1), 1), np.inf)

    def to_middle(self, features: Features, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return Mahalanobis' distance, 0 or more, to the mean of a label's films.

        The arguments are those of `strangeness`.
        """
        apart = (features - self.middles[labels]) @ self.whitening
        distance = np.linalg.norm(apart, axis=1).astype(np.float64)
        return np.where(np.isnan(distance), np.inf, distance)


def learn_familiar(
    features: Features, labels: NDArray[np.int64], patients: Sequence[str], label_count: int
) -> Familiar:
    """Fit the comparison with labelled films: their means, spread and usual distances by label.

    Args:
        features: shape (films, width).
        labels: shape (films,), label positions.
        patients: one per film; a film is never compared with films of its own patient.
        label_count: number of labels of the detector task.
    """
    folds = answer_folds(labels, patients, MOST_FOLDS)
    strange = np.full(len(labels), np.inf)
    for fold in np.unique(folds):
        inside = folds == fold
        others = _compared_with(features[~inside], labels[~inside], label_count)
        strange[inside] = others.strangeness(features[inside], labels[inside])
    known = _compared_with(features, labels, label_count)
    usual = [_usual(strange[labels == label]) for label in range(label_count)]
    return Familiar(known.directions, known.labels, known.middles, known.whitening, np.array(usual))


def directions_of(features: Features) -> NDArray[np.float32]:
    """Return features scaled to length 1, shape (films, width)."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-9), dtype=np.float32)


def _compared_with(features: Features, labels: NDArray[np.int64], label_count: int) -> Familiar:
    """Return the comparison with these films; `usual` is zero, as it is not known yet."""
    values = np.asarray(features, dtype=np.float64)
    middles = np.full((label_count, values.shape[1]), np.nan)
    for label in np.unique(labels):
        middles[label] = values[labels == label].mean(axis=0)
    return Familiar(
        directions_of(features),
        labels.astype(np.int64),
        middles.astype(np.float32),
        _whitening(values - middles[labels]).astype(np.float32),
        np.zeros((label_count, 3)),
    )


def _whitening(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix that makes residuals, shape (films, width), spread by about 1 everywhere.

    Few films give a poor estimate of the covariance, so it is shrunk towards an even spread, with
    the intensity of Ledoit and Wolf (2004).
    """
    films, width = residuals.shape
    if not films:
        return np.eye(width)
    covariance = residuals.T @ residuals / films
    even = max(float(np.trace(covariance)) / width, 1e-12)
    uneven = float(np.square(covariance - even * np.eye(width)).sum())
    lengths = np.square(residuals).sum(axis=1)
    noise = (float(np.square(lengths).mean()) - float(np.square(covariance).sum())) / films
    shrinkage = float(np.clip(noise / uneven, 0.01, 1)) if uneven > 0 else 1.0
    covariance = (1 - shrinkage) * covariance + shrinkage * even * np.eye(width)
    root = linalg.cholesky(covariance, lower=True)
    return np.asarray(linalg.solve_triangular(root, np.eye(width), lower=True).T)


def _usual(strange: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and deviation of the logarithm of finite strangeness, and the count of films."""
    known = np.log(strange[np.isfinite(strange)])
    if len(known) < FEWEST_FILMS:
        return 0.0, 0.0, float(len(known))
    return float(known.mean()), max(float(known.std(ddof=1)), 1e-3), float(len(known))
