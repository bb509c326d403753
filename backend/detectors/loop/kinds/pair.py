"""A head that compares a film with its changed self, such as its mirror image."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import expected_calibration_error
from backend.base.core.pixel_change import PixelChange
from backend.base.core.progress import Progress, step_counter
from backend.detectors.adapters.backbone import backbone_name, shared_backbone
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.frozen_features import FROZEN_WEIGHTS, check_backbone
from backend.detectors.adapters.pair_detector import (
    PAIR,
    PairDetector,
    PairHead,
    PairUse,
    change_of,
    differences,
    fit_pair,
    pair_version,
    parse_pair,
)
from backend.detectors.core.calibration import fit_temperature, softmax
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.model_card import (
    HeadCard,
    ModelCard,
    NewVersion,
    SavedVersion,
    TrainingFacts,
)
from backend.detectors.core.training_result import Judgement
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.detectors.loop.probe.learners import PairLearner, SaidOfViews
from backend.detectors.loop.probe.material import (
    CHANGED_SELF,
    HEAD_ROUNDS,
    Material,
    OwnWay,
    films_to_make,
    made_material,
)
from backend.detectors.loop.training.judge import (
    baseline_figures,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    predictor,
    sealed_figures,
)
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.detectors.loop.training.made_films import FilmSet, Split, made_films, split_archive
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, Verdict, verdicts

TRAINING_CODE = 1
"""Raise it when a change of the code makes other heads from the same films."""
STRENGTHS = (0.001, 0.01, 0.1)
MOST_FOLDS = 5


class PairKind(DetectorKind):
    """A head that compares a film with its changed self."""

    name = "pair"
    stored_as = (PAIR,)
    progress_words = ("train", "fit")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "PairTraining":
        """Put the films right that reviewers have answered for; take those with nothing wrong."""
        standing = standing_labels(workspace.database, task.name)
        known = verdicts([*standing, *inputs.extra_labels], task)
        split = split_archive(workspace, [task], {task.name: known})
        return PairTraining(workspace, task, known, split)

    def load(self, saved: SavedVersion, device: str) -> PairDetector:
        """Make the head; the features it was fitted to must be those of today."""
        check_backbone(saved)
        ((task, head),) = saved.card.heads.items()
        use = PairUse(
            task=task,
            labels=head.labels,
            expected_label=head.expected_label,
            temperature=head.temperature,
            change=PixelChange(**head.change or {}),
            device=device,
        )
        return PairDetector(saved.model_version, parse_pair(saved.weights), use)

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> Material[SaidOfViews]:
        """Fit heads to what differs between films and their changed selves."""
        films, supply = films_to_make(workspace, task, extra_labels)
        own = PairLearner(films, task, shared_backbone(workspace.settings.device))
        return made_material(films, supply, OwnWay(CHANGED_SELF, HEAD_ROUNDS, own))


KIND = PairKind()


class PairTraining:
    """One head, on the films that are as they were taken."""

    def __init__(
        self,
        workspace: Workspace,
        task: DetectorTask,
        known: Mapping[str, Verdict],
        split: Split,
    ) -> None:
        """Take what is known of the films, and which of them are sealed."""
        self._workspace, self._task, self._known = workspace, task, known
        self._split, self.fingerprint = split, _fingerprint(task, split)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the head at the best strength, and measure it on made views of sealed films."""
        task, device, change = self._task, self._workspace.settings.device, change_of(self._task)
        training = made_films(self._store, self._split.training)
        material = _PairMaterial(training, self._sealed, self._known, self.fingerprint)
        counter = step_counter(progress, 1)
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
            figures={task.name: _figures(self._workspace, task, detector, material)},
            trunk=backbone_name(),
            initial_weights=FROZEN_WEIGHTS,
        )
        if counter:
            counter()
        return pair_version(fitted.head, card, training.radiograph_ids)

    def judge(self, detector: Detector) -> Judgement:
        """Judge it on made views of sealed films."""
        confirmed = confirmed_verdicts(self._known)
        return judge(self._workspace, self._task, detector, self._sealed, confirmed)

    @property
    def _store(self) -> ThumbnailStore:
        return ThumbnailStore(self._workspace.thumbnails)

    @cached_property
    def _sealed(self) -> FilmSet:
        return made_films(self._store, self._split.sealed)


@dataclass(frozen=True, slots=True)
class _PairMaterial:
    training: FilmSet
    sealed: FilmSet
    known: Mapping[str, Verdict]
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
) -> TrainingFacts:
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
    return TrainingFacts(
        fingerprint=material.fingerprint,
        films=len(training),
        patients=len(set(training.patients)),
        confirmed_films=int(training.confirmed.sum()),
        # Every tenth film is judged wrong, so no film is suspected of being mirrored.
        suspects={task.name: []},
        doubts={task.name: made_doubts(training.radiograph_ids, said, task, material.known)},
        out_of_fold={task.name: out_of_fold},
        more={"strength": fitted.strength},
    )


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
