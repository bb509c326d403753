"""A head that learns from answers of reviewers, of reports or of a table."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.figures import clopper_pearson, expected_calibration_error
from backend.base.core.progress import Progress
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.frozen_features import check_backbone
from backend.detectors.adapters.head_detector import HEAD, HeadDetector, head_use, parse_head
from backend.detectors.adapters.place_detector import (
    PLACE,
    PlaceDetector,
    parse_place_head,
    parse_places,
)
from backend.detectors.adapters.training.head_trainer import (
    Answered,
    CrossFitted,
    cross_fit,
    fit_head,
)
from backend.detectors.adapters.training.pixel_baseline import cross_fitted_pixels, pixels_say
from backend.detectors.adapters.versions.model_folder import stored_as
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.label_doubts import label_doubts_of
from backend.detectors.core.model_card import (
    HeadCard,
    ModelCard,
    NewVersion,
    SavedVersion,
    TrainingFacts,
)
from backend.detectors.core.training_result import Judgement
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.detectors.loop.probe.learners import SaidOfViews
from backend.detectors.loop.probe.material import Material, answered_material
from backend.detectors.loop.training.answered_films import AnsweredFilms, answered_films
from backend.detectors.loop.training.film_descriptions import FilmDescriptions, film_descriptions
from backend.detectors.loop.training.judge import (
    Contest,
    SealedFigures,
    answered_figures,
    confirmed_verdicts,
    judge_answers,
    precision_in_archive,
)
from backend.labels.core.labels import Label, LabelSource, Verdict
from backend.reports.loop.report_labels import verdicts_in_force

TRAINING_CODE = 4
"""Raise it when a change of the code makes other heads from the same films."""
MOST_FOLDS = 5
FEWEST_TO_JUDGE = 20
"""With fewer sealed films, or none of a kind, figures come from the training patients as well."""


class AnswerHeadKind(DetectorKind):
    """A head on frozen features, or on the maps of place heads, that learns from answers."""

    name = "answer_head"
    stored_as = (HEAD, PLACE)
    progress_words = (Doing.FEATURES, "film")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "AnswerTraining":
        """Choose films with a label, of reviewers, of reports or of a table."""
        engine, terms = workspace.database, workspace.seal_terms
        known = verdicts_in_force(engine, terms, task, inputs.extra_labels)
        training, sealed = answered_films(engine, terms, task, known)
        described = film_descriptions(workspace, task, known)
        thumbnails = ThumbnailStore(workspace.thumbnails)
        archive_films = len(films(engine))
        material = AnswerMaterial(training, sealed, known, described, thumbnails, archive_films)
        return AnswerTraining(task, material)

    def load(self, saved: SavedVersion, device: str) -> HeadDetector | PlaceDetector:
        """Make the head; the features it was fitted to must be those of today."""
        check_backbone(saved)
        use = head_use(saved.card, device)
        if stored_as(saved.model_version) == PLACE:
            places, head = parse_places(saved.weights, device), parse_place_head(saved.weights)
            return PlaceDetector(saved.model_version, places, head, use)
        return HeadDetector(saved.model_version, parse_head(saved.weights), use)

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> Material[SaidOfViews]:
        """Fit heads to the frozen features of films with a label."""
        engine, terms = workspace.database, workspace.seal_terms
        known = verdicts_in_force(engine, terms, task, extra_labels)
        answered, _ = answered_films(engine, terms, task, known)
        return answered_material(workspace.detector_files, task, answered)


KIND = AnswerHeadKind()


class AnswerTraining:
    """One head, fitted to films that have a label."""

    def __init__(self, task: DetectorTask, material: "AnswerMaterial") -> None:
        """Take what is known of the films, and which of them to learn from and to judge on."""
        self._task, self._material = task, material
        self.fingerprint = _fingerprint(task, material)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the head without films that look bad as they are, and measure it."""
        task, material = self._task, self._material
        rows = [*material.training.rows, *material.sealed.rows]
        material.described.prepare(rows, progress=progress)
        everything, catch_all = material.answered(), _catch_all(task)
        first = _cross_fit(everything, task, catch_all)
        keep = ~_suspects(first, task, material.training)
        kept, films_kept = material.training.only(keep), everything.only(keep)
        fitted = first if keep.all() else _cross_fit(films_kept, task, catch_all)
        head = fit_head(films_kept, len(task.labels), fitted.strength)
        of_sealed = head.probabilities(
            material.described.of_sealed(material.sealed.films),
            temperature=fitted.temperature,
            catch_all=catch_all,
        )
        judged = _JudgedHead.choose(kept, fitted.calibrated, material.sealed, of_sealed)
        suspects = _ids(material.training.only(~keep))
        card = ModelCard(
            heads={task.name: _head_card(task, fitted)},
            training=self._facts(kept, fitted, suspects),
            figures={task.name: _figures(task, judged, material)},
            trunk=backbone_name(),
            initial_weights=material.described.initial_weights,
        )
        return material.described.version(head, card, _ids(material.training))

    def judge(self, contest: Contest) -> Judgement:
        """Judge it on sealed films that have a label today."""
        confirmed = confirmed_verdicts(self._material.known)
        return judge_answers(contest, self._task, self._material.sealed, confirmed)

    def _facts(
        self, kept: AnsweredFilms, fitted: CrossFitted, suspects: Sequence[str]
    ) -> TrainingFacts:
        task, known = self._task, self._material.known
        right = fitted.sure.argmax(axis=1) == kept.labels
        confirmed = confirmed_verdicts(known)
        errors = [
            expected_calibration_error(one, kept.labels) for one in (fitted.sure, fitted.calibrated)
        ]
        out_of_fold = {
            "share_right": float(right.mean()),
            "temperature": fitted.temperature,
            "calibration_error_before": errors[0],
            "calibration_error_after": errors[1],
        }
        return TrainingFacts(
            fingerprint=self.fingerprint,
            films=len(kept),
            patients=len(set(kept.patients)),
            confirmed_films=sum(film.radiograph_id in confirmed for film in kept.films),
            suspects={task.name: suspects},
            conflicts=_conflicts(kept, known, fitted),
            doubts={task.name: _doubts(kept, known, fitted, task)},
            out_of_fold={task.name: out_of_fold},
            more={
                "assumed_films": int(kept.assumed.sum()),
                "films_by_label": kept.count_by_label(task),
                "strength": fitted.strength,
            },
        )


@dataclass(frozen=True, slots=True)
class AnswerMaterial:
    """What one head learns from and is judged on."""

    training: AnsweredFilms
    sealed: AnsweredFilms
    known: Mapping[str, Verdict]
    described: FilmDescriptions
    thumbnails: ThumbnailStore
    archive_films: int

    def answered(self) -> Answered:
        """Return the training films as a head learns from them."""
        films_known = self.training
        features = self.described.of_training(films_known.films)
        patients = np.array(films_known.patients, dtype=np.str_)
        return Answered(features, films_known.labels, patients, films_known.weights)


def _catch_all(task: DetectorTask) -> int | None:
    return None if task.catch_all is None else task.labels.index(task.catch_all)


def _head_card(task: DetectorTask, fitted: CrossFitted) -> HeadCard:
    return HeadCard(task.labels, task.expected_label, fitted.temperature, catch_all=task.catch_all)


def _cross_fit(answered: Answered, task: DetectorTask, catch_all: int | None) -> CrossFitted:
    folds = answer_folds(answered.labels, answered.patients.tolist(), MOST_FOLDS)
    return cross_fit(answered, folds, len(task.labels), catch_all)


def _suspects(
    fitted: CrossFitted, task: DetectorTask, training: AnsweredFilms
) -> NDArray[np.bool_]:
    """Return which films without an answer out-of-fold heads call bad, shape (films,)."""
    expected = task.labels.index(task.expected_label)
    return np.asarray(training.assumed & (fitted.sure[:, expected] < 0.5))


def _conflicts(
    kept: AnsweredFilms, known: Mapping[str, Verdict], fitted: CrossFitted
) -> dict[str, float]:
    """Return the films whose report label out-of-fold heads give a probability below 0.5.

    The published head has learnt from these films, so it may repeat a wrong report.
    """
    conflicts = {}
    for film, label, said in zip(kept.films, kept.labels, fitted.calibrated, strict=True):
        verdict = known.get(film.radiograph_id)
        of_report = verdict is not None and verdict.decided_by.source is LabelSource.REPORT
        if of_report and said[label] < 0.5:
            conflicts[film.radiograph_id] = round(float(said[label]), 4)
    return conflicts


def _doubts(
    kept: AnsweredFilms, known: Mapping[str, Verdict], fitted: CrossFitted, task: DetectorTask
) -> dict[str, list[Any]]:
    """Return the reviewers' labels that out-of-fold heads doubt."""
    answered = ~kept.assumed
    doubts = label_doubts_of(
        _ids(kept.only(answered)), kept.labels[answered], fitted.sure[answered], task.labels
    )
    of_reviewers = confirmed_verdicts(known)
    return {
        doubt.radiograph_id: doubt.as_json()
        for doubt in doubts
        if doubt.radiograph_id in of_reviewers
    }


@dataclass(frozen=True, slots=True)
class _JudgedHead:
    """The films that figures rest on, with predictions of heads that were not fitted to them."""

    films: AnsweredFilms
    probabilities: NDArray[np.float64]
    on: str
    training: AnsweredFilms
    sealed: AnsweredFilms

    @classmethod
    def choose(
        cls,
        training: AnsweredFilms,
        of_training: NDArray[np.float64],
        sealed: AnsweredFilms,
        of_sealed: NDArray[np.float64],
    ) -> "_JudgedHead":
        """Take sealed films where there are enough of them, else training films out of fold too."""
        if len(sealed) >= FEWEST_TO_JUDGE and len(set(sealed.labels.tolist())) > 1:
            return cls(sealed, of_sealed, "sealed patients", training, sealed)
        both = training.joined(sealed)
        said = np.concatenate([of_training, of_sealed])
        on = "too few sealed films: training patients, out of fold, and sealed"
        return cls(both, said, on, training, sealed)


def _figures(task: DetectorTask, judged: _JudgedHead, material: AnswerMaterial) -> dict[str, Any]:
    ours = answered_figures(judged.films, judged.probabilities, task)
    baseline = _baseline(material.thumbnails, task, judged)
    bad = sum(verdict.is_bad(task) for verdict in confirmed_verdicts(material.known).values())
    return {
        **ours.as_json(),
        "judged_on": judged.on,
        "by_label": _by_label(judged, task),
        "baseline": baseline.as_json(),
        "baseline_is_better": baseline.errors < ours.errors,
        "in_archive": precision_in_archive(ours.binary, bad, material.archive_films),
    }


def _by_label(judged: _JudgedHead, task: DetectorTask) -> dict[str, Any]:
    said = judged.probabilities.argmax(axis=1)
    shares = {}
    for place, label in enumerate(task.labels):
        own = judged.films.labels == place
        shares[label] = asdict(clopper_pearson(int((said[own] == place).sum()), int(own.sum())))
    return shares


def _baseline(store: ThumbnailStore, task: DetectorTask, judged: _JudgedHead) -> SealedFigures:
    """Return the figures of the 16 x 16 pixel baseline, fitted to the training films alone."""
    training, labels = judged.training, len(task.labels)
    shown, asked = store.read(training.rows), store.read(judged.sealed.rows)
    said: NDArray[np.float64] = np.zeros((0, labels))
    if len(asked):
        said = pixels_say(shown, training.labels, asked, labels)
    if judged.films is not judged.sealed:
        folds = answer_folds(training.labels, training.patients, MOST_FOLDS)
        out_of_fold = cross_fitted_pixels(shown, training.labels, folds, labels)
        said = np.concatenate([out_of_fold, said])
    return answered_figures(judged.films, said, task)


def _fingerprint(task: DetectorTask, material: AnswerMaterial) -> str:
    """Return a hash of everything that decides what a training makes."""
    facts = {
        "code": TRAINING_CODE,
        "backbone": material.described.name,
        "task": [task.name, task.labels, task.expected_label, task.catch_all],
        "films": [
            [film.radiograph_id, film.patient_key, int(label), float(weight)]
            for some in (material.training, material.sealed)
            for film, label, weight in zip(some.films, some.labels, some.weights, strict=True)
        ],
        "sealed": len(material.sealed),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _ids(answered: AnsweredFilms) -> list[str]:
    return [film.radiograph_id for film in answered.films]
