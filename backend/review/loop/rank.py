"""Choose the next review batch from the predictions of the whole archive."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films, polarity_tags
from backend.archive.adapters.measure_store import MeasureStore
from backend.archive.adapters.thumbnail_store import ThumbnailStore, read_sketches
from backend.archive.core.film import Film
from backend.archive.core.header_tags import tag_finding
from backend.archive.core.near_copies import copy_groups
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.model_folder import read_card, stored_as
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import COLD_START
from backend.detectors.loop.film_predictions import PredictionSource, swept_joint
from backend.detectors.loop.rule_predictions import STORED_AS as RULE
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.reports.loop.report_labels import labels_in_force
from backend.review.core.item import DrawRecord
from backend.review.core.look import Look
from backend.review.core.ranking.outlying import outlying_features, outlying_pixels, stranger_than
from backend.review.core.ranking.pool import Batch, Pick, Pool, ReportWord
from backend.review.core.ranking.rank import BatchShape, box_pool, rank_for_review
from backend.review.core.ranking.shares import BatchYields, Shares, SliceYield, adapted_shares
from backend.review.core.ranking.strategies import RankingStrategy, strategy_named
from backend.review.loop.planning_material import PlanningMaterial, planning_material
from backend.review.loop.review_state import read_state
from backend.review.loop.strategy_inputs import kept_features, with_inputs


@dataclass(frozen=True, slots=True)
class RankingMaterial:
    """What the batches of a detector task are chosen from at one moment."""

    task: DetectorTask
    pool: Pool
    shares: Shares
    polarity_tags: Mapping[str, str]
    """By radiograph id, what a tag of the file did to its greys; empty where that does not matter
    to the task."""

    strategy: RankingStrategy | None = None
    """That ranks the whole batch; None: the slices share it."""

    def batch(self, count: int, settings: Settings, seed: int) -> Batch:
        """Return the films to look at next; the same seed gives the same batch."""
        shape = BatchShape(
            films=count,
            audit_share=self.shares.audit,
            films_per_patient=settings.films_per_patient,
            outlier_share=self.shares.outliers,
            report_share=settings.report_audit_share,
            strategy=self.strategy,
        )
        batch = rank_for_review(self.pool, shape, seed=seed)
        return replace(batch, picks=self._with_tag_findings(batch.picks))

    def _with_tag_findings(self, picks: Sequence[Pick]) -> Sequence[Pick]:
        """Add to the reason of films that look inverted that a tag has made them so."""
        if not self.polarity_tags:
            return picks
        predicted = {
            film: self.task.labels[int(row.argmax())]
            for film, row in zip(self.pool.radiograph_ids, self.pool.probabilities, strict=True)
            if not np.isnan(row).any()
        }
        tags, films = self.polarity_tags, [pick.radiograph_id for pick in picks]
        findings = [tag_finding(self.task, predicted.get(film), tags.get(film)) for film in films]
        return [
            replace(pick, reason=f"{pick.reason}; {finding}") if finding else pick
            for pick, finding in zip(picks, findings, strict=True)
        ]


def rank(
    workspace: Workspace,
    task: DetectorTask,
    *,
    count: int,
    seed: int,
    strategy: str | None = None,
) -> list[Pick]:
    """Return the picks of `rank_batch`."""
    return list(rank_batch(workspace, task, count=count, seed=seed, strategy=strategy).picks)


def rank_batch(
    workspace: Workspace,
    task: DetectorTask,
    *,
    count: int,
    seed: int,
    strategy: str | None = None,
) -> Batch:
    """Return the films to look at next, most urgent first.

    A detector that waits for its first answers gets outliers and an audit slice: films unlike the
    rest are where rare labels are found soonest.

    Films that a reviewer has judged for this task, and those that wait in Label Studio, are left
    out. Films that the published version has not predicted can be drawn for the audit like all
    others. The same seed, labels and predictions give the same batch.

    Args:
        workspace: the archive.
        task: the detector task.
        count: how many films.
        seed: of ties and draws.
        strategy: the name of the strategy that ranks; None: the setting `ranking_strategy`.

    Raises:
        NothingPublishedError: the detector task has no published model version.
        RadsieveError: the published version has not swept the archive yet, there is no such
            strategy, or it needs what is not there.
    """
    ranked_by = strategy_named(strategy or workspace.settings.ranking_strategy)
    material = planning_material(workspace, task)
    labels = labels_in_force(workspace.database, workspace.seal_terms, task, material.state.labels)
    archive = films(workspace.database)
    busy = material.state.first_looked.keys() | material.state.not_to_ask
    ranking = ranking_material(material, archive, labels, busy)
    if ranked_by:
        ranking = by_strategy(ranking, material, ranked_by, archive)
    return ranking.batch(count, workspace.settings, seed)


def ranking_material(
    material: PlanningMaterial,
    archive: Sequence[Film],
    labels: Iterable[Label],
    busy: Collection[str],
) -> RankingMaterial:
    """Return what a batch is chosen from.

    Args:
        material: the detector task, its review, and where its films are measured and predicted.
        archive: all films.
        labels: that count for the task, see `labels_in_force`.
        busy: films that are not to be asked about: looked at, waiting, or with a known problem.
    """
    task = material.task
    # What is strange is told from all films, those that were looked at as well.
    strange = strangeness(material.predictions, material.sketches, task, archive)
    keep = [index for index, film in enumerate(archive) if film.radiograph_id not in busy]
    free = [archive[index] for index in keep]
    ids = [film.radiograph_id for film in free]
    pool = Pool(
        radiograph_ids=ids,
        patients=[film.patient_key for film in free],
        probabilities=_predicted(material, ids),
        outlyingness=strange[keep],
        labels=task.labels,
        expected_label=task.expected_label,
        label_words={label: task.words(label) for label in task.labels},
        reports=_reports(labels, material.predictions.files.models, material.model_version),
        copy_groups=known_copy_groups(
            material.measures, material.predictions.files.thumbnails, free
        ),
        owed=_owed(material.state.draws, set(ids)),
    )
    return RankingMaterial(
        task,
        box_pool(pool) if task.answer is AnswerKind.BOX else pool,
        batch_shares(material.state.looks, task, material.settings),
        polarity_tags(material.database) if task.has_made_labels else {},
    )


def by_strategy(
    ranking: RankingMaterial,
    material: PlanningMaterial,
    strategy: RankingStrategy,
    archive: Sequence[Film],
) -> RankingMaterial:
    """Return the material of a batch that a strategy ranks, with what the strategy needs.

    Raises:
        RadsieveError: it needs what is not there.
    """
    pool = with_inputs(material, ranking.pool, strategy, archive)
    return replace(ranking, pool=pool, strategy=strategy)


def batch_shares(looks: Sequence[Look], task: DetectorTask, settings: Settings) -> Shares:
    """Return how the next batch is shared out, by what earlier ones found."""
    return adapted_shares(
        slice_yields(looks, task.expected_label),
        audit_share=settings.audit_share,
        dry_audit_share=settings.dry_audit_share,
    )


def slice_yields(looks: Sequence[Look], expected_label: str) -> list[BatchYields]:
    """Return per batch and slice how many films got a first look, and how many it called bad."""
    called: dict[int, dict[Slice, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    for look in looks:
        if look.slice:
            bad = look.says_bad(expected_label)
            called[look.batch_id][Slice(look.slice)][look.radiograph_id] = bad
    return [
        {name: SliceYield(len(films), sum(films.values())) for name, films in slices.items()}
        for _, slices in sorted(called.items())
    ]


def known_copy_groups(measures: Path, thumbnails: Path, archive: Sequence[Film]) -> list[int]:
    """Return a number per film, the same for films that are copies of each other.

    Nothing is measured here, because ranking must not take hours: a film of which the rules have
    kept no measures yet is a group of its own.

    Args:
        measures: the folder of the films' measures.
        thumbnails: the file of their thumbnails.
        archive: the films.
    """
    store = MeasureStore(measures, ThumbnailStore(thumbnails))
    kept = store.kept([film.radiograph_id for film in archive])
    hashes = np.frombuffer(b"".join(kept["perceptual_hash"]), np.uint8) if len(kept) else None
    known = {}
    if hashes is not None:
        known = dict(zip(kept.index, copy_groups(hashes.reshape(len(kept), -1)), strict=True))
    return [int(known.get(film.radiograph_id, -1 - row)) for row, film in enumerate(archive)]


def strangeness(
    source: PredictionSource, sketches: Path, task: DetectorTask, archive: Sequence[Film]
) -> NDArray[np.float64]:
    """Return the share of films that are less strange, shape (films,), 0 to 1.

    Pixels tell films that are turned or inverted; with features beside them laterals, abdomens and
    other films of another kind come sooner (docs/ranking.md). Features are used where the task's
    labels come from people, and only as far as they are kept already: to compute them takes the
    network an hour for 100,000 films, and a push must not wait for it.
    """
    rows = [film.thumbnail_row for film in archive]
    thumbnails = ThumbnailStore(source.files.thumbnails)
    scores = [outlying_pixels(read_sketches(sketches, thumbnails, rows))]
    features = None if task.has_made_labels else kept_features(source, rows)
    if features is not None:
        scores.append(outlying_features(features))
    return stranger_than(*scores)


def _reports(labels: Iterable[Label], models: Path, model_version: str) -> dict[str, ReportWord]:
    """Return what reports say, with what heads that did not learn from it think of it."""
    words = report_words(labels)
    if model_version == COLD_START:
        # Nothing has looked at the pixels yet, so nothing contradicts a report.
        return {film: replace(word, agreed=1.0) for film, word in words.items()}
    if not words or stored_as(model_version) == RULE:
        return words
    doubts = read_card(models, model_version).training.conflicts or {}
    return {film: replace(word, agreed=doubts.get(film)) for film, word in words.items()}


def _owed(draws: Sequence[DrawRecord], free: Collection[str]) -> list[str]:
    """Return the films that were drawn and never looked at, of those that wait nowhere."""
    return list(dict.fromkeys(film for draw in draws for film in draw.drawn if film in free))


def _predicted(material: PlanningMaterial, radiograph_ids: Sequence[str]) -> NDArray[np.float64]:
    """Return shape (films, labels); NaN for films that the version has not swept."""
    task, source = material.task, material.predictions
    if material.model_version == COLD_START:
        return np.full((len(radiograph_ids), len(task.labels)), np.nan)
    if task.sums_up:
        return swept_joint(source, task, radiograph_ids).astype(float)
    table = load_predictions(source.files.predictions, task.name, material.model_version)
    return table.probabilities(radiograph_ids).astype(np.float64)


def looked_at(engine: Engine, task: DetectorTask) -> set[str]:
    """Return the films that a reviewer has judged for this task, alone or among others."""
    return set(read_state(engine, task).first_looked)


def report_words(labels: Iterable[Label]) -> dict[str, ReportWord]:
    """Return by radiograph id what reports say."""
    return {
        label.radiograph_id: ReportWord(label.label, label.rule, label.confidence)
        for label in labels
        if label.source is LabelSource.REPORT
    }
