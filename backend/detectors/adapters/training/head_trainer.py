"""Fit linear heads to frozen features: logistic regression, cross-fitted to be calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.detectors.core.calibration import fit_temperature, softmax
from backend.detectors.core.linear_head import LinearHead, opened
from backend.detectors.core.open_set import Familiar, learn_familiar

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
    """Out-of-fold predictions: by heads that were not fitted to the film's patient."""

    strength: float
    temperature: float
    sure: NDArray[np.float64]
    """Shape (films, labels): probabilities at temperature 1, as if all labels were known."""
    calibrated: NDArray[np.float64]
    """Shape (films, labels): as a detector will state them."""


_Part = tuple[NDArray[np.bool_], Answered, Familiar]
"""Which films are held out; the others, and what they have in common."""


def fit_head(
    films: Answered, label_count: int, strength: float, *, familiar: Familiar | None = None
) -> LinearHead:
    """Return a head; every label counts alike, however many films it has.

    Args:
        films: labelled films.
        label_count: of the detector task.
        strength: inverse penalty.
        familiar: what these films have in common, where that is known already.
    """
    centre = films.features.mean(axis=0)
    # A feature that hardly varies among a few dozen films must not decide about all others.
    deviation = films.features.std(axis=0)
    scale = deviation + 0.1 * deviation.mean() + 1e-6
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=MOST_STEPS)
    model.fit((films.features - centre) / scale, films.labels, sample_weight=films.weights)
    weights = np.zeros((label_count, films.features.shape[1]), dtype=np.float32)
    intercept = np.full(label_count, -np.inf, dtype=np.float32)
    weights[model.classes_], intercept[model.classes_] = _per_label(model)
    return LinearHead(
        centre=centre.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=weights,
        intercept=intercept,
        familiar=familiar or _familiar(films, label_count),
    )


def cross_fit(
    films: Answered, folds: NDArray[np.int64], label_count: int, catch_all: int | None
) -> CrossFitted:
    """Predict every fold by heads fitted to the others, at the best strength.

    Args:
        films: labelled films.
        folds: shape (films,); films of one patient are in one fold.
        label_count: of the detector task.
        catch_all: position of its catch-all label.
    """
    parts = [_part(films, folds == fold, label_count) for fold in np.unique(folds)]
    tried = [_held_out(films, parts, label_count, strength) for strength in STRENGTHS]
    best = int(np.argmin([_surprise(logits, films.labels) for logits, _ in tried]))
    logits, familiarity = tried[best]
    known = np.isfinite(logits).all(axis=0)
    place = np.cumsum(known) - 1
    temperature = fit_temperature(logits[:, known], place[films.labels])
    calibrated = opened(softmax(logits, temperature), familiarity, catch_all)
    return CrossFitted(STRENGTHS[best], temperature, softmax(logits), calibrated)


def _held_out(
    films: Answered, parts: Sequence[_Part], label_count: int, strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return logits, shape (films, labels), and familiarity, shape (films,)."""
    logits = np.zeros((len(films.labels), label_count))
    familiarity = np.zeros(len(films.labels))
    for held_out, others, familiar in parts:
        head = fit_head(others, label_count, strength, familiar=familiar)
        logits[held_out] = head.logits(films.features[held_out])
        said = logits[held_out].argmax(axis=1)
        familiarity[held_out] = familiar.familiarity(films.features[held_out], said)
    return logits, familiarity


def _part(films: Answered, held_out: NDArray[np.bool_], label_count: int) -> _Part:
    others = films.only(~held_out)
    return held_out, others, _familiar(others, label_count)


def _familiar(films: Answered, label_count: int) -> Familiar:
    return learn_familiar(films.features, films.labels, films.patients.tolist(), label_count)


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
