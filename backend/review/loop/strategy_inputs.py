"""What a ranking strategy needs beside the predictions of the version in use."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.base.core.detector_task import AnswerKind
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.loop.film_predictions import PredictionSource
from backend.review.core.ranking.pool import Pool
from backend.review.core.ranking.strategies import RankingStrategy, StrategyNeed
from backend.review.loop.planning_material import PlanningMaterial


def with_inputs(
    material: PlanningMaterial, pool: Pool, strategy: RankingStrategy, archive: Sequence[Film]
) -> Pool:
    """Return the pool with what a strategy needs.

    Args:
        material: the detector task, its review, and where its predictions are.
        pool: the films that may be picked.
        strategy: which one ranks.
        archive: all films.

    Raises:
        RadsieveError: it needs what is not there.
    """
    if strategy.need is StrategyNeed.MEMBERS:
        return replace(pool, members=_members(material, pool, strategy))
    if strategy.need is StrategyNeed.FEATURES:
        return _with_features(material, pool, strategy, archive)
    return pool


def _members(
    material: PlanningMaterial, pool: Pool, strategy: RankingStrategy
) -> NDArray[np.float64]:
    """Return what the versions of a detector predict for the films of a pool.

    Shape (versions, films, labels).
    """
    task, folder, tables = material.task, material.predictions.files.predictions, []
    if task.answer is AnswerKind.CHOICE and not task.sums_up:
        names = [version.model_version for version in versions(material.database, task.name)]
        files = [PredictionFile(folder, task.name, name) for name in names]
        tables = [file.load() for file in files if file.exists()]
    members = [table for table in tables if table.labels == task.labels]
    if len(members) < 2:
        raise RadsieveError(
            f"ranking strategy {strategy.name} compares versions of a detector, and {task.name} "
            f"has predictions of {len(members)}; train and publish more, or choose another strategy"
        )
    return np.stack([table.probabilities(pool.radiograph_ids) for table in members]).astype(float)


def _with_features(
    material: PlanningMaterial, pool: Pool, strategy: RankingStrategy, archive: Sequence[Film]
) -> Pool:
    features = kept_features(material.predictions, [film.thumbnail_row for film in archive])
    if features is None:
        raise RadsieveError(
            f"ranking strategy {strategy.name} needs the features of all films, and not all are "
            "kept yet; they are once a detector was trained from answers and has swept the "
            "archive, or choose another strategy"
        )
    index_of = {film.radiograph_id: index for index, film in enumerate(archive)}
    looked = [index_of[film] for film in material.state.first_looked if film in index_of]
    free = [index_of[film] for film in pool.radiograph_ids]
    return replace(pool, features=features[free], looked_features=features[looked])


def kept_features(source: PredictionSource, rows: Sequence[int]) -> NDArray[np.float32] | None:
    """Return the features kept of all these thumbnail rows, None where any is missing."""
    if not source.files.features.exists():
        return None
    # Only where it is needed: torch takes seconds, and hundreds of megabytes.
    from backend.detectors.adapters.feature_store import FeatureStore  # noqa: PLC0415

    store = FeatureStore(
        source.files.features, ThumbnailStore(source.files.thumbnails), source.files.device
    )
    return store.kept(rows)
