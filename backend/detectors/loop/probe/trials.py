"""Cross-validate one learner at growing numbers of films, by patient."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.core.film_choice import Positions, nested_subsets, shuffled_folds
from backend.detectors.core.probe.learning_curve import FOLDS, Point, learning_sizes

Counts = Sequence[tuple[int, int]]
"""By kind of view: how many were judged wrong, of how many."""
LEAST_FILMS = 8
"""Films of the smallest training, unless `Effort` states another number."""


class Judged(Protocol):
    """Predictions of one training for held-out films."""

    @property
    def doubted(self) -> Positions:
        """Films that it takes for another label than they are taken to have."""
        ...

    def counts(self, left_out: Positions) -> Counts:
        """Return what was judged wrong, some films left out."""
        ...


Said = TypeVar("Said", bound=Judged)
Said_co = TypeVar("Said_co", bound=Judged, covariant=True)


class Learner(Protocol[Said_co]):
    """One way of learning one detector task from films. Nothing it trains is kept."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Shape (films,), so that every size has the same mix; all 0 where any mix will do."""
        ...

    @property
    def patients(self) -> Sequence[str]:
        """One per film."""
        ...

    @property
    def one_at_a_time(self) -> bool:
        """Whether trainings would be in each other's way."""
        ...

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> Said_co:
        """Train on some films and judge others."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of one repeat."""

    repeat: int
    size: int
    """Which of the sizes it is, 0 for the smallest."""
    training: Positions
    testing: Positions


@dataclass(frozen=True, slots=True)
class TrialOutcome(Generic[Said]):
    """A trial and what came of it."""

    trial: Trial
    said: Said


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is trained."""

    rounds: int
    """Cross-validations to do."""
    least_films: int = LEAST_FILMS
    """The smallest size."""


def plan_trials(
    labels: NDArray[np.int64], patients: Sequence[str], effort: Effort, *, seed: int = 0
) -> list[Trial]:
    """Return the trainings to do: in each round every patient is held out once.

    Within a repeat (one third held out) the larger sizes include the smaller. A size at which only
    one of several labels is left is passed over.
    """
    rng, trials = np.random.default_rng(seed), []
    several = len(np.unique(labels)) > 1
    sizes = learning_sizes(int((1 - 1 / FOLDS) * len(labels)), effort.least_films)
    for repeat in range(effort.rounds * FOLDS):
        if repeat % FOLDS == 0:
            folds = shuffled_folds(labels, patients, FOLDS, rng)
        inside = np.flatnonzero(folds != repeat % FOLDS)
        # The last takes all there are, so that the folds together are a cross-validation.
        subsets = nested_subsets(labels[inside], [patients[one] for one in inside], sizes, rng)
        for size, chosen in enumerate([*subsets[:-1], np.arange(len(inside))]):
            training = inside[chosen]
            if not several or len(np.unique(labels[training])) > 1:
                testing = np.flatnonzero(folds == repeat % FOLDS)
                trials.append(Trial(repeat, size, training, testing))
    return trials


def run_trials(
    learner: Learner[Said], trials: Sequence[Trial], tick: Callable[[], None] | None = None
) -> list[TrialOutcome[Said]]:
    """Do all trainings, as many side by side as there are cores; `tick` is called after each."""

    def run(trial: Trial) -> TrialOutcome[Said]:
        said = learner.held_out(trial.training, trial.testing, seed=trial.repeat)
        if tick:
            tick()
        return TrialOutcome(trial, said)

    side_by_side = 1 if learner.one_at_a_time else torch.get_num_threads()
    with one_core_each(), ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(run, trials))


def cross_validation(outcomes: Sequence[TrialOutcome[Said]]) -> list[Said]:
    """Return the predictions of the largest trainings; they hold out every film once."""
    largest = max(each.trial.size for each in outcomes)
    first_round = [each for each in outcomes if each.trial.repeat < FOLDS]
    return [each.said for each in first_round if each.trial.size == largest]


def doubted_films(outcomes: Sequence[TrialOutcome[Said]]) -> Positions:
    """Return the films that networks call bad which were trained on other patients."""
    found = [said.doubted for said in cross_validation(outcomes)]
    return np.unique(np.concatenate(found)).astype(np.int64)


def curve_points(outcomes: Sequence[TrialOutcome[Said]], left_out: Positions) -> list[Point]:
    """Return what was judged wrong in each training that judged every kind of view."""
    points = []
    for each in outcomes:
        counts = each.said.counts(left_out)
        if all(judged for _, judged in counts):
            wrong, judged = zip(*counts, strict=True)
            trial = each.trial
            points.append(Point(trial.repeat, trial.size, len(trial.training), wrong, judged))
    return points
