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
"""For each kind of view: the number judged wrong, and the number judged."""
LEAST_FILMS = 8
"""Number of films of the smallest training, unless `Effort` states another number."""


class Judged(Protocol):
    """Predictions of one training for held-out films."""

    @property
    def doubted(self) -> Positions:
        """Positions of films to which the training gives another label than the one assumed."""
        ...

    def counts(self, left_out: Positions) -> Counts:
        """Return the counts of errors, without the films at these positions."""
        ...


Said = TypeVar("Said", bound=Judged)
Said_co = TypeVar("Said_co", bound=Judged, covariant=True)


class Learner(Protocol[Said_co]):
    """One way of learning one detector task from films. Nothing it trains is kept."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Shape (films,): labels whose mix all sizes share; all 0 where any mix will do."""
        ...

    @property
    def patients(self) -> Sequence[str]:
        """The patient of each film."""
        ...

    @property
    def one_at_a_time(self) -> bool:
        """Whether trainings must run one after another."""
        ...

    def held_out(self, training: Positions, testing: Positions, *, seed: int) -> Said_co:
        """Train on the films of `training`, and judge the films of `testing`."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One planned training: the films to train on, and the held-out films to judge."""

    repeat: int
    size: int
    """Position of the training's size, 0 for the smallest."""
    training: Positions
    testing: Positions


@dataclass(frozen=True, slots=True)
class TrialOutcome(Generic[Said]):
    """A trial and its predictions."""

    trial: Trial
    said: Said


@dataclass(frozen=True, slots=True)
class Effort:
    """The number of trainings, and the size of the smallest."""

    rounds: int
    """Number of cross-validations."""
    least_films: int = LEAST_FILMS
    """Number of films of the smallest training."""


def plan_trials(
    labels: NDArray[np.int64], patients: Sequence[str], effort: Effort, *, seed: int = 0
) -> list[Trial]:
    """Return the trainings to do: each round holds out every patient once.

    A repeat holds out one third of the patients; its larger sizes include the smaller ones. A size
    that has only one of several labels is left out.

    Args:
        labels: shape (films,), label positions.
        patients: one per film.
        effort: the number of rounds, and the smallest size.
        seed: of the random folds and subsets.
    """
    rng, trials = np.random.default_rng(seed), []
    several = len(np.unique(labels)) > 1
    sizes = learning_sizes(int((1 - 1 / FOLDS) * len(labels)), effort.least_films)
    for repeat in range(effort.rounds * FOLDS):
        if repeat % FOLDS == 0:
            folds = shuffled_folds(labels, patients, FOLDS, rng)
        inside = np.flatnonzero(folds != repeat % FOLDS)
        # The largest size takes all films, so that the folds together are a cross-validation.
        subsets = nested_subsets(labels[inside], [patients[film] for film in inside], sizes, rng)
        for size, chosen in enumerate([*subsets[:-1], np.arange(len(inside))]):
            training = inside[chosen]
            if not several or len(np.unique(labels[training])) > 1:
                testing = np.flatnonzero(folds == repeat % FOLDS)
                trials.append(Trial(repeat, size, training, testing))
    return trials


def run_trials(
    learner: Learner[Said], trials: Sequence[Trial], tick: Callable[[], None] | None = None
) -> list[TrialOutcome[Said]]:
    """Do all trainings, in parallel on all cores where the learner allows; `tick` follows each."""

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
    largest = max(outcome.trial.size for outcome in outcomes)
    first_round = [outcome for outcome in outcomes if outcome.trial.repeat < FOLDS]
    return [outcome.said for outcome in first_round if outcome.trial.size == largest]


def doubted_films(outcomes: Sequence[TrialOutcome[Said]]) -> Positions:
    """Return positions of films that networks trained on other patients call bad."""
    doubted = [said.doubted for said in cross_validation(outcomes)]
    return np.unique(np.concatenate(doubted)).astype(np.int64)


def curve_points(outcomes: Sequence[TrialOutcome[Said]], left_out: Positions) -> list[Point]:
    """Return the errors of each training that judged every kind of view."""
    points = []
    for outcome in outcomes:
        counts = outcome.said.counts(left_out)
        if all(judged for _, judged in counts):
            wrong, judged = zip(*counts, strict=True)
            trial = outcome.trial
            points.append(Point(trial.repeat, trial.size, len(trial.training), wrong, judged))
    return points
