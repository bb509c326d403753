"""Cross-validate one learner at growing numbers of films, by patient."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from backend.adapters.network_trainer import one_core_each
from backend.core.learning_curve import FOLDS, Point, learning_sizes
from backend.core.metrics import BinaryFigures, binary_figures
from backend.core.nested_films import Positions, nested_subsets, shuffled_folds
from backend.loop.judge import BOOTSTRAP_SEED
from backend.loop.probe_learners import Learner, Said

Progress = Callable[[int, int], None]
"""Called with (trainings done, trainings to do)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of one repeat."""

    repeat: int
    size: int
    """Which of the sizes it is, 0 for the smallest."""
    training: Positions
    testing: Positions


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial and what came of it."""

    trial: Trial
    said: Said


def plan_trials(
    labels: NDArray[np.int64], patients: Sequence[str], rounds: int, seed: int = 0
) -> list[Trial]:
    """Return the trainings to do: in each round every patient is held out once.

    Within a repeat (one third held out) the larger sizes include the smaller. A size at which only
    one of several labels is left is passed over.
    """
    rng, trials = np.random.default_rng(seed), []
    several = len(np.unique(labels)) > 1
    for repeat in range(rounds * FOLDS):
        if repeat % FOLDS == 0:
            folds = shuffled_folds(labels, patients, FOLDS, rng)
        inside = np.flatnonzero(folds != repeat % FOLDS)
        sizes = learning_sizes(int((1 - 1 / FOLDS) * len(labels)))
        # The last takes all there are, so that the folds together are a cross-validation.
        subsets = nested_subsets(labels[inside], [patients[one] for one in inside], sizes, rng)
        for size, chosen in enumerate([*subsets[:-1], np.arange(len(inside))]):
            training = inside[chosen]
            if not several or len(np.unique(labels[training])) > 1:
                testing = np.flatnonzero(folds == repeat % FOLDS)
                trials.append(Trial(repeat, size, training, testing))
    return trials


def run_trials(
    learner: Learner, trials: Sequence[Trial], progress: Progress | None = None
) -> list[Outcome]:
    """Do all trainings, as many side by side as there are cores."""
    lock, done = Lock(), 0

    def run(trial: Trial) -> Outcome:
        nonlocal done
        said = learner.held_out(trial.training, trial.testing, seed=trial.repeat)
        with lock:
            done += 1
            if progress:
                progress(done, len(trials))
        return Outcome(trial, said)

    side_by_side = torch.get_num_threads()
    with one_core_each(), ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(run, trials))


def doubted_films(outcomes: Sequence[Outcome]) -> Positions:
    """Return the films that look bad to networks trained on all others' films."""
    found = [each.said.doubted for each in _cross_validation(outcomes)]
    return np.unique(np.concatenate(found)).astype(np.int64)


def held_out_figures(
    outcomes: Sequence[Outcome], patients: Sequence[str], left_out: Positions
) -> BinaryFigures:
    """Return the figures at the largest size, every film held out once.

    Args:
        outcomes: of one learner.
        patients: one per film.
        left_out: films whose views do not count.
    """
    parts = [_counted(each.said, left_out) for each in _cross_validation(outcomes)]
    film, is_bad, p_bad = (np.concatenate(some) for some in zip(*parts, strict=True))
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return binary_figures(is_bad, p_bad, [patients[one] for one in film], rng=rng)


def curve_points(outcomes: Sequence[Outcome], left_out: Positions) -> list[Point]:
    """Return what was judged wrong in each training that judged both kinds of views."""
    points = []
    for each in outcomes:
        _, is_bad, p_bad = _counted(each.said, left_out)
        said_bad, bad = p_bad >= 0.5, int(is_bad.sum())
        if 0 < bad < len(is_bad):
            points.append(
                Point(
                    repeat=each.trial.repeat,
                    size=each.trial.size,
                    films=len(each.trial.training),
                    false_alarms=int((said_bad & ~is_bad).sum()),
                    good=len(is_bad) - bad,
                    misses=int((~said_bad & is_bad).sum()),
                    bad=bad,
                )
            )
    return points


def _cross_validation(outcomes: Sequence[Outcome]) -> list[Outcome]:
    largest = max(each.trial.size for each in outcomes)
    first_round = [each for each in outcomes if each.trial.repeat < FOLDS]
    return [each for each in first_round if each.trial.size == largest]


def _counted(
    said: Said, left_out: Positions
) -> tuple[Positions, NDArray[np.bool_], NDArray[np.float64]]:
    keep = ~np.isin(said.film, left_out)
    return said.film[keep], said.is_bad[keep], said.p_bad[keep]
