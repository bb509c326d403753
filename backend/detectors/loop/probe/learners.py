"""The learners of a probe: the detector's own way of learning, and the 16 x 16 pixel baseline.

Each learner trains on some films and predicts for others the probability that they are bad.
Nothing it trains is kept.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.backbone import Backbone
from backend.detectors.adapters.pair_detector import change_of, differences, fit_pair
from backend.detectors.adapters.training.head_trainer import Answered, fit_head
from backend.detectors.adapters.training.network_trainer import Recipe, TrainingFilms, fit_network
from backend.detectors.adapters.training.pixel_baseline import PixelBaseline, pixels_say
from backend.detectors.core.calibration import softmax
from backend.detectors.core.film_choice import NOTHING, Positions
from backend.detectors.core.suspects import has_learnt, hidden_label
from backend.detectors.loop.probe.trials import Counts
from backend.detectors.loop.training.fit_made import made_logits
from backend.detectors.loop.training.made_films import FilmSet

VIEWS = 6000
"""Views that each small network is trained on, whatever its number of films: 9 core-seconds."""
STRENGTH = 0.01
"""Inverse penalty of heads: the middle value of those that a training chooses from."""


@dataclass(frozen=True, slots=True)
class SaidOfViews:
    """Predictions of one training for held-out views, beside the truth."""

    film: Positions
    """Shape (views,): position of the film that each view shows."""
    is_bad: NDArray[np.bool_]
    """Shape (views,): whether the view truly is bad."""
    p_bad: NDArray[np.float64]
    """Shape (views,): probability of any label but the expected one."""
    doubted: Positions = field(default_factory=lambda: NOTHING)
    """Positions of films that have another label by the network, judged by all made views."""

    def without(self, left_out: Positions) -> "SaidOfViews":
        """Return the predictions without the views of these films."""
        keep = ~np.isin(self.film, left_out)
        return SaidOfViews(self.film[keep], self.is_bad[keep], self.p_bad[keep], self.doubted)

    def counts(self, left_out: Positions) -> Counts:
        """Count false alarms of all good views, and misses of all bad views.

        Args:
            left_out: positions of films whose views do not count.
        """
        rest = self.without(left_out)
        called_bad, bad = rest.p_bad >= 0.5, int(rest.is_bad.sum())
        false_alarms = (called_bad & ~rest.is_bad).sum()
        misses = (~called_bad & rest.is_bad).sum()
        return [(int(false_alarms), len(rest.is_bad) - bad), (int(misses), bad)]


class MadeViews:
    """Two views of each correct film: the film itself, and the film made into one wrong label."""

    one_at_a_time = False

    def __init__(self, films: FilmSet, task: DetectorTask, seed: int = 0) -> None:
        """Draw one wrong label for each film."""
        self.films, self.task = films, task
        self.patients: Sequence[str] = films.patients
        self.labels: NDArray[np.int64] = np.zeros(len(films), dtype=np.int64)
        self.expected = task.labels.index(task.expected_label)
        others = np.delete(np.arange(len(task.labels)), self.expected)
        drawn = np.random.default_rng(seed).integers(len(others), size=len(films))
        self._wrong = others[drawn]

    def judged(self, testing: Positions, p_bad: NDArray[np.float64]) -> SaidOfViews:
        """Return the predictions for the views: half of them are good, half are bad.

        Args:
            testing: positions of the films.
            p_bad: shape (films, labels), probability that each film, made into each label, is bad.
        """
        films = np.arange(len(testing))
        right, wrong = p_bad[:, self.expected], p_bad[films, self._wrong[testing]]
        return SaidOfViews(
            np.tile(testing, 2),
            np.repeat([False, True], len(testing)),
            np.concatenate([right, wrong]),
        )


class MadeLearner(MadeViews, ABC):
    """Learns from films that are made into every label."""

    @abstractmethod
    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Train on the films of `training`, and judge views of the films of `testing`."""


class NetworkLearner(MadeLearner):
    """The tiny network, trained from scratch on made views."""

    def __init__(self, films: FilmSet, task: DetectorTask, device: torch.device) -> None:
        """Keep correct films, and the device to train on."""
        super().__init__(films, task)
        self._device = device
        self.one_at_a_time = device.type != "cpu"

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Train one network; also return the held-out films that have another label by it."""
        shown = TrainingFilms(self.films.thumbnails[training], np.ones(len(training), np.int64))
        recipe = Recipe(views=VIEWS, seed=seed)
        network = fit_network(shown, [self.task], recipe, device=self._device)
        logits = made_logits(network, self.films.thumbnails[testing], [self.task])[self.task.name]
        probabilities = softmax(logits)
        judged = self.judged(testing, 1 - probabilities[:, :, self.expected])
        doubted = testing[self._doubtful(probabilities) & ~self.films.confirmed[testing]]
        return SaidOfViews(judged.film, judged.is_bad, judged.p_bad, doubted)

    def _doubtful(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        if not has_learnt(probabilities):
            return np.zeros(len(probabilities), dtype=np.bool_)
        return np.asarray(hidden_label(np.log(probabilities + 1e-12), self.task) != self.expected)


class PairLearner(MadeLearner):
    """A head that compares a film with its changed self, on frozen features."""

    def __init__(self, films: FilmSet, task: DetectorTask, backbone: Backbone) -> None:
        """Compute the features of every film once."""
        super().__init__(films, task)
        self._seen = differences(backbone, films.thumbnails, change_of(task))

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one head; nothing is random."""
        logits = fit_pair(self._seen[training], STRENGTH).logits(self._seen[testing])
        p_bad = np.stack([expit(logits), expit(logits)], axis=1)
        p_bad[:, self.expected] = expit(-logits)
        return self.judged(testing, p_bad)


class MadePixelLearner(MadeLearner):
    """Logistic regression on 16 x 16 pixels of films made into every label."""

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one baseline; nothing is random."""
        baseline = PixelBaseline(self.task, self.films.thumbnails[training])
        shown = self.films.thumbnails[testing]
        changes = [self.task.made_by[label] for label in self.task.labels]
        good = [baseline.probabilities(change.apply(shown, white=255)) for change in changes]
        return self.judged(testing, 1 - np.stack(good, axis=1)[:, :, self.expected])


class HeadLearner:
    """A head on frozen features, fitted to answers; it gives every film one of the labels.

    The probe does not test the comparison that finds films unlike all labelled films (`open_set`).
    """

    one_at_a_time = False

    def __init__(self, answered: Answered, task: DetectorTask) -> None:
        """Keep films that have a label, or are assumed to have the expected one."""
        self._answered, self._task = answered, task
        self.labels = answered.labels
        self.patients: Sequence[str] = answered.patients.tolist()

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one head; nothing is random."""
        keep = np.isin(np.arange(len(self.labels)), training)
        head = fit_head(self._answered.only(keep), len(self._task.labels), STRENGTH)
        probabilities = softmax(head.logits(self._answered.features[testing]))
        return _answered_views(self._task, self.labels, testing, probabilities)


class AnsweredPixelLearner:
    """Logistic regression on 16 x 16 pixels, fitted to answers."""

    one_at_a_time = False

    def __init__(
        self, thumbnails: NDArray[np.uint8], answered: Answered, task: DetectorTask
    ) -> None:
        """Keep films with their thumbnails, shape (films, 256, 256)."""
        self._thumbnails, self._task = thumbnails, task
        self.labels = answered.labels
        self.patients: Sequence[str] = answered.patients.tolist()

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one baseline; nothing is random."""
        shown = self._thumbnails[training], self.labels[training]
        probabilities = pixels_say(*shown, self._thumbnails[testing], len(self._task.labels))
        return _answered_views(self._task, self.labels, testing, probabilities)


def _answered_views(
    task: DetectorTask,
    labels: NDArray[np.int64],
    testing: Positions,
    probabilities: NDArray[np.float64],
) -> SaidOfViews:
    expected = task.labels.index(task.expected_label)
    return SaidOfViews(testing, labels[testing] != expected, 1 - probabilities[:, expected])
