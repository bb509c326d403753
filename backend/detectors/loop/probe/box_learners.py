"""The learners of a box probe: heads on the frozen maps, and the mean box as a baseline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.detectors.adapters.box_detector import SpatialBackbone, opinions_of
from backend.detectors.adapters.training.box_trainer import BoxExamples, fit_heads, make_views
from backend.detectors.core.boxes.answer import GOOD_OVERLAP
from backend.detectors.core.film_choice import NOTHING, Positions
from backend.detectors.loop.probe.trials import Counts
from backend.labels.core.box import Boxes, overlap

LEAST_FILMS = 4
"""Boxes are costly to draw, and heads learn from a handful."""


@dataclass(frozen=True, slots=True)
class SaidOfBoxes:
    """Boxes that one training predicted on held-out films, beside the true boxes."""

    film: Positions
    """Shape (films,): positions of the films."""
    predicted: Boxes
    """Shape (films, labels, 4)."""
    truth: Boxes
    """Shape (films, labels, 4); NaN where a film has no such box."""

    @property
    def doubted(self) -> Positions:
        """Return no film: a reviewer drew each of these boxes, so none is doubted."""
        return NOTHING

    def counts(self, left_out: Positions) -> Counts:
        """Count the boxes that overlap the true one by less than `GOOD_OVERLAP`, and all boxes.

        Args:
            left_out: positions of films whose boxes do not count.
        """
        keep = ~np.isin(self.film, left_out)
        overlaps = overlap(self.predicted[keep], self.truth[keep])
        # NaN compares as false: a missing box is no error.
        return [(int((overlaps < GOOD_OVERLAP).sum()), int((~np.isnan(overlaps)).sum()))]


class MeanBoxLearner:
    """Predicts the mean box of the training films for every film."""

    one_at_a_time = False

    def __init__(self, films: BoxExamples) -> None:
        """Keep the films with their boxes."""
        self.films = films
        self.patients: Sequence[str] = films.patients
        self.labels: NDArray[np.int64] = np.zeros(len(films.patients), dtype=np.int64)

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfBoxes:
        """Predict the mean box for every held-out film; nothing is random."""
        return self.judged(
            testing, np.tile(_mean_box(self.films.boxes[training]), (len(testing), 1, 1))
        )

    def judged(self, testing: Positions, predicted: Boxes) -> SaidOfBoxes:
        """Return predicted boxes, shape (films, labels, 4), beside the true ones."""
        return SaidOfBoxes(testing, predicted, self.films.boxes[testing])


class BoxLearner(MeanBoxLearner):
    """Heads on the maps of the frozen network; each predicts every box."""

    one_at_a_time = True
    """The heads' first weights come from torch's global generator, which threads would share."""

    def __init__(self, films: BoxExamples, backbone: SpatialBackbone) -> None:
        """Keep the films with their boxes, and the network that makes the maps."""
        super().__init__(films)
        self._backbone = backbone

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfBoxes:
        """Train on as many random views as a full training uses, however few the films are."""
        views = make_views(self._backbone, _only(self.films, training), seed=seed)
        heads = fit_heads(views, np.arange(len(training)), seed=seed)
        shown = self.films.thumbnails[testing]
        opinions, _ = opinions_of(heads, self._backbone, shown, self.films.mirrored)
        return self.judged(testing, opinions.mean(axis=1))


def _only(films: BoxExamples, chosen: Positions) -> BoxExamples:
    patients = [films.patients[position] for position in chosen]
    return BoxExamples(
        films.thumbnails[chosen], films.boxes[chosen], patients, films.mirrored, films.label_safe
    )


def _mean_box(boxes: Boxes) -> NDArray[np.float64]:
    """Return shape (labels, 4); the whole film for a label that no film has."""
    there = ~np.isnan(boxes).any(axis=-1, keepdims=True)
    counts = there.sum(axis=0)
    total = np.where(there, boxes, 0).sum(axis=0)
    return np.asarray(np.where(counts > 0, total / np.maximum(counts, 1), [0, 0, 1, 1]))
