"""The strategies that may rank a whole batch, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from backend.base.core.errors import RadsieveError
from backend.labels.core.labels import Slice
from backend.review.core.ranking import scores
from backend.review.core.ranking.choice import Scores
from backend.review.core.ranking.pool import Pool

MIXED = "mixed"
"""The default, not a strategy: conflicts, likely finds, outliers and uncertain films share it."""


class StrategyNeed(StrEnum):
    """Data that a strategy needs beside the predictions of the version in use."""

    NOTHING = ""
    FEATURES = "features"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class RankingStrategy:
    """A strategy that ranks a whole batch."""

    name: str
    slice: Slice
    """The slice whose yield counts its picks."""
    need: StrategyNeed
    _scores: Callable[[Pool, int, int], Scores]

    def scores(self, pool: Pool, count: int, seed: int) -> Scores:
        """Return one score per film, shape (films,); at least `count` are numbers where possible.

        Args:
            pool: the films that may be picked.
            count: number of films that are wanted.
            seed: of random strategies.
        """
        return self._scores(pool, count, seed)

    def reason(self, score: float) -> str:
        """Return the reason for a pick, in words: the strategy's name and the score."""
        return f"{self.name}: {score:.3f}"


def strategy_named(name: str) -> RankingStrategy | None:
    """Return the strategy of this name, None for `MIXED`.

    Raises:
        RadsieveError: no strategy has this name.
    """
    if name != MIXED and name not in STRATEGIES:
        raise RadsieveError(
            f"there is no ranking strategy {name!r}; choose one of {MIXED}, {', '.join(STRATEGIES)}"
        )
    return STRATEGIES.get(name)


def _plain(
    score: scores.Strategy, slice_: Slice, need: StrategyNeed = StrategyNeed.NOTHING
) -> RankingStrategy:
    return RankingStrategy(score.__name__, slice_, need, lambda pool, count, seed: score(pool))


def _spread_at_random(pool: Pool, count: int, seed: int) -> Scores:
    return scores.spread_at_random(pool, np.random.default_rng(seed), count)


_ALL = (
    _plain(scores.least_confidence, Slice.UNCERTAIN),
    _plain(scores.margin, Slice.UNCERTAIN),
    _plain(scores.entropy, Slice.UNCERTAIN),
    _plain(scores.mutual_information, Slice.UNCERTAIN, StrategyNeed.MEMBERS),
    _plain(scores.vote_entropy, Slice.UNCERTAIN, StrategyNeed.MEMBERS),
    _plain(scores.positive_first, Slice.LIKELY),
    _plain(scores.likely_finds, Slice.LIKELY),
    _plain(scores.ambiguous_finds, Slice.LIKELY),
    _plain(scores.outlier_first, Slice.OUTLIER),
    _plain(scores.farthest_first, Slice.OUTLIER, StrategyNeed.FEATURES),
    RankingStrategy("spread_at_random", Slice.OUTLIER, StrategyNeed.FEATURES, _spread_at_random),
)
STRATEGIES: Mapping[str, RankingStrategy] = {strategy.name: strategy for strategy in _ALL}
"""All strategies, by name."""
