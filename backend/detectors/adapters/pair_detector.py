"""A head that compares a film with its changed self, such as its mirror image.

Its input is the difference between the features of the two, so its answer for the changed film is
exactly the opposite of its answer for the film: it learns only from what differs between them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as parse_arrays
from safetensors.numpy import save as array_bytes
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.adapters.backbone import Backbone, shared_backbone
from backend.detectors.adapters.detector import FilmPixels
from backend.detectors.adapters.frozen_features import OneHeadDetector, OneHeadUse
from backend.detectors.core.model_card import ModelCard, NewVersion

PAIR = "pair"
"""Kind of a version that compares a film with its changed self."""
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class PairHead:
    """One weight per feature; no intercept, or the two answers would not be opposites."""

    scale: NDArray[np.float32]
    weights: NDArray[np.float32]

    def logits(self, differences: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return shape (films,): above 0 the film is as it was taken."""
        return np.asarray((differences / self.scale).astype(np.float64) @ self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairUse(OneHeadUse):
    """How a pair head is used."""

    expected_label: str
    change: PixelChange


class PairDetector(OneHeadDetector[PairHead, PairUse]):
    """One pair head on what differs between films and their changed selves."""

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities of thumbnails, shape (films, 2)."""
        use = self._use
        return self._of(differences(shared_backbone(use.device), thumbnails, use.change))

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return the same for films of an archive, by thumbnail row."""
        use = self._use
        changed = use.change.apply(pixels.thumbnails(rows), white=255)
        return self._of(pixels.cells(rows) - shared_backbone(use.device).cells(changed))

    def _of(self, seen: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        use = self._use
        expected = expit(self._head.logits(seen) / use.temperature)
        said = np.stack([1 - expected, 1 - expected], axis=1)
        said[:, use.labels.index(use.expected_label)] = expected
        return {use.task: said.astype(np.float32)}


def change_of(task: DetectorTask) -> PixelChange:
    """Return the change that makes a film of the other label."""
    (change,) = (change for change in task.made_by.values() if change != UNCHANGED)
    return change


def differences(
    backbone: Backbone, thumbnails: NDArray[np.uint8], change: PixelChange
) -> NDArray[np.float32]:
    """Return features less those of the changed film, shape (films, CELLS)."""
    changed = change.apply(thumbnails, white=255)
    return backbone.cells(thumbnails) - backbone.cells(changed)


def fit_pair(seen: NDArray[np.float32], strength: float) -> PairHead:
    """Return a head fitted to differences of films that are as they were taken.

    Args:
        seen: shape (films, CELLS); each film counts once as it is and once changed.
        strength: inverse penalty.
    """
    spread = np.sqrt((seen**2).mean(axis=0))
    scale = spread + 0.1 * spread.mean() + 1e-6
    both = np.concatenate([seen, -seen]) / scale
    truth = np.repeat([1, 0], len(seen))
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=MOST_STEPS)
    model.fit(both, truth)
    return PairHead(scale.astype(np.float32), model.coef_[0].astype(np.float32))


def pair_bytes(head: PairHead) -> bytes:
    """Return a head as safetensors."""
    return bytes(array_bytes({"scale": head.scale, "weights": head.weights}))


def parse_pair(weights: bytes) -> PairHead:
    """Return the head that `pair_bytes` wrote."""
    return PairHead(**parse_arrays(weights))


def pair_version(head: PairHead, card: ModelCard, learnt_from: Collection[str]) -> NewVersion:
    """Return a head, with card and films learnt from, as a version to save."""
    weights = pair_bytes(head)
    return NewVersion(stored_as=PAIR, card=card, weights=weights, learnt_from=learnt_from)
