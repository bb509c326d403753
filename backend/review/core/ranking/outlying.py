"""Measure how unlike the rest of the archive a film is; this needs no label, so it ranks first."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

DIRECTIONS = 32
"""Number of principal directions; further ones hold as much noise as signal."""


def outlying_pixels(
    sketches: NDArray[np.uint8], directions: int = DIRECTIONS
) -> NDArray[np.float64]:
    """Return how far each film's picture lies from the middle of the archive.

    Args:
        sketches: shape (films, pixels), tiny versions of the films; each is standardised first.
        directions: number of principal directions.

    Returns:
        Shape (films,); about 1 for an ordinary film.
    """
    pixels = sketches.astype(np.float64)
    pixels -= pixels.mean(axis=1, keepdims=True)
    pixels /= pixels.std(axis=1, keepdims=True) + 1.0
    return _distance(pixels, directions)


def outlying_features(
    features: NDArray[np.float32], directions: int = DIRECTIONS
) -> NDArray[np.float64]:
    """Return how far each film's features lie from the middle of the archive.

    Args:
        features: shape (films, width), of the frozen network.
        directions: number of principal directions.

    Returns:
        Shape (films,); about 1 for an ordinary film.
    """
    return _distance(features.astype(np.float64), directions)


def stranger_than(*distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of films that are less strange, as a mean over several measures.

    Args:
        distances: each of shape (films,), in any unit.

    Returns:
        Shape (films,), 0 to below 1.

    >>> stranger_than(np.array([1.0, 9.0, 2.0, 2.0])).tolist()
    [0.0, 0.75, 0.25, 0.25]
    """
    shares = [
        (stats.rankdata(scores, method="min") - 1) / max(1, len(scores)) for scores in distances
    ]
    return np.asarray(np.mean(shares, axis=0))


def _distance(values: NDArray[np.float64], directions: int) -> NDArray[np.float64]:
    """Return Mahalanobis' distance to the median in the first principal directions."""
    if len(values) < 3:
        return np.zeros(len(values))
    centred = values - np.median(values, axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    kept = variance > 1e-9 * max(float(variance[-1]), 1e-9)
    kept[: max(0, len(kept) - directions)] = False
    if not kept.any():
        return np.zeros(len(values))
    along = centred @ axes[:, kept] / np.sqrt(variance[kept])
    return np.asarray(np.sqrt((along**2).mean(axis=1)))
