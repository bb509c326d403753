"""Train place heads on films with drawings of what they have to find."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.base.core.detector_task import Drawer
from backend.detectors.adapters.place_detector import PLACES, Maps, PlaceBackbone, PlaceHead

DRAWINGS = 600
"""Drawn films in all, shared among the films at hand."""
MOST_TIMES = 6
"""A film is drawn on at most so often."""
PASSES = 12
FILMS_AT_ONCE = 16
LEARNING_RATE = 3e-3
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
class PaintedFilms:
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
) -> PaintedFilms:
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
    return PaintedFilms(films, there)


def fit_places(
    drawn: PaintedFilms,
    backbone: PlaceBackbone,
    *,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> PlaceHead:
    """Return a head that learnt where things were drawn.

    Args:
        drawn: films with what was drawn on them.
        backbone: makes the maps; the head is trained where it computes.
        seed: of everything random; on one core the same gives the same.
        progress: called after every step.
    """
    rng = np.random.default_rng(seed)
    # torch draws first weights from one generator for all threads.
    with _SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = PlaceHead()
    head = head.to(backbone.device).train()
    maps = backbone.maps(_as_taken(drawn.thumbnails, rng))
    head.standardise([one[::4] for one in maps])
    there = torch.from_numpy(drawn.there).float().to(backbone.device)
    optimiser = torch.optim.AdamW(head.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = _batches(len(drawn.thumbnails), rng)
    for step, shown in enumerate(batches):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * _share_of_rate(step, len(batches))
        optimiser.zero_grad()
        said = head(_some(maps, shown))
        _loss(said, there[shown]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if progress:
            progress()
    return head.eval()


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


def _some(maps: Maps, shown: NDArray[np.int64]) -> list[Tensor]:
    return [one[shown] for one in maps]


def _as_taken(thumbnails: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the films darker or brighter, grainier, as they might have been taken."""
    taken = np.empty_like(thumbnails)
    for number, thumbnail in enumerate(thumbnails):
        grey = (thumbnail.astype(np.float32) / 255) ** np.exp(rng.uniform(-GAMMA, GAMMA))
        grey += GRAIN * rng.random() * rng.standard_normal(grey.shape, np.float32)
        taken[number] = np.rint(grey.clip(0, 1) * 255)
    return taken


def _loss(logits: Tensor, there: Tensor) -> Tensor:
    """Return how wrong places are, plus how little drawn and found overlap (Dice)."""
    weight = torch.tensor(RARE_WEIGHT, device=logits.device)
    wrong = functional.binary_cross_entropy_with_logits(logits, there, pos_weight=weight)
    found = logits.sigmoid()
    shared = (2 * (found * there).sum() + 1) / (found.sum() + there.sum() + 1)
    return wrong + 0.5 * (1 - shared)
