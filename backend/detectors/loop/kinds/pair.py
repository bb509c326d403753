"""A head that compares a film with its changed self, such as its mirror image."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.figures import expected_calibration_error
from backend.base.core.pixel_change import PixelChange
from backend.base.core.progress import Progress, step_counter
from backend.detectors.adapters.backbone import backbone_name, shared_backbone
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
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.detectors.loop.training.made_films import Split, split_archive
from backend.detectors.loop.training.made_training import MadeFilmsTraining
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, verdicts

TRAINING_CODE = 1
"""Raise it when a change of the code makes other heads from the same films."""
STRENGTHS = (0.001, 0.01, 0.1)
MOST_FOLDS = 5
FILMS_AT_ONCE = 32
"""Features are made of so many films before it is said how far the training is."""


class PairKind(DetectorKind):
    """A head that compares a film with its changed self."""

    name = "pair"
    stored_as = (PAIR,)
    progress_words = (Doing.TRAIN, "film")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "PairTraining":
        """Put the films right that reviewers have answered for; take those with nothing wrong."""
        standing = standing_labels(workspace.database, task.name)
        known = verdicts([*standing, *inputs.extra_labels], task)
        most, terms = workspace.settings.train_films, workspace.seal_terms
        engine, known_of = workspace.database, {task.name: known}
        split = split_archive(engine, terms, [task], known_of, most_films=most)
        return PairTraining(engine, workspace.detector_files, task, known_of, split)

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


@dataclass(frozen=True, slots=True)
class FittedPair:
    """A fitted head, and the out-of-fold logits of its training films."""

    head: PairHead
    strength: float
    temperature: float
    logits: NDArray[np.float64]
    """Shape (films,), out of fold."""


class PairTraining(MadeFilmsTraining):
    """One head, on the films that are as they were taken."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that decides what the training makes."""
        return _fingerprint(self.task, self.split)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the head at the best strength, and measure it on made views of sealed films."""
        task, device, change = self.task, self.files.device, change_of(self.task)
        seen = self._differences(progress)
        fitted = fit_calibrated(seen, self.training.patients)
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
            training=self._facts(fitted),
            figures={task.name: self.figures(task, detector, self.training)},
            trunk=backbone_name(),
            initial_weights=FROZEN_WEIGHTS,
        )
        return pair_version(fitted.head, card, self.training.radiograph_ids)

    def _differences(self, progress: Progress | None) -> NDArray[np.float32]:
        """Return what `differences` returns; nearly all the time of the training goes into it."""
        backbone = shared_backbone(self.files.device)
        thumbnails, change = self.training.thumbnails, change_of(self.task)
        counter = step_counter(progress, len(thumbnails))
        parts = []
        for start in range(0, len(thumbnails), FILMS_AT_ONCE):
            films = thumbnails[start : start + FILMS_AT_ONCE]
            parts.append(differences(backbone, films, change))
            if counter:
                counter(len(films))
        return np.concatenate(parts)

    def _facts(self, fitted: FittedPair) -> TrainingFacts:
        training, name = self.training, self.task.name
        logits, truth = _both(fitted.logits)
        probabilities = softmax(logits, fitted.temperature).reshape(2, -1, 2).swapaxes(0, 1)
        before, after = (
            expected_calibration_error(softmax(logits, temperature), truth)
            for temperature in (1, fitted.temperature)
        )
        out_of_fold = {
            "share_right": float((fitted.logits > 0).mean()),
            "temperature": fitted.temperature,
            "calibration_error_before": before,
            "calibration_error_after": after,
        }
        ids, known = training.radiograph_ids, self.known[name]
        return TrainingFacts(
            fingerprint=self.fingerprint,
            films=len(training),
            patients=len(set(training.patients)),
            confirmed_films=int(training.confirmed.sum()),
            # Every tenth film is judged wrong, so no film is suspected of being mirrored.
            suspects={name: []},
            doubts={name: made_doubts(ids, probabilities, self.task, known)},
            out_of_fold={name: out_of_fold},
            more={"strength": fitted.strength},
        )


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
    logits = np.zeros(len(seen))
    for fold in np.unique(folds):
        held_out = folds == fold
        logits[held_out] = fit_pair(seen[~held_out], strength).logits(seen[held_out])
    return logits


def _both(logits: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return logits of each film as it is and changed, shape (views, 2), and the truth."""
    signed = np.concatenate([logits, -logits])
    return np.stack([signed, np.zeros_like(signed)], axis=1), np.repeat([0, 1], len(logits))


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
