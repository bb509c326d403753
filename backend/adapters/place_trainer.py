"""Train a place network on films on which what it looks for was drawn."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.adapters.place_network import PLACES, PlaceNetwork
from backend.core.detector_task import Drawer

DRAWINGS = 1200
"""Drawn films in all, shared among the films at hand."""
MOST_TIMES = 6
"""A film is drawn on at most so often."""
PASSES = 6
FILMS_AT_ONCE = 16
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.02
VISIBLE = 0.06
"""Share of the beam held back anywhere in a place from which something lies there."""
RARE_WEIGHT = 4.0
"""A place with something counts as so many without."""
GAMMA = 0.5
"""Films are darkened and brightened by up to e to this power."""
GRAIN = 0.015
_SEEDING = threading.Lock()


@dataclass(frozen=True, slots=True)
class DrawnFilms:
    """Films with what was drawn on them."""

    thumbnails: NDArray[np.uint8]
    """Shape (drawings, 256, 256)."""
    there: NDArray[np.bool_]
    """Shape (drawings, PLACES, PLACES): whether something was drawn in a place."""


def draw_on(
    thumbnails: NDArray[np.uint8],
    drawer: Drawer,
    *,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> DrawnFilms:
    """Draw on every film, several times where films are few.

    Args:
        thumbnails: shape (films, 256, 256).
        drawer: of the detector task.
        seed: of everything random.
        progress: called after every drawing.
    """
    count = drawings(len(thumbnails))
    films = np.empty((count, *thumbnails.shape[1:]), np.uint8)
    there = np.empty((count, PLACES, PLACES), np.bool_)
    for number in range(count):
        grey = thumbnails[number % len(thumbnails)].astype(np.float32) / 255
        shown, held_back = drawer(grey, np.random.default_rng([seed, number]))
        films[number] = np.rint(shown * 255)
        side = len(held_back) // PLACES
        there[number] = held_back.reshape(PLACES, side, PLACES, side).max(axis=(1, 3)) > VISIBLE
        if progress:
            progress()
    return DrawnFilms(films, there)


def fit_places(
    drawn: DrawnFilms,
    device: torch.device,
    *,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> PlaceNetwork:
    """Return a network that learnt where things were drawn.

    Args:
        drawn: films with what was drawn on them.
        device: to train on.
        seed: of everything random; on one core the same gives the same.
        progress: called after every step.
    """
    rng = np.random.default_rng(seed)
    # torch draws first weights from one generator for all threads.
    with _SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PlaceNetwork()
    network = network.to(memory_format=torch.channels_last).to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = _batches(len(drawn.thumbnails), rng)
    for step, shown in enumerate(batches):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * _share_of_rate(step, len(batches))
        optimiser.zero_grad()
        grey, there = _views(drawn, shown, rng, device)
        _loss(network(grey), there).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if progress:
            progress()
    return network.eval()


def drawings(films: int) -> int:
    """Return how many films are drawn on so many."""
    return films * min(MOST_TIMES, max(1, DRAWINGS // max(1, films)))


def ticks(films: int) -> int:
    """Return how often `draw_on` and `fit_places` report progress, for so many films."""
    return drawings(films) + PASSES * math.ceil(drawings(films) / FILMS_AT_ONCE)


def _batches(count: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
    parts = math.ceil(count / FILMS_AT_ONCE)
    return [
        part
        for _ in range(PASSES)
        for part in np.array_split(rng.permutation(count).astype(np.int64), parts)
    ]


def _share_of_rate(step: int, steps_in_all: int) -> float:
    """Return 0 to 1: it rises in the first tenth, then falls along a cosine."""
    rising = max(1, steps_in_all // 10)
    if step < rising:
        return (step + 1) / rising
    return (1 + math.cos(math.pi * (step - rising) / max(1, steps_in_all - rising))) / 2


def _views(
    drawn: DrawnFilms, shown: NDArray[np.int64], rng: np.random.Generator, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return drawn films as they might have been taken, and where things are."""
    grey = drawn.thumbnails[shown].astype(np.float32)[:, None] / 255
    there = drawn.there[shown]
    gamma = np.exp(rng.uniform(-GAMMA, GAMMA, (len(shown), 1, 1, 1))).astype(np.float32)
    grain = GRAIN * rng.random((len(shown), 1, 1, 1), np.float32)
    grey = grey**gamma + grain * rng.standard_normal(grey.shape, np.float32)
    if rng.random() < 0.5:
        grey, there = grey[..., ::-1], there[..., ::-1]
    return (
        torch.from_numpy(np.ascontiguousarray(grey)).to(device, memory_format=torch.channels_last),
        torch.from_numpy(np.ascontiguousarray(there)).to(device).float(),
    )


def _loss(logits: Tensor, there: Tensor) -> Tensor:
    """Return how wrong places are, plus how little drawn and found overlap (Dice)."""
    weight = torch.tensor(RARE_WEIGHT, device=logits.device)
    wrong = functional.binary_cross_entropy_with_logits(logits, there, pos_weight=weight)
    found = logits.sigmoid()
    shared = (2 * (found * there).sum() + 1) / (found.sum() + there.sum() + 1)
    return wrong + 0.5 * (1 - shared)
