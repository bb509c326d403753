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
"""Views each small network is shown, however many films it has: 9 core-seconds."""
STRENGTH = 0.01
"""Inverse penalty of heads: the middle one of those the training chooses from."""


@dataclass(frozen=True, slots=True)
class SaidOfViews:
    """Predictions for held-out views."""

    film: Positions
    """Shape (views,): of which film each view is."""
    is_bad: NDArray[np.bool_]
    """Shape (views,), the truth."""
    p_bad: NDArray[np.float64]
    """Shape (views,): probability of any label but the expected one."""
    doubted: Positions = field(default_factory=lambda: NOTHING)
    """Films that the network takes for another label, judged by all of their made views."""

    def without(self, left_out: Positions) -> "SaidOfViews":
        """Leave out the views of some films."""
        keep = ~np.isin(self.film, left_out)
        return SaidOfViews(self.film[keep], self.is_bad[keep], self.p_bad[keep], self.doubted)

    def counts(self, left_out: Positions) -> Counts:
        """Return false alarms of good views, and misses of bad ones."""
        rest = self.without(left_out)
        said_bad, bad = rest.p_bad >= 0.5, int(rest.is_bad.sum())
        false_alarms, misses = (said_bad & ~rest.is_bad).sum(), (~said_bad & rest.is_bad).sum()
        return [(int(false_alarms), len(rest.is_bad) - bad), (int(misses), bad)]


class MadeViews:
    """Films with nothing wrong: each is judged as it is, and made into one wrong label."""

    one_at_a_time = False

    def __init__(self, films: FilmSet, task: DetectorTask, seed: int = 0) -> None:
        """Draw the wrong label of each film."""
        self.films, self.task = films, task
        self.patients: Sequence[str] = films.patients
        self.labels: NDArray[np.int64] = np.zeros(len(films), dtype=np.int64)
        self.expected = task.labels.index(task.expected_label)
        others = np.delete(np.arange(len(task.labels)), self.expected)
        drawn = np.random.default_rng(seed).integers(len(others), size=len(films))
        self._wrong = others[drawn]

    def judged(self, testing: Positions, p_bad: NDArray[np.float64]) -> SaidOfViews:
        """Return the balanced views.

        Args:
            testing: positions of the films.
            p_bad: shape (films, labels): of each film made into each label.
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
        """Train on some films and judge others."""


class NetworkLearner(MadeLearner):
    """The tiny network, trained from scratch on made views."""

    def __init__(self, films: FilmSet, task: DetectorTask, device: torch.device) -> None:
        """Take films with nothing wrong, and where to train."""
        super().__init__(films, task)
        self._device = device
        self.one_at_a_time = device.type != "cpu"

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Train one network; tell which held-out films are not what they seem."""
        shown = TrainingFilms(self.films.thumbnails[training], np.ones(len(training), np.int64))
        recipe = Recipe(views=VIEWS, seed=seed)
        network = fit_network(shown, [self.task], recipe, device=self._device)
        found = made_logits(network, self.films.thumbnails[testing], [self.task])[self.task.name]
        said = softmax(found)
        judged = self.judged(testing, 1 - said[:, :, self.expected])
        doubted = testing[self._doubtful(said) & ~self.films.confirmed[testing]]
        return SaidOfViews(judged.film, judged.is_bad, judged.p_bad, doubted)

    def _doubtful(self, said: NDArray[np.float64]) -> NDArray[np.bool_]:
        if not has_learnt(said):
            return np.zeros(len(said), dtype=np.bool_)
        return np.asarray(hidden_label(np.log(said + 1e-12), self.task) != self.expected)


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
    """A head on frozen features, fitted to answers; every film is taken to have one of the labels.

    What was never labelled is left to the open set, which is no part of the question.
    """

    one_at_a_time = False

    def __init__(self, answered: Answered, task: DetectorTask) -> None:
        """Take films that have a label, or are assumed to have the expected one."""
        self._answered, self._task = answered, task
        self.labels = answered.labels
        self.patients: Sequence[str] = answered.patients.tolist()

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one head; nothing is random."""
        keep = np.isin(np.arange(len(self.labels)), training)
        head = fit_head(self._answered.only(keep), len(self._task.labels), STRENGTH)
        said = softmax(head.logits(self._answered.features[testing]))
        return _answered_views(self._task, self.labels, testing, said)


class AnsweredPixelLearner:
    """Logistic regression on 16 x 16 pixels, fitted to answers."""

    one_at_a_time = False

    def __init__(
        self, thumbnails: NDArray[np.uint8], answered: Answered, task: DetectorTask
    ) -> None:
        """Take films with their thumbnails, shape (films, 256, 256)."""
        self._thumbnails, self._task = thumbnails, task
        self.labels = answered.labels
        self.patients: Sequence[str] = answered.patients.tolist()

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> SaidOfViews:
        """Fit one baseline; nothing is random."""
        shown = self._thumbnails[training], self.labels[training]
        said = pixels_say(*shown, self._thumbnails[testing], len(self._task.labels))
        return _answered_views(self._task, self.labels, testing, said)


def _answered_views(
    task: DetectorTask, labels: NDArray[np.int64], testing: Positions, said: NDArray[np.float64]
) -> SaidOfViews:
    expected = task.labels.index(task.expected_label)
    return SaidOfViews(testing, labels[testing] != expected, 1 - said[:, expected])
