"""Strategies: each gives films of a pool a score; higher means look sooner.

A strategy is a function of the pool alone. `review.core.ranking.choice` applies caps and breaks
ties, in the same way for all strategies.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.detectors.core import uncertainty
from backend.review.core.ranking.choice import Scores
from backend.review.core.ranking.pool import Pool

LIKELY_AT = 0.5
"""A film is a likely find from this probability of being bad."""

Strategy = Callable[[Pool], Scores]


def least_confidence(pool: Pool) -> Scores:
    """Return 1 minus the probability of the most likely label."""
    return uncertainty.least_confidence(pool.probabilities)


def margin(pool: Pool) -> Scores:
    """Return 1 minus the gap between the two most likely labels."""
    return uncertainty.margin_uncertainty(pool.probabilities)


def entropy(pool: Pool) -> Scores:
    """Return the entropy of the labels, 0 to 1."""
    return uncertainty.entropy(pool.probabilities)


def mutual_information(pool: Pool) -> Scores:
    """Return how much the members of an ensemble disagree (BALD), 0 to 1."""
    return uncertainty.mutual_information(_needed(pool.members, "members of an ensemble"))


def vote_entropy(pool: Pool) -> Scores:
    """Return how evenly the votes of an ensemble are spread, 0 to 1."""
    return uncertainty.vote_entropy(_needed(pool.members, "members of an ensemble"))


def positive_first(pool: Pool) -> Scores:
    """Return the probability that the film is bad: rare finds come first."""
    return pool.bad_probability


def likely_finds(pool: Pool) -> Scores:
    """Return the probability that the film is bad, for likely finds; NaN for other films."""
    bad = pool.bad_probability
    return np.where(bad >= LIKELY_AT, bad, np.nan)


def ambiguous_finds(pool: Pool) -> Scores:
    """Return the margin uncertainty of likely finds; NaN for other films.

    The detector so learns the border of the rare label first (positive-first, most ambiguous,
    PF-MA).
    """
    return np.where(pool.bad_probability >= LIKELY_AT, margin(pool), np.nan)


def outlier_first(pool: Pool) -> Scores:
    """Return how unlike the rest of the archive a film is; needs no label."""
    return pool.outlyingness


def farthest_first(pool: Pool) -> Scores:
    """Return each film's distance to all films chosen before it, the farthest chosen next.

    Greedy k-center (Gonzalez 1985; core-set, Sener and Savarese 2018). Films that somebody looked
    at count as chosen; without any, the film farthest from the mean is first. Time grows with the
    square of the pool, so it suits some thousands of films.
    """
    features = _needed(pool.features, "features").astype(np.float64)
    scores = np.zeros(len(features))
    left = np.ones(len(features), dtype=bool)
    nearest = _start(pool, features)
    for _ in range(len(features)):
        index = int(np.where(left, nearest, -np.inf).argmax())
        scores[index], left[index] = np.sqrt(nearest[index]), False
        np.minimum(nearest, _squared(features, features[index]), out=nearest)
    return scores


def spread_at_random(pool: Pool, rng: np.random.Generator, first: int) -> Scores:
    """Return scores of `first` films that spread over the archive like the starts of k-means++.

    Arthur and Vassilvitskii 2007: a film's chance to be drawn grows with the square of its distance
    to the films drawn before, so that single strange films do not take all places.

    Args:
        pool: a pool with features.
        rng: draws the films.
        first: number of films with a score; the first drawn has the highest, the others have NaN.
    """
    features = _needed(pool.features, "features").astype(np.float64)
    scores, nearest = np.full(len(features), np.nan), _start(pool, features)
    for place in range(min(first, len(features))):
        weight = np.where(np.isnan(scores), nearest, 0.0)
        if not weight.sum() > 0:
            weight = np.isnan(scores).astype(np.float64)
        index = int(rng.choice(len(features), p=weight / weight.sum()))
        scores[index] = 1.0 - place / first
        np.minimum(nearest, _squared(features, features[index]), out=nearest)
    return scores


def _start(pool: Pool, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances to the nearest film looked at, or to the mean, shape (films,)."""
    if pool.looked_features is None or not len(pool.looked_features):
        return _squared(features, features.mean(axis=0)) if len(features) else np.zeros(0)
    nearest = np.full(len(features), np.inf)
    for looked in pool.looked_features.astype(np.float64):
        np.minimum(nearest, _squared(features, looked), out=nearest)
    return nearest


def _squared(features: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.square(features - centre).sum(axis=1))


def _needed(values: NDArray[np.floating] | None, name: str) -> NDArray[np.float64]:
    if values is None:
        raise ValueError(f"this strategy needs {name}, and the pool has none")
    return np.asarray(values)
