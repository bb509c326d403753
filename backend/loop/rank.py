"""Choose the next review batch from the predictions of the whole archive."""

import numpy as np
from numpy.typing import NDArray

from backend.adapters.batch_store import open_items
from backend.adapters.catalogue import Film, films
from backend.adapters.label_store import standing_labels
from backend.adapters.predictions import PredictionTable, load_predictions
from backend.adapters.registry import require_published
from backend.adapters.sketches import read_sketches
from backend.adapters.thumbnail_store import ThumbnailStore
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.labels import LabelSource
from backend.core.ranking import BatchShape, Pick, Pool, outlyingness, rank_for_review


def rank(workspace: Workspace, task: DetectorTask, *, count: int, seed: int) -> list[Pick]:
    """Return the films to look at next, most urgent first.

    Films that a reviewer has judged for this task, and those that wait in Label Studio, are left
    out. The same seed, labels and predictions give the same batch.

    Raises:
        NothingPublishedError: the detector task has no published model version.
        RadsieveError: the published version has not swept the archive yet.
    """
    version = require_published(workspace.database, task.name)
    table = load_predictions(workspace.predictions, task.name, version)
    pool = _pool(workspace, task, table)
    settings = workspace.settings
    shape = BatchShape(
        films=count,
        audit_share=settings.audit_share,
        films_per_patient=settings.films_per_patient,
    )
    return rank_for_review(pool, shape, np.random.default_rng(seed))


def _pool(workspace: Workspace, task: DetectorTask, table: PredictionTable) -> Pool:
    busy = looked_at(workspace, task) | _waiting(workspace, task)
    swept = [
        film for film in films(workspace.database) if film.radiograph_id in table.radiograph_ids
    ]
    strange = outlyingness(_sketches(workspace, swept))
    keep = [index for index, film in enumerate(swept) if film.radiograph_id not in busy]
    free = [swept[index] for index in keep]
    ids = [film.radiograph_id for film in free]
    return Pool(
        radiograph_ids=ids,
        patients=[film.patient_key for film in free],
        probabilities=table.probabilities(ids).astype(np.float64),
        outlyingness=strange[keep],
        labels=table.labels,
        expected_label=task.expected_label,
    )


def looked_at(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that a reviewer has judged for this task."""
    return {
        label.radiograph_id
        for label in standing_labels(workspace.database, task.name)
        if label.source is LabelSource.REVIEWER
    }


def _waiting(workspace: Workspace, task: DetectorTask) -> set[str]:
    return {
        film for item in open_items(workspace.database, task.name) for film in item.radiograph_ids
    }


def _sketches(workspace: Workspace, some: list[Film]) -> NDArray[np.uint8]:
    return read_sketches(
        workspace.root / "sketches.u8",
        ThumbnailStore(workspace.thumbnails),
        [film.thumbnail_row for film in some],
    )
