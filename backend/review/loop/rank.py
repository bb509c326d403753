"""Choose the next review batch from the predictions of the whole archive."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films, polarity_tags
from backend.archive.adapters.measure_store import MeasureStore
from backend.archive.adapters.thumbnail_store import ThumbnailStore, read_sketches
from backend.archive.core.film import Film
from backend.archive.core.header_tags import tag_finding
from backend.archive.core.near_copies import copy_groups
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.model_folder import read_card
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import COLD_START, version_in_use
from backend.detectors.loop.film_predictions import swept_joint
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.labels.loop.known_problems import known_problems
from backend.reports.loop.report_labels import labels_in_force
from backend.review.adapters.batch_store import open_items
from backend.review.core.item import DrawRecord
from backend.review.core.look import Look
from backend.review.core.ranking.outlying import outlying_features, outlying_pixels, stranger_than
from backend.review.core.ranking.pool import Batch, Pick, Pool, ReportWord
from backend.review.core.ranking.rank import BatchShape, box_pool, rank_for_review
from backend.review.core.ranking.shares import BatchYields, Shares, SliceYield, adapted_shares
from backend.review.loop.draws import draws_for, first_looks
from backend.review.loop.looks import joint_waiting, looks


def known_copy_groups(workspace: Workspace, some: Sequence[Film]) -> list[int]:
    """Return a number per film, the same for films that are copies of each other.

    Nothing is measured here, because ranking must not take hours: a film of which the rules have
    kept no measures yet is a group of its own.
    """
    store = MeasureStore(workspace.root / "measures", ThumbnailStore(workspace.thumbnails))
    kept = store.kept([film.radiograph_id for film in some])
    hashes = np.frombuffer(b"".join(kept["perceptual_hash"]), np.uint8) if len(kept) else None
    known = {}
    if hashes is not None:
        known = dict(zip(kept.index, copy_groups(hashes.reshape(len(kept), -1)), strict=True))
    return [int(known.get(film.radiograph_id, -1 - place)) for place, film in enumerate(some)]


def strangeness(
    workspace: Workspace, task: DetectorTask, archive: Sequence[Film]
) -> NDArray[np.float64]:
    """Return the share of films that are less strange, shape (films,), 0 to 1.

    Pixels tell films that are turned or inverted; with features beside them laterals, abdomens and
    other films of another kind come sooner (docs/ranking.md). Features are used where the task's
    labels come from people, and only as far as they are kept already: to compute them takes the
    network an hour for 100,000 films, and a push must not wait for it.
    """
    rows = [film.thumbnail_row for film in archive]
    thumbnails = ThumbnailStore(workspace.thumbnails)
    told = [outlying_pixels(read_sketches(workspace.root / "sketches.u8", thumbnails, rows))]
    features = None if task.has_made_labels else _kept_features(workspace, rows)
    if features is not None:
        told.append(outlying_features(features))
    return stranger_than(*told)


def _kept_features(workspace: Workspace, rows: Sequence[int]) -> NDArray[np.float32] | None:
    if not (workspace.root / "features").exists():
        return None
    # Only where it is needed: torch takes seconds, and hundreds of megabytes.
    from backend.detectors.adapters.detector import feature_store  # noqa: PLC0415

    return feature_store(workspace).kept(rows)


def rank(workspace: Workspace, task: DetectorTask, *, count: int, seed: int) -> list[Pick]:
    """Return the picks of `rank_batch`."""
    return list(rank_batch(workspace, task, count=count, seed=seed).picks)


def rank_batch(workspace: Workspace, task: DetectorTask, *, count: int, seed: int) -> Batch:
    """Return the films to look at next, most urgent first.

    A detector that waits for its first answers gets outliers and an audit slice: films unlike the
    rest are where rare labels are found soonest.

    Films that a reviewer has judged for this task, and those that wait in Label Studio, are left
    out. Films that the published version has not predicted can be drawn for the audit like all
    others. The same seed, labels and predictions give the same batch.

    Raises:
        NothingPublishedError: the detector task has no published model version.
        RadsieveError: the published version has not swept the archive yet.
    """
    version = version_in_use(workspace.database, task)
    pool = _pool(workspace, task, version)
    batch = rank_for_review(pool, _shape(workspace, task, count), seed=seed)
    return replace(batch, picks=_with_tag_findings(workspace, task, batch.picks, pool))


def _shape(workspace: Workspace, task: DetectorTask, count: int) -> BatchShape:
    settings, shares = workspace.settings, batch_shares(workspace, task)
    return BatchShape(
        films=count,
        audit_share=shares.audit,
        films_per_patient=settings.films_per_patient,
        outlier_share=shares.outliers,
        report_share=settings.report_audit_share,
    )


def batch_shares(workspace: Workspace, task: DetectorTask) -> Shares:
    """Return how the next batch is shared out, by what earlier ones found."""
    settings = workspace.settings
    return adapted_shares(
        slice_yields(looks(workspace, task), task.expected_label),
        audit_share=settings.audit_share,
        dry_audit_share=settings.dry_audit_share,
    )


def slice_yields(made: Sequence[Look], expected_label: str) -> list[BatchYields]:
    """Return per batch and slice how many films got a first look, and how many it called bad."""
    called: dict[int, dict[Slice, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    for look in made:
        if look.slice:
            bad = look.says_bad(expected_label)
            called[look.batch_id][Slice(look.slice)][look.radiograph_id] = bad
    return [
        {name: SliceYield(len(films), sum(films.values())) for name, films in slices.items()}
        for _, slices in sorted(called.items())
    ]


def _with_tag_findings(
    workspace: Workspace, task: DetectorTask, picks: Sequence[Pick], pool: Pool
) -> Sequence[Pick]:
    """Say of films that look inverted where a tag has made them so."""
    tags = polarity_tags(workspace.database) if task.has_made_labels else {}
    if not tags:
        return picks
    predicted = {
        film: task.labels[int(row.argmax())]
        for film, row in zip(pool.radiograph_ids, pool.probabilities, strict=True)
        if not np.isnan(row).any()
    }
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
    if not words:
        return {}
    doubts = read_card(workspace.models, version).training.conflicts or {}
    return {film: replace(word, agreed=doubts.get(film)) for film, word in words.items()}


def _pool(workspace: Workspace, task: DetectorTask, version: str) -> Pool:
    """Return the films nobody has looked at; what is strange is told from all of them."""
    archive = films(workspace.database)
    looked = first_looks(workspace, task)
    busy = looked.keys() | waiting_films(workspace, task)
    strange = strangeness(workspace, task, archive)
    keep = [index for index, film in enumerate(archive) if film.radiograph_id not in busy]
    free = [archive[index] for index in keep]
    pool = Pool(
        radiograph_ids=[film.radiograph_id for film in free],
        patients=[film.patient_key for film in free],
        probabilities=_predicted(workspace, task, version, free),
        outlyingness=strange[keep],
        labels=task.labels,
        expected_label=task.expected_label,
        reports=_reports(workspace, task, version),
        copy_groups=known_copy_groups(workspace, free),
        owed=_owed(draws_for(workspace, task, looked), {film.radiograph_id for film in free}),
    )
    return box_pool(pool) if task.answer is AnswerKind.BOX else pool


def _owed(made: Sequence[DrawRecord], free: Collection[str]) -> list[str]:
    """Return the films that were drawn and never looked at, of those that wait nowhere."""
    return list(dict.fromkeys(film for one in made for film in one.drawn if film in free))


def _predicted(
    workspace: Workspace, task: DetectorTask, version: str, some: Sequence[Film]
) -> NDArray[np.float64]:
    """Return shape (films, labels); NaN for films that the version has not swept."""
    if version == COLD_START:
        return np.full((len(some), len(task.labels)), np.nan)
    if task.sums_up:
        return swept_joint(workspace, task, [film.radiograph_id for film in some]).astype(float)
    table = load_predictions(workspace.predictions, task.name, version)
    return table.probabilities([film.radiograph_id for film in some]).astype(np.float64)


def looked_at(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that a reviewer has judged for this task, alone or among others."""
    return set(first_looks(workspace, task))


def waiting_films(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that wait for a reviewer, and those that need none (`known_problems`)."""
    asked = {
        film for item in open_items(workspace.database, task.name) for film in item.radiograph_ids
    }
    return asked | joint_waiting(workspace, task) | known_problems(workspace, task)


def report_words(labels: Iterable[Label]) -> dict[str, ReportWord]:
    """Return by radiograph id what reports say."""
    return {
        label.radiograph_id: ReportWord(label.label, label.rule, label.confidence)
        for label in labels
        if label.source is LabelSource.REPORT
    }
