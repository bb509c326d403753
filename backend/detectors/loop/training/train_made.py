"""Train a detector on films whose labels can be made, judge it, and register it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.identity import fold_of
from backend.archive.loop.seal import keep_seal
from backend.base.adapters.lock import in_turn
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.adapters.training.network_trainer import Recipe
from backend.detectors.adapters.versions.model_folder import DOUBTS
from backend.detectors.adapters.versions.model_store import (
    ModelCard,
    TinyDetector,
    load_detector,
    save_model_version,
)
from backend.detectors.core.label_doubts import label_doubts_of
from backend.detectors.core.suspects import has_learnt
from backend.detectors.loop.training.fit_made import CONFIRMED_TIMES, FittedMade, Plan, fit_made
from backend.detectors.loop.training.judge import (
    baseline_figures,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    predictor,
    sealed_figures,
)
from backend.detectors.loop.training.made_films import (
    FilmSet,
    Split,
    Verdicts,
    made_films,
    split_archive,
)
from backend.detectors.loop.training.trained import (
    Progress,
    TrainingResult,
    register,
    same_training,
    version_metrics,
)
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, Verdict, verdicts


def made_doubts(
    films: Sequence[str],
    said: NDArray[np.float64],
    task: DetectorTask,
    known: Mapping[str, Verdict],
) -> dict[str, list[Any]]:
    """Return by radiograph id the doubts about labels that reviewers gave, as cards keep them.

    A film is put right as its label says before it is made into every label; so what was made into
    that label again is the film as it was taken. The other views say how sure the networks are of
    each label, also of labels that no reviewer has given yet.

    Args:
        films: radiograph ids.
        said: shape (films, labels, labels); [i, j, k] is the probability that film i, made into
            label j, has label k, by networks that have not seen a film of its patient.
        task: a detector task with made labels.
        known: by radiograph id, what the films were put right by.
    """
    labels = len(task.labels)
    if not has_learnt(said):
        return {}
    views = [film for film in films for _ in task.labels]
    made_into = np.tile(np.arange(labels), len(films))
    given = {film: verdict.label for film, verdict in confirmed_verdicts(known).items()}
    doubts = label_doubts_of(views, made_into, said.reshape(-1, labels), task.labels)
    return {
        one.radiograph_id: one.as_json()
        for one in doubts
        if given.get(one.radiograph_id) == one.label
    }


TRAINING_CODE = 1
"""Raise it when a change of the code makes other networks from the same films."""
SMALL_ARCHIVE = 400
"""A smaller archive is passed over as often as if it had so many films: 12,000 views by default."""
MOST_FOLD_VIEWS = 5000
"""Enough to tell suspects."""


def train(
    workspace: Workspace,
    task: DetectorTask,
    family: Sequence[DetectorTask],
    *,
    extra_labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> TrainingResult:
    """Train one network for the whole family, judge its head for one task, register the version.

    It is not published. The same films, labels and settings are not trained on twice: the version
    made of them is judged anew.

    Args:
        workspace: the archive.
        task: the detector task to judge and register the version for; one of the family.
        family: every detector task with made labels; their heads share a network.
        extra_labels: answers for `task` that are not in the database, taken as a reviewer's.
        progress: told after every step.

    Raises:
        TaskDefinitionError: films of this task's labels cannot be made.
        NotEnoughFilmsError: too few films or patients to train or to judge.
    """
    _check_made(task)
    # The worker trains two tasks side by side; the second then finds the first one's network.
    with in_turn(workspace.root / "train.lock"):
        known = _known(workspace, family, {task.name: extra_labels})
        return _train_once(workspace, task, family, known, progress)


def _train_once(
    workspace: Workspace,
    task: DetectorTask,
    family: Sequence[DetectorTask],
    known: Verdicts,
    progress: Progress | None,
) -> TrainingResult:
    split = split_archive(workspace, family, known)
    keep_seal(workspace)
    store = ThumbnailStore(workspace.thumbnails)
    fingerprint = _fingerprint(workspace, family, split, known)
    version = same_training(workspace, fingerprint)
    reused = version is not None
    sealed = made_films(store, split.sealed)
    if version is None:
        training = made_films(store, split.training)
        material = _MadeMaterial(training, sealed, known, fingerprint)
        version = _train(workspace, family, material, progress)
    detector = load_detector(workspace.models, version, workspace.settings.device)
    judgement = judge(workspace, task, detector, sealed, confirmed_verdicts(known[task.name]))
    register(workspace, task, version, judgement)
    return TrainingResult(version, judgement, version_metrics(workspace, task, version), reused)


def make_plan(settings: Settings, film_count: int) -> Plan:
    """Return how to train: `epochs` passes, more of them where there are few films."""
    views = settings.epochs * max(film_count, SMALL_ARCHIVE)
    fold_views = min(views, MOST_FOLD_VIEWS)
    device = choose_device(settings.device).type
    return Plan(final=Recipe(views=views), fold=Recipe(views=fold_views), device=device)


@dataclass(frozen=True, slots=True)
class _MadeMaterial:
    training: FilmSet
    sealed: FilmSet
    known: Verdicts
    fingerprint: str


def _train(
    workspace: Workspace,
    family: Sequence[DetectorTask],
    material: _MadeMaterial,
    progress: Progress | None,
) -> str:
    """Fit, measure and save; return the new version."""
    settings, training = workspace.settings, material.training
    plan = make_plan(settings, len(training))
    folds = _folds(training.patients, workspace.secrets.archive_key, settings.folds)
    fitted = fit_made(
        training,
        folds,
        family,
        plan,
        progress=_counter(progress, plan, len(set(folds.tolist()))),
    )
    card = ModelCard(
        heads=fitted.heads(family),
        training=_training_facts(family, material, plan, fitted),
    )
    detector = TinyDetector("unsaved", fitted.network, card)
    figures = {task.name: _figures(workspace, task, detector, material, fitted) for task in family}
    card = replace(card, figures=figures)
    # Suspects are among them: they decided how sure the network may be.
    return save_model_version(workspace.models, fitted.network, card, training.radiograph_ids)


def _check_made(task: DetectorTask) -> None:
    if not task.has_made_labels:
        raise TaskDefinitionError(
            f"films of {task.name!r} cannot be made from other films (its file has no made_by); "
            "this version trains only detector tasks whose labels can be made"
        )


def _known(
    workspace: Workspace,
    family: Sequence[DetectorTask],
    extra: Mapping[str, Sequence[Label]],
) -> Verdicts:
    return {
        task.name: verdicts(
            [*standing_labels(workspace.database, task.name), *extra.get(task.name, ())], task
        )
        for task in family
    }


def _fingerprint(
    workspace: Workspace, family: Sequence[DetectorTask], split: Split, known: Verdicts
) -> str:
    """Return a hash of everything that decides what a training makes."""
    settings = workspace.settings
    facts = {
        "code": [TRAINING_CODE, CONFIRMED_TIMES],
        "plan": asdict(make_plan(settings, len(split.training))),
        "folds": [settings.folds, workspace.secrets.archive_key.hex()],
        "family": [[task.name, task.labels, str(dict(task.made_by))] for task in family],
        "label_safe": [sorted(task.label_safe) for task in family],
        "films": [
            [
                base.film.radiograph_id,
                base.film.patient_key,
                asdict(base.correction),
                base.confirmed,
            ]
            for base in (*split.training, *split.sealed)
        ],
        "sealed": len(split.sealed),
        "answers": sorted(
            [name, film, str(verdict.label), *sorted(verdict.denied)]
            for name, found in known.items()
            for film, verdict in found.items()
        ),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _folds(patients: Sequence[str], archive_key: bytes, folds: int) -> NDArray[np.int64]:
    found = np.array([fold_of(patient, archive_key, folds) for patient in patients])
    if len(set(found.tolist())) > 1:
        return found
    # A handful of patients may all be drawn into one fold; then half of them make the other.
    known = sorted(set(patients))
    return np.array([2 * known.index(patient) // len(known) for patient in patients])


def _counter(progress: Progress | None, plan: Plan, folds: int) -> Callable[[int], None] | None:
    if progress is None:
        return None
    lock, to_do, done = Lock(), plan.final.views_shown + folds * plan.fold.views_shown, 0

    def count(views: int) -> None:
        nonlocal done
        with lock:
            done += views
            progress(done, to_do)

    return count


def _training_facts(
    family: Sequence[DetectorTask], material: _MadeMaterial, plan: Plan, fitted: FittedMade
) -> dict[str, Any]:
    training, known = material.training, material.known
    ids = training.radiograph_ids
    return {
        "fingerprint": material.fingerprint,
        "films": len(training) - fitted.suspect_count,
        "patients": len(set(training.patients)),
        "confirmed_films": int(training.confirmed.sum()),
        "suspects": {name: list(found) for name, found in fitted.suspects.items()},
        DOUBTS: {
            task.name: made_doubts(ids, fitted.said[task.name], task, known[task.name])
            for task in family
        },
        "out_of_fold": {name: asdict(one) for name, one in fitted.out_of_fold.items()},
        "plan": asdict(plan),
    }


def _figures(
    workspace: Workspace,
    task: DetectorTask,
    detector: Detector,
    material: _MadeMaterial,
    fitted: FittedMade,
) -> dict[str, Any]:
    """Return a task's figures on the sealed films, and the baseline's beside them."""
    training, sealed, known = material.training, material.sealed, material.known[task.name]
    trusted = training.only(~np.isin(training.radiograph_ids, fitted.suspects[task.name]))
    ours = sealed_figures(predictor(detector, task), sealed, task)
    baseline = baseline_figures(trusted, sealed, task)
    bad = sum(verdict.is_bad(task) for verdict in confirmed_verdicts(known).values())
    return {
        **ours.as_json(),
        "baseline": baseline.as_json(),
        "baseline_is_better": baseline.errors < ours.errors,
        "in_archive": precision_in_archive(ours.binary, bad, len(films(workspace.database))),
    }
