"""What a ranking strategy needs beside the predictions of the version in use."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.archive.core.film import Film
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import versions
from backend.review.core.ranking.pool import Pool
from backend.review.core.ranking.strategies import RankingStrategy, StrategyNeed


def with_inputs(  # noqa: PLR0913 - what its caller has read already
    workspace: Workspace,
    task: DetectorTask,
    pool: Pool,
    strategy: RankingStrategy,
    *,
    archive: Sequence[Film],
    looked_at: Collection[str],
) -> Pool:
    """Return the pool with what a strategy needs.

    Args:
        workspace: the archive: kept features, and the predictions of all versions.
        task: the detector task.
        pool: the films that may be picked.
        strategy: which one ranks.
        archive: all films.
        looked_at: ids of those that were looked at.

    Raises:
        RadsieveError: it needs what is not there.
    """
    if strategy.need is StrategyNeed.MEMBERS:
        return replace(pool, members=_members(workspace, task, pool, strategy))
    if strategy.need is StrategyNeed.FEATURES:
        return _with_features(workspace, pool, strategy, archive, looked_at)
    return pool


def _members(
    workspace: Workspace, task: DetectorTask, pool: Pool, strategy: RankingStrategy
) -> NDArray[np.float64]:
    """Return what the versions of a detector say of each film, shape (versions, films, labels)."""
    tables = []
    if task.answer is AnswerKind.CHOICE and not task.sums_up:
        names = [version.model_version for version in versions(workspace.database, task.name)]
        files = [PredictionFile(workspace.predictions, task.name, name) for name in names]
        tables = [file.load() for file in files if file.exists()]
    members = [table for table in tables if table.labels == task.labels]
    if len(members) < 2:
        raise RadsieveError(
            f"ranking strategy {strategy.name} compares versions of a detector, and {task.name} "
            f"has predictions of {len(members)}; train and publish more, or choose another strategy"
        )
    return np.stack([table.probabilities(pool.radiograph_ids) for table in members]).astype(float)


def _with_features(
    workspace: Workspace,
    pool: Pool,
    strategy: RankingStrategy,
    archive: Sequence[Film],
    looked_at: Collection[str],
) -> Pool:
    features = kept_features(workspace, [film.thumbnail_row for film in archive])
    if features is None:
        raise RadsieveError(
            f"ranking strategy {strategy.name} needs the features of all films, and not all are "
            "kept yet; they are once a detector was trained from answers and has swept the "
            "archive, or choose another strategy"
        )
    place = {film.radiograph_id: index for index, film in enumerate(archive)}
    looked = [place[film] for film in looked_at if film in place]
    free = [place[film] for film in pool.radiograph_ids]
    return replace(pool, features=features[free], looked_features=features[looked])


def kept_features(workspace: Workspace, rows: Sequence[int]) -> NDArray[np.float32] | None:
    """Return the features kept of all these thumbnail rows, None where any is missing."""
    if not (workspace.root / "features").exists():
        return None
    # Only where it is needed: torch takes seconds, and hundreds of megabytes.
    from backend.detectors.adapters.detector import feature_store  # noqa: PLC0415

    return feature_store(workspace).kept(rows)
