"""A small network that learns from an archive's films without any label, to compare features with.

VICReg (Bardes, Ponce, LeCun 2022): two random looks of a film shall give nearly the same features,
while every feature varies among films and no two say the same. The trunk and the looks are those of
the tiny network.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.base.core.detector_task import Augmentation
from backend.detectors.adapters.tiny_network import INPUT_PX, TinyNetwork, shrink
from backend.detectors.adapters.training.view_painter import OVERSAMPLING, paint
from backend.detectors.core.augment import Changes, draw_views
from benchmarks.detectors.films.tiny_features import predicted_features

STEPS, BATCH, SEED = 600, 64, 0
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 1e-4
EXPANDED = 512
ALIKE, VARIED, DIFFERENT = 25.0, 25.0, 1.0
"""Weights of the three parts of the loss, as published."""


def self_supervised_features(
    archive: NDArray[np.uint8], asked: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return features of films by a network trained on an archive, shape (films, width).

    Args:
        archive: thumbnails to learn from; no label is used.
        asked: thumbnails of the films asked about.
    """
    return predicted_features(_trained(archive), asked)


def _trained(archive: NDArray[np.uint8]) -> TinyNetwork:
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    network = TinyNetwork({})
    width = int(network.features(torch.zeros(2, 1, INPUT_PX, INPUT_PX)).shape[1])
    expander = nn.Sequential(
        nn.Linear(width, EXPANDED),
        nn.BatchNorm1d(EXPANDED),
        nn.ReLU(),
        nn.Linear(EXPANDED, EXPANDED),
    )
    weights = [*network.parameters(), *expander.parameters()]
    optimiser = torch.optim.AdamW(weights, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, STEPS, pct_start=0.1)
    bases = shrink(archive, OVERSAMPLING * INPUT_PX)
    network.train()
    for _ in range(STEPS):
        shown = bases[rng.choice(len(bases), BATCH, replace=False)]
        one, other = (expander(network.features(_look(shown, rng))) for _ in range(2))
        optimiser.zero_grad()
        _loss(one, other).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rates.step()
    return network.eval()


def _look(films: Tensor, rng: np.random.Generator) -> Tensor:
    nothing = np.zeros(len(films), dtype=np.int64)
    unchanged = Changes(nothing, nothing.astype(np.bool_), nothing.astype(np.bool_))
    return paint(films, draw_views(len(films), frozenset(Augmentation), rng), unchanged)


def _loss(one: Tensor, other: Tensor) -> Tensor:
    alike = functional.mse_loss(one, other)
    varied = _too_even(one) + _too_even(other)
    return ALIKE * alike + VARIED * varied / 2 + DIFFERENT * (_repeated(one) + _repeated(other))


def _too_even(features: Tensor) -> Tensor:
    return functional.relu(1 - (features.var(dim=0) + 1e-4).sqrt()).mean()


def _repeated(features: Tensor) -> Tensor:
    centred = features - features.mean(dim=0)
    covariance = centred.T @ centred / (len(features) - 1)
    return (covariance.square().sum() - covariance.diagonal().square().sum()) / features.shape[1]
