"""Train a detector on what people, reports or a table answered: a head on films' descriptions."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.seal import keep_seal
from backend.base.adapters.lock import in_turn
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import clopper_pearson, expected_calibration_error
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.training.head_trainer import (
    Answered,
    CrossFitted,
    cross_fit,
    fit_head,
)
from backend.detectors.adapters.training.pixel_baseline import cross_fitted_pixels, pixels_say
from backend.detectors.adapters.versions.model_folder import CONFLICTS, DOUBTS
from backend.detectors.adapters.versions.model_store import HeadCard, ModelCard, load_detector
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.label_doubts import label_doubts_of
from backend.detectors.loop.training.answered_films import AnsweredFilms, answered_films
from backend.detectors.loop.training.film_descriptions import FilmDescriptions, film_descriptions
from backend.detectors.loop.training.judge import (
    SealedFigures,
    answered_figures,
    confirmed_verdicts,
    judge_answers,
    precision_in_archive,
)
from backend.detectors.loop.training.trained import (
    Progress,
    TrainingResult,
    register,
    same_training,
    version_metrics,
)
from backend.labels.core.labels import Label, LabelSource, Verdict, verdicts
from backend.reports.loop.report_labels import labels_in_force

TRAINING_CODE = 4
"""Raise it when a change of the code makes other heads from the same films."""
MOST_FOLDS = 5
FEWEST_TO_JUDGE = 20
"""With fewer sealed films, or none of a kind, figures come from the training patients as well."""


def train_from_answers(
    workspace: Workspace,
    task: DetectorTask,
    *,
    extra_labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> TrainingResult:
    """Train a head for one detector task, judge it, register the version.

    It is not published. The same films, labels and settings are not trained on twice.

    Args:
        workspace: the archive.
        task: a detector task that learns from answers.
        extra_labels: answers that are not in the database.
        progress: told how many films have features, as far as they are made now.

    Raises:
        NotEnoughFilmsError: too few films have a label.
    """
    known = verdicts([*labels_in_force(workspace, task), *extra_labels], task)
    with in_turn(workspace.root / "train.lock"):
        training, sealed = answered_films(workspace, task, known)
        keep_seal(workspace)
        described = film_descriptions(workspace, task, known)
        fingerprint = _fingerprint(task, training, sealed, described.name)
        version = same_training(workspace, fingerprint)
        reused = version is not None
        if version is None:
            described.prepare([*training.rows, *sealed.rows], progress=progress)
            material = _AnswerMaterial(training, sealed, known, described, fingerprint)
            version = _train(workspace, task, material)
        detector = load_detector(workspace.models, version, workspace.settings.device)
        judgement = judge_answers(workspace, task, detector, sealed, confirmed_verdicts(known))
        register(workspace, task, version, judgement)
    return TrainingResult(version, judgement, version_metrics(workspace, task, version), reused)


@dataclass(frozen=True, slots=True)
class _AnswerMaterial:
    training: AnsweredFilms
    sealed: AnsweredFilms
    known: Mapping[str, Verdict]
    described: FilmDescriptions
    fingerprint: str

    def answered(self) -> Answered:
        """Return the training films as a head learns from them."""
        some = self.training
        features = self.described.of_training(some.films)
        return Answered(features, some.labels, np.array(some.patients, dtype=np.str_), some.weights)


def _train(workspace: Workspace, task: DetectorTask, material: _AnswerMaterial) -> str:
    """Fit, measure and save; return the new version."""
    everything = material.answered()
    catch_all = None if task.catch_all is None else task.labels.index(task.catch_all)
    first = _cross_fit(everything, task, catch_all)
    keep = ~_suspects(first, task, material.training)
    kept = material.training.only(keep)
    films_kept = everything.only(keep)
    fitted = first if keep.all() else _cross_fit(films_kept, task, catch_all)
    head = fit_head(films_kept, len(task.labels), fitted.strength)
    of_sealed = head.probabilities(
        material.described.of_sealed(material.sealed.films),
        temperature=fitted.temperature,
        catch_all=catch_all,
    )
    judged = _JudgedHead.choose(kept, fitted.calibrated, material.sealed, of_sealed)
    card = ModelCard(
        heads={
            task.name: HeadCard(
                task.labels, task.expected_label, fitted.temperature, catch_all=task.catch_all
            )
        },
        training=_training_facts(task, material, kept, fitted)
        | {"suspects": {task.name: _ids(material.training.only(~keep))}}
        | _doubtful(task, kept, material.known, fitted),
        figures={task.name: _figures(workspace, task, judged, material)},
        trunk=backbone_name(),
        initial_weights=material.described.initial_weights,
    )
    return material.described.save(head, card, _ids(material.training))


def _cross_fit(some: Answered, task: DetectorTask, catch_all: int | None) -> CrossFitted:
    folds = answer_folds(some.labels, some.patients.tolist(), MOST_FOLDS)
    return cross_fit(some, folds, len(task.labels), catch_all)


def _suspects(
    fitted: CrossFitted, task: DetectorTask, training: AnsweredFilms
) -> NDArray[np.bool_]:
    """Tell which films nobody answered for look bad to heads that have not seen them."""
    expected = task.labels.index(task.expected_label)
    return np.asarray(training.assumed & (fitted.sure[:, expected] < 0.5))


def _doubtful(
    task: DetectorTask, kept: AnsweredFilms, known: Mapping[str, Verdict], fitted: CrossFitted
) -> dict[str, Any]:
    return {
        CONFLICTS: _conflicts(kept, known, fitted),
        DOUBTS: {task.name: _doubts(kept, known, fitted, task)},
    }


def _conflicts(
    kept: AnsweredFilms, known: Mapping[str, Verdict], fitted: CrossFitted
) -> dict[str, float]:
    """Return the films of which heads that did not learn from them doubt what the report says.

    The head that is used has learnt from them, and may repeat a wrong report by heart.
    """
    found = {}
    for film, label, said in zip(kept.films, kept.labels, fitted.calibrated, strict=True):
        verdict = known.get(film.radiograph_id)
        of_report = verdict is not None and verdict.decided_by.source is LabelSource.REPORT
        if of_report and said[label] < 0.5:
            found[film.radiograph_id] = round(float(said[label]), 4)
    return found


def _doubts(
    kept: AnsweredFilms, known: Mapping[str, Verdict], fitted: CrossFitted, task: DetectorTask
) -> dict[str, list[Any]]:
    """Return the reviewers' labels that heads doubt which did not learn from them."""
    answered = ~kept.assumed
    doubts = label_doubts_of(
        _ids(kept.only(answered)), kept.labels[answered], fitted.sure[answered], task.labels
    )
    of_reviewers = confirmed_verdicts(known)
    return {one.radiograph_id: one.as_json() for one in doubts if one.radiograph_id in of_reviewers}


@dataclass(frozen=True, slots=True)
class _JudgedHead:
    """The films that figures rest on, with what was said of them by heads that never saw them."""

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


def _figures(
    workspace: Workspace, task: DetectorTask, judged: _JudgedHead, material: _AnswerMaterial
) -> dict[str, Any]:
    ours = answered_figures(judged.films, judged.probabilities, task)
    baseline = _baseline(workspace, task, judged)
    bad = sum(verdict.is_bad(task) for verdict in confirmed_verdicts(material.known).values())
    return {
        **ours.as_json(),
        "judged_on": judged.on,
        "by_label": _by_label(judged, task),
        "baseline": baseline.as_json(),
        "baseline_is_better": baseline.errors < ours.errors,
        "in_archive": precision_in_archive(ours.binary, bad, len(films(workspace.database))),
    }


def _by_label(judged: _JudgedHead, task: DetectorTask) -> dict[str, Any]:
    said = judged.probabilities.argmax(axis=1)
    found = {}
    for place, label in enumerate(task.labels):
        own = judged.films.labels == place
        found[label] = asdict(clopper_pearson(int((said[own] == place).sum()), int(own.sum())))
    return found


def _baseline(workspace: Workspace, task: DetectorTask, judged: _JudgedHead) -> SealedFigures:
    """Return how 16 x 16 pixels do on the same films; they learn from training films alone, too."""
    store, training, labels = (
        ThumbnailStore(workspace.thumbnails),
        judged.training,
        len(task.labels),
    )
    shown, asked = store.read(training.rows), store.read(judged.sealed.rows)
    said: NDArray[np.float64] = np.zeros((0, labels))
    if len(asked):
        said = pixels_say(shown, training.labels, asked, labels)
    if judged.films is not judged.sealed:
        folds = answer_folds(training.labels, training.patients, MOST_FOLDS)
        out_of_fold = cross_fitted_pixels(shown, training.labels, folds, labels)
        said = np.concatenate([out_of_fold, said])
    return answered_figures(judged.films, said, task)


def _training_facts(
    task: DetectorTask, material: _AnswerMaterial, kept: AnsweredFilms, fitted: CrossFitted
) -> dict[str, Any]:
    right = fitted.sure.argmax(axis=1) == kept.labels
    confirmed = confirmed_verdicts(material.known)
    errors = [
        expected_calibration_error(one, kept.labels) for one in (fitted.sure, fitted.calibrated)
    ]
    out_of_fold = {
        "share_right": float(right.mean()),
        "temperature": fitted.temperature,
        "calibration_error_before": errors[0],
        "calibration_error_after": errors[1],
    }
    return {
        "fingerprint": material.fingerprint,
        "films": len(kept),
        "patients": len(set(kept.patients)),
        "confirmed_films": sum(film.radiograph_id in confirmed for film in kept.films),
        "assumed_films": int(kept.assumed.sum()),
        "films_by_label": kept.count_by_label(task),
        "out_of_fold": {task.name: out_of_fold},
        "strength": fitted.strength,
    }


def _fingerprint(
    task: DetectorTask, training: AnsweredFilms, sealed: AnsweredFilms, described_by: str
) -> str:
    """Return a hash of everything that decides what a training makes."""
    facts = {
        "code": TRAINING_CODE,
        "backbone": described_by,
        "task": [task.name, task.labels, task.expected_label, task.catch_all],
        "films": [
            [film.radiograph_id, film.patient_key, int(label), float(weight)]
            for some in (training, sealed)
            for film, label, weight in zip(some.films, some.labels, some.weights, strict=True)
        ],
        "sealed": len(sealed),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _ids(some: AnsweredFilms) -> list[str]:
    return [film.radiograph_id for film in some.films]
