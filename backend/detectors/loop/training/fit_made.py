"""Fit one network to films, of which a few may be bad without a label that says so.

Networks trained on part of the patients look at the rest (cross-fitting). Films they call bad are
suspects: the final network is not trained on them. The same predictions set the temperatures.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import expected_calibration_error
from backend.detectors.adapters.tiny_network import TinyNetwork, predicted_logits
from backend.detectors.adapters.training.network_trainer import (
    CountViews,
    Recipe,
    TrainingFilms,
    fit_network,
    one_core_each,
)
from backend.detectors.core.calibration import fit_temperature, softmax
from backend.detectors.core.model_card import HeadCard
from backend.detectors.core.suspects import has_learnt, hidden_label, share_right
from backend.detectors.loop.training.made_films import FilmSet

CONFIRMED_TIMES = 3
"""A film that a reviewer has answered for is shown so often in each pass."""

Logits = Mapping[str, NDArray[np.float32]]
"""Detector task -> shape (films, labels, labels): [i, j] is film i made into label j."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a detector is fitted."""

    final: Recipe
    fold: Recipe
    """For the cross-fitting networks; they need less, as nothing is published from them."""
    device: str
    """`cpu` or `cuda`."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """How one head does on films whose patients it has not seen, suspects left out."""

    share_right: float
    """Share of made views given exactly the right label."""
    temperature: float
    """Makes these predictions least surprising."""
    calibration_error_before: float
    """Expected calibration error, 0 to 1, at temperature 1."""
    calibration_error_after: float


@dataclass(frozen=True, slots=True)
class FittedMade:
    """A network, how to calibrate it, and what it was not trained on."""

    network: TinyNetwork
    out_of_fold: Mapping[str, OutOfFold]
    suspects: Mapping[str, Sequence[str]]
    """Detector task -> radiograph ids of films left out because they look bad as they are."""
    said: Mapping[str, NDArray[np.float64]]
    """Detector task -> shape (films, labels, labels): [i, j] are the probabilities of film i made
    into label j, suspects among them, by networks that have not seen a film of its patient."""

    @property
    def suspect_count(self) -> int:
        """Films left out."""
        return len(set().union(*self.suspects.values()))

    def heads(self, family: Sequence[DetectorTask]) -> dict[str, HeadCard]:
        """Return the entry of each head on the model card."""
        return {
            task.name: HeadCard(
                task.labels, task.expected_label, self.out_of_fold[task.name].temperature
            )
            for task in family
        }


def fit_made(
    films: FilmSet,
    folds: NDArray[np.int64],
    family: Sequence[DetectorTask],
    plan: Plan,
    *,
    progress: CountViews | None = None,
) -> FittedMade:
    """Cross-fit, leave out suspects, and fit the final network to the rest.

    Args:
        films: what to learn from.
        folds: shape (films,), the cross-fitting fold of each film's patient; two or more differ.
        family: detector tasks with made labels, learnt together.
        plan: how to train; on a CPU folds are trained side by side.
        progress: told how many views are done.
    """
    logits = _cross_fit(films, folds, family, plan, progress)
    suspicious = {task.name: _suspicious(logits[task.name], task, films) for task in family}
    keep = ~np.any(list(suspicious.values()), axis=0)
    shown = _shown(films.only(keep))
    with one_core_each():
        network = fit_network(
            shown, family, plan.final, device=torch.device(plan.device), progress=progress
        )
    out_of_fold = {task.name: _out_of_fold(logits[task.name][keep]) for task in family}
    return FittedMade(
        network,
        out_of_fold,
        {name: films.only(bad).radiograph_ids for name, bad in suspicious.items()},
        {name: softmax(logits[name], one.temperature) for name, one in out_of_fold.items()},
    )


def made_logits(
    network: TinyNetwork, thumbnails: NDArray[np.uint8], family: Sequence[DetectorTask]
) -> Logits:
    """Return the network's logits of each film made into each label of each task."""
    logits = {}
    for task in family:
        views = [task.made_by[label].apply(thumbnails, white=255) for label in task.labels]
        said = [predicted_logits(network, view)[task.name] for view in views]
        logits[task.name] = np.stack(said, axis=1)
    return logits


def _cross_fit(
    films: FilmSet,
    folds: NDArray[np.int64],
    family: Sequence[DetectorTask],
    plan: Plan,
    progress: CountViews | None,
) -> Logits:
    """Return the out-of-fold logits of every film's made views."""
    device = torch.device(plan.device)

    def predict_fold(fold: int) -> Logits:
        own = replace(plan.fold, seed=plan.fold.seed + 1 + fold)
        shown = _shown(films.only(folds != fold))
        network = fit_network(shown, family, own, device=device, progress=progress)
        return made_logits(network, films.thumbnails[folds == fold], family)

    occupied = np.unique(folds).tolist()
    side_by_side = torch.get_num_threads() if device.type == "cpu" else 1
    with one_core_each(), ThreadPoolExecutor(side_by_side) as pool:
        parts = list(pool.map(predict_fold, occupied))
    order = np.argsort(np.concatenate([np.flatnonzero(folds == fold) for fold in occupied]))
    return {
        task.name: np.concatenate([part[task.name] for part in parts])[order] for task in family
    }


def _shown(films: FilmSet) -> TrainingFilms:
    return TrainingFilms(films.thumbnails, np.where(films.confirmed, CONFIRMED_TIMES, 1))


def _suspicious(
    logits: NDArray[np.float32], task: DetectorTask, films: FilmSet
) -> NDArray[np.bool_]:
    """Return which films look bad as they are; films that a reviewer confirmed never are."""
    if not has_learnt(logits):
        return np.zeros(len(films), dtype=np.bool_)
    hidden = hidden_label(np.log(softmax(logits) + 1e-12), task)
    return np.asarray((hidden != task.labels.index(task.expected_label)) & ~films.confirmed)


def _out_of_fold(logits: NDArray[np.float32]) -> OutOfFold:
    views = logits.reshape(-1, logits.shape[-1])
    truth = np.tile(np.arange(logits.shape[1]), len(logits))
    temperature = fit_temperature(views, truth)
    before, after = (
        expected_calibration_error(softmax(views, each), truth) for each in (1.0, temperature)
    )
    return OutOfFold(share_right(logits), temperature, before, after)
