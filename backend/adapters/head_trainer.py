"""Fit linear heads to frozen features: logistic regression, cross-fitted to be calibrated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.core.calibration import fit_temperature, softmax
from backend.core.linear_head import LinearHead, opened
from backend.core.open_set import learn_familiar

STRENGTHS = (0.001, 0.01, 0.1)
"""Inverse penalties that are tried; the one whose held-out answers surprise least is taken."""
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Answered:
    """Labelled films, as the trainer needs them."""

    features: NDArray[np.float32]
    """Shape (films, width)."""
    labels: NDArray[np.int64]
    """Shape (films,), label positions."""
    patients: NDArray[np.str_]
    weights: NDArray[np.float64]
    """Shape (films,): how much each answer is trusted, 0 to 1."""

    def only(self, keep: NDArray[np.bool_]) -> "Answered":
        """Return the films for which `keep` is true."""
        return Answered(
            self.features[keep], self.labels[keep], self.patients[keep], self.weights[keep]
        )


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """What heads say of films whose patients they have not seen."""

    strength: float
    temperature: float
    sure: NDArray[np.float64]
    """Shape (films, labels): probabilities at temperature 1, as if all labels were known."""
    calibrated: NDArray[np.float64]
    """Shape (films, labels): as a detector will state them."""


def fit_head(films: Answered, label_count: int, strength: float) -> LinearHead:
    """Return a head; every label counts alike, however many films it has."""
    centre = films.features.mean(axis=0)
    # A feature that hardly varies among a few dozen films must not decide about all others.
    deviation = films.features.std(axis=0)
    scale = deviation + 0.1 * deviation.mean() + 1e-6
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=MOST_STEPS)
    model.fit((films.features - centre) / scale, films.labels, sample_weight=films.weights)
    weights = np.zeros((label_count, films.features.shape[1]), dtype=np.float32)
    intercept = np.full(label_count, -np.inf, dtype=np.float32)
    weights[model.classes_], intercept[model.classes_] = _per_label(model)
    familiar = learn_familiar(films.features, films.labels, films.patients.tolist(), label_count)
    return LinearHead(
        centre=centre.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=weights,
        intercept=intercept,
        familiar=familiar,
    )


def cross_fit(
    films: Answered, folds: NDArray[np.int64], label_count: int, catch_all: int | None
) -> CrossFitted:
    """Return what heads say of the folds they were not fitted to, at the best strength.

    Args:
        films: labelled films.
        folds: shape (films,); films of one patient are in one fold.
        label_count: of the detector task.
        catch_all: position of its catch-all label.
    """
    tried = [_cross_fit(films, folds, label_count, strength) for strength in STRENGTHS]
    surprises = [_surprise(logits, films.labels) for logits, _ in tried]
    best = int(np.argmin(surprises))
    logits, familiarity = tried[best]
    known = np.isfinite(logits).all(axis=0)
    place = np.cumsum(known) - 1
    temperature = fit_temperature(logits[:, known], place[films.labels])
    calibrated = opened(softmax(logits, temperature), familiarity, catch_all)
    return CrossFitted(STRENGTHS[best], temperature, softmax(logits), calibrated)


def _cross_fit(
    films: Answered, folds: NDArray[np.int64], label_count: int, strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return logits, shape (films, labels), and familiarity, shape (films,)."""
    logits = np.zeros((len(films.labels), label_count))
    familiarity = np.zeros(len(films.labels))
    for fold in np.unique(folds):
        held_out = folds == fold
        head = fit_head(films.only(~held_out), label_count, strength)
        logits[held_out] = head.logits(films.features[held_out])
        said = logits[held_out].argmax(axis=1)
        familiarity[held_out] = head.familiar.familiarity(films.features[held_out], said)
    return logits, familiarity


def _surprise(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    stated = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(stated, 1e-9)).mean())


def _per_label(model: LogisticRegression) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one row of weights per label; sklearn keeps a single row for two labels."""
    weights, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights = np.concatenate([-weights / 2, weights / 2])
        intercept = np.concatenate([-intercept / 2, intercept / 2])
    return weights.astype(np.float32), intercept.astype(np.float32)
