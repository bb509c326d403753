"""Heads on the maps of the frozen network that draw boxes."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import DetectorFiles, Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.figures import expected_calibration_error
from backend.base.core.progress import Progress, step_counter
from backend.base.core.task_kinds import drawn_boxes
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.box_detector import (
    BOX,
    HEADS,
    INPUT_PX,
    BoxDetector,
    LearntBoxes,
    SpatialBackbone,
    box_version,
    opinions_of,
    parse_boxes,
    spatial_backbone,
)
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.frozen_features import FROZEN_WEIGHTS, check_backbone
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.adapters.training.box_trainer import (
    STEPS,
    VIEWS,
    BoxExamples,
    PaintedViews,
    box_examples,
    fit_heads,
    make_views,
)
from backend.detectors.core.boxes.answer import GOOD_OVERLAP, split_answers
from backend.detectors.core.boxes.figures import BoxFigures, box_figures
from backend.detectors.core.boxes.sureness import learn_sureness, spread_of
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.model_card import (
    HeadCard,
    ModelCard,
    NewVersion,
    SavedVersion,
    TrainingFacts,
)
from backend.detectors.core.open_set import learn_familiar
from backend.detectors.core.training_result import Judgement, TrainingResult
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.detectors.loop.probe.box_learners import SaidOfBoxes
from backend.detectors.loop.probe.material import Material, box_material
from backend.detectors.loop.training.box_words import box_words
from backend.detectors.loop.training.boxed_films import BoxedFilms, boxed_films
from backend.detectors.loop.training.judge import BOOTSTRAP_SEED, Contest, judge_by
from backend.detectors.loop.training.trained import version_metrics
from backend.labels.adapters.box_table import read_box_table
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.box import Boxes, mean_box, overlap
from backend.labels.core.labels import Label, verdicts
from backend.reports.loop.report_labels import verdicts_in_force

TRAINING_CODE = 3
"""Raise it when a change of the code makes other heads from the same boxes."""
MOST_FOLDS = 5
FEWEST_TO_JUDGE = 20
"""With fewer sealed films, figures come from the training patients as well, out of fold."""


class BoxKind(DetectorKind):
    """Heads on the maps of the frozen network that draw one box for each label."""

    name = "box"
    stored_as = (BOX,)
    progress_words = (Doing.TRAIN, "step")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "BoxTraining":
        """Choose films on which reviewers, or a table, drew boxes."""
        standing = standing_labels(workspace.database, task.name)
        known = verdicts([*standing, *inputs.extra_labels], task)
        boxed = boxed_films(workspace.database, workspace.seal_terms, task, known)
        return BoxTraining(workspace.detector_files, task, *boxed)

    def load(self, saved: SavedVersion, device: str) -> BoxDetector:
        """Make the heads; the maps they were fitted to must be those of today."""
        check_backbone(saved)
        ((task, head),) = saved.card.heads.items()
        learnt = parse_boxes(saved.weights, len(head.labels))
        learnt.heads.to(choose_device(device))
        return BoxDetector(saved.model_version, learnt, {task: head.labels}, device)

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> Material[SaidOfBoxes]:
        """Fit heads to films with boxes."""
        engine, terms = workspace.database, workspace.seal_terms
        known = verdicts_in_force(engine, terms, task, extra_labels)
        return box_material(
            workspace.detector_files,
            task,
            boxed_films(engine, terms, task, known)[0],
        )

    def read_labels(self, engine: Engine, task: DetectorTask, table: Path) -> list[Label]:
        """Read boxes, one a row, in pixels of the film."""
        return read_box_table(table, task, engine)

    def explain(self, task: DetectorTask, result: TrainingResult) -> Iterator[str]:
        """Yield sentences about a training and how well the boxes overlap the true ones."""
        yield from box_words(task.name, result)


KIND = BoxKind()


@dataclass(frozen=True, slots=True)
class CrossFittedBoxes:
    """Boxes predicted out of fold: by heads that were not trained on the film."""

    opinions: Boxes
    """Shape (films, opinions, labels, 4)."""
    baseline: Boxes
    """Shape (films, labels, 4): the mean box of the other folds."""


def cross_fit_boxes(
    backbone: SpatialBackbone,
    films: BoxExamples,
    views: PaintedViews,
    folds: NDArray[np.int64],
    *,
    tick: Callable[[], None] | None = None,
) -> CrossFittedBoxes:
    """Predict the boxes of each fold by heads that were fitted to the other folds.

    Args:
        backbone: that the views were made with.
        films: with their boxes.
        views: of the same films.
        folds: shape (films,).
        tick: called after every step.
    """
    opinions = np.zeros((len(folds), 2 * HEADS, *films.boxes.shape[1:]))
    baseline = np.zeros(films.boxes.shape)
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        heads = fit_heads(views, outside, seed=int(fold), progress=tick)
        opinions[inside], _ = opinions_of(heads, backbone, films.thumbnails[inside], films.mirrored)
        baseline[inside] = mean_box(films.boxes[outside])
    return CrossFittedBoxes(opinions, baseline)


def fit_boxes(
    backbone: SpatialBackbone,
    films: BoxExamples,
    views: PaintedViews,
    fitted: CrossFittedBoxes,
    *,
    tick: Callable[[], None] | None = None,
) -> LearntBoxes:
    """Return heads that learnt from all films, as sure as the cross-fitted ones were right."""
    everything = np.arange(len(films.patients))
    heads = fit_heads(views, everything, seed=MOST_FOLDS, progress=tick)
    _, pooled = opinions_of(heads, backbone, films.thumbnails, films.mirrored)
    one_kind = np.zeros(len(films.patients), dtype=np.int64)
    return LearntBoxes(
        heads=heads,
        mirrored=films.mirrored,
        sureness=learn_sureness(fitted.opinions, films.boxes),
        familiar=learn_familiar(pooled, one_kind, films.patients, 1),
    )


class BoxTraining:
    """One set of heads, on the films that have boxes."""

    def __init__(
        self, files: DetectorFiles, task: DetectorTask, training: BoxedFilms, sealed: BoxedFilms
    ) -> None:
        """Take the films with boxes to learn from, and those of sealed patients."""
        self._files, self._task = files, task
        self._training, self._sealed = training, sealed
        self.fingerprint = _fingerprint(task, training, sealed)

    @cached_property
    def _backbone(self) -> SpatialBackbone:
        return spatial_backbone(self._files.device)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the heads to all films, and measure them out of fold or on sealed films."""
        given, patients = self._training, self._training.patients
        films = box_examples(self._task, self._thumbnails(given), given.boxes, patients)
        folds = answer_folds(np.zeros(len(patients), dtype=np.int64), patients, MOST_FOLDS)
        tick = step_counter(progress, (len(np.unique(folds)) + 1) * STEPS)
        views = make_views(self._backbone, films)
        fitted = cross_fit_boxes(self._backbone, films, views, folds, tick=tick)
        learnt = fit_boxes(self._backbone, films, views, fitted, tick=tick)
        figures = self._figures(films, fitted, learnt)
        task, labels = self._task, self._task.labels
        card = ModelCard(
            heads={task.name: HeadCard(labels, task.expected_label, 1.0)},
            training=self._facts(),
            figures={task.name: figures},
            trunk=backbone_name(),
            input_px=INPUT_PX,
            initial_weights=FROZEN_WEIGHTS,
        )
        return box_version(learnt, card, [film.radiograph_id for film in given.films])

    def judge(self, contest: Contest) -> Judgement:
        """Judge it on sealed films with boxes."""
        return _judge(contest, self._task, self._sealed)

    def _figures(
        self, films: BoxExamples, fitted: CrossFittedBoxes, learnt: LearntBoxes
    ) -> dict[str, Any]:
        of_sealed = learnt.answers(self._backbone, self._thumbnails(self._sealed))
        sure, found = split_answers(of_sealed)
        judged, baseline = self._sealed, np.tile(mean_box(films.boxes), (len(found), 1, 1))
        on = "sealed patients"
        if len(judged) < FEWEST_TO_JUDGE:
            judged = self._training.joined(judged)
            found = np.concatenate([fitted.opinions.mean(axis=1), found])
            said = learnt.sureness.probabilities(spread_of(fitted.opinions))
            sure = np.concatenate([said, sure])
            baseline = np.concatenate([fitted.baseline, baseline])
            on = "too few sealed films: training patients, out of fold, and sealed"
        ours, theirs = _measured(judged, found), _measured(judged, baseline)
        return {
            **ours.as_json(),
            "judged_on": on,
            "calibration_error": _calibration_error(sure, found, judged.boxes),
            "baseline": theirs.as_json(),
            "baseline_is_better": (theirs.mean_overlap.value or 0) > (ours.mean_overlap.value or 0),
        }

    def _facts(self) -> TrainingFacts:
        training = self._training
        counts = (~np.isnan(training.boxes).any(axis=-1)).sum(axis=0)
        return TrainingFacts(
            fingerprint=self.fingerprint,
            films=len(training),
            patients=len(set(training.patients)),
            confirmed_films=len(training),
            suspects={self._task.name: []},
            out_of_fold={self._task.name: {}},
            more={"boxes_by_label": dict(zip(self._task.labels, counts.tolist(), strict=True))},
        )

    def _thumbnails(self, films: BoxedFilms) -> NDArray[np.uint8]:
        return ThumbnailStore(self._files.thumbnails).read(films.rows)


def _measured(films: BoxedFilms, boxes: Boxes) -> BoxFigures:
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return box_figures(boxes, films.boxes, films.size_px, films.patients, rng=rng)


def _calibration_error(sure: NDArray[np.floating[Any]], boxes: Boxes, truth: Boxes) -> float:
    there = ~np.isnan(truth).any(axis=-1)
    good = (overlap(boxes, truth)[there] >= GOOD_OVERLAP).astype(np.int64)
    stated = np.asarray(sure[there], dtype=np.float64)
    return expected_calibration_error(np.stack([1 - stated, stated], axis=1), good)


def _judge(contest: Contest, task: DetectorTask, sealed: BoxedFilms) -> Judgement:
    """Judge a version against the one in use, both on today's sealed films with boxes."""
    store = ThumbnailStore(contest.files.thumbnails)

    def on_sealed(detector: Detector, left_out: Collection[str]) -> tuple[int, int]:
        judged = sealed.without(left_out)
        if not len(judged):
            return 0, 0
        _, boxes = split_answers(detector.probabilities(store.read(judged.rows))[task.name])
        return len(judged), _measured(judged, boxes).errors

    judgement = judge_by(contest, task, on_sealed, {})
    metrics = version_metrics(contest.files.models, task, contest.challenger.model_version)
    if judgement.publish and metrics["baseline_is_better"]:
        worse = "the mean box, which looks at no film, overlaps better: draw more boxes"
        return replace(judgement, publish=False, reason=worse)
    return judgement


def _fingerprint(task: DetectorTask, training: BoxedFilms, sealed: BoxedFilms) -> str:
    """Return a hash of everything that decides what a training makes."""
    kind = drawn_boxes(task)
    facts: Mapping[str, Any] = {
        "code": [TRAINING_CODE, VIEWS, STEPS, HEADS, INPUT_PX],
        "backbone": backbone_name(),
        "task": [task.name, task.labels, dict(kind.mirrored_label), sorted(kind.label_safe)],
        "films": [
            [film.radiograph_id, film.patient_key, boxes.tolist()]
            for some in (training, sealed)
            for film, boxes in zip(some.films, some.boxes, strict=True)
        ],
        "sealed": len(sealed),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
