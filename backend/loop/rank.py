"""Choose the next review batch from the predictions of the whole archive."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.adapters.batch_store import open_items
from backend.adapters.catalogue import Film, films, polarity_tags
from backend.adapters.label_store import standing_labels
from backend.adapters.model_folder import CONFLICTS, read_card_values
from backend.adapters.predictions import PredictionTable, load_predictions
from backend.adapters.registry import COLD_START, version_in_use
from backend.adapters.sketches import read_sketches
from backend.adapters.thumbnail_store import ThumbnailStore
from backend.adapters.workspace import Workspace
from backend.core.box_answer import box_pool
from backend.core.detector_task import AnswerKind, DetectorTask
from backend.core.labels import LabelSource
from backend.core.polarity_tag import tag_finding
from backend.core.ranking import (
    BatchShape,
    Pick,
    Pool,
    ReportWord,
    outlyingness,
    rank_for_review,
)
from backend.loop.report_labels import labels_in_force, report_words


def rank(workspace: Workspace, task: DetectorTask, *, count: int, seed: int) -> list[Pick]:
    """Return the films to look at next, most urgent first.

    A detector that waits for its first answers gets outliers and an audit slice: films unlike the
    rest are where rare labels are found soonest.

    Films that a reviewer has judged for this task, and those that wait in Label Studio, are left
    out. The same seed, labels and predictions give the same batch.

    Raises:
        NothingPublishedError: the detector task has no published model version.
        RadsieveError: the published version has not swept the archive yet.
    """
    version = version_in_use(workspace.database, task)
    settings = workspace.settings
    shape = BatchShape(
        films=count,
        audit_share=settings.audit_share,
        films_per_patient=settings.films_per_patient,
        report_share=settings.report_audit_share,
    )
    if version == COLD_START:
        pool, shape = _cold_pool(workspace, task), replace(shape, outlier_share=1.0)
    else:
        pool = _pool(workspace, task, load_predictions(workspace.predictions, task.name, version))
    pool = replace(pool, reports=_reports(workspace, task, version))
    picks = rank_for_review(pool, shape, np.random.default_rng(seed))
    return _with_tag_findings(workspace, task, picks, pool)


def _with_tag_findings(
    workspace: Workspace, task: DetectorTask, picks: list[Pick], pool: Pool
) -> list[Pick]:
    """Say of films that look inverted where a tag has made them so."""
    tags = polarity_tags(workspace.database) if task.has_made_labels else {}
    if not tags:
        return picks
    best = [task.labels[label] for label in pool.probabilities.argmax(axis=1)]
    predicted = dict(zip(pool.radiograph_ids, best, strict=True))
    found = [
        tag_finding(task, predicted.get(pick.radiograph_id), tags.get(pick.radiograph_id))
        for pick in picks
    ]
    return [
        replace(pick, reason=f"{pick.reason}; {finding}") if finding else pick
        for pick, finding in zip(picks, found, strict=True)
    ]


def _reports(workspace: Workspace, task: DetectorTask, version: str) -> dict[str, ReportWord]:
    """Return what reports say, with what heads that did not learn from it think of it."""
    words = report_words(labels_in_force(workspace, task))
    if version == COLD_START:
        # Nothing has looked at the pixels yet, so nothing contradicts a report.
        return {film: replace(word, agreed=1.0) for film, word in words.items()}
    card = read_card_values(workspace.models, version) if words else {"training": {}}
    doubts = card["training"].get(CONFLICTS, {})
    return {film: replace(word, agreed=doubts.get(film)) for film, word in words.items()}


def _cold_pool(workspace: Workspace, task: DetectorTask) -> Pool:
    archive = films(workspace.database)
    expected = np.eye(len(task.labels))[task.labels.index(task.expected_label)]
    return _free_pool(workspace, task, archive, np.tile(expected, (len(archive), 1)))


def _pool(workspace: Workspace, task: DetectorTask, table: PredictionTable) -> Pool:
    swept = [
        film for film in films(workspace.database) if film.radiograph_id in table.radiograph_ids
    ]
    known = table.probabilities([film.radiograph_id for film in swept]).astype(np.float64)
    pool = _free_pool(workspace, task, swept, known)
    return box_pool(pool) if task.answer is AnswerKind.BOX else pool


def _free_pool(
    workspace: Workspace, task: DetectorTask, some: list[Film], known: NDArray[np.float64]
) -> Pool:
    """Return the films nobody has looked at; what is strange is told from all of them."""
    busy = looked_at(workspace, task) | _waiting(workspace, task)
    strange = outlyingness(_sketches(workspace, some))
    keep = [index for index, film in enumerate(some) if film.radiograph_id not in busy]
    return Pool(
        radiograph_ids=[some[index].radiograph_id for index in keep],
        patients=[some[index].patient_key for index in keep],
        probabilities=known[keep],
        outlyingness=strange[keep],
        labels=task.labels,
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
