"""Train the tiny network on made views of films."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.tiny_network import FILMS_AT_ONCE, INPUT_PX, TinyNetwork, shrink
from backend.detectors.adapters.training.view_painter import OVERSAMPLING, paint
from backend.detectors.core.augment import allowed_for_all, changes_for, draw_labels, draw_views

CountViews = Callable[[int], None]
"""Called with the number of views trained on since the last call."""

_SEEDING = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained; a change here makes another model version."""

    views: int
    """Made views trained on, over all passes."""
    seed: int = 0
    input_px: int = INPUT_PX
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    warm_up: float = 0.1
    """Share of the steps in which the learning rate rises."""

    @property
    def steps(self) -> int:
        """Steps of the optimiser; at least ten, so that the learning rate can rise and fall."""
        return max(10, round(self.views / self.batch))

    @property
    def views_shown(self) -> int:
        """Views in whole batches."""
        return self.steps * self.batch

    def learning_rate_at(self, step: int) -> float:
        """Return the rate of a step: it rises in the first tenth, then falls along a cosine.

        >>> recipe = Recipe(views=3200, learning_rate=1.0)
        >>> [round(recipe.learning_rate_at(step), 3) for step in (0, 9, 54, 99)]
        [0.1, 1.0, 0.509, 0.0]
        """
        rising = max(1, round(self.warm_up * self.steps))
        if step < rising:
            return self.learning_rate * (step + 1) / rising
        fallen = (step - rising + 1) / (self.steps - rising + 1)
        return self.learning_rate * (1 + math.cos(math.pi * fallen)) / 2


@dataclass(frozen=True, slots=True)
class TrainingFilms:
    """Films with nothing wrong, from which views are made."""

    thumbnails: NDArray[np.uint8]
    """Shape (films, side, side)."""
    times: NDArray[np.int64]
    """Shape (films,): how often a film is shown in each pass."""


def fit_network(
    films: TrainingFilms,
    family: Sequence[DetectorTask],
    recipe: Recipe,
    *,
    device: torch.device,
    progress: CountViews | None = None,
) -> TinyNetwork:
    """Return a network trained from scratch, with one head per detector task of the family.

    On a CPU the same arguments give the same network. Several may be trained at once in threads,
    inside `one_core_each`.
    """
    rng = np.random.default_rng(recipe.seed)
    network = _new_network(family, recipe).to(memory_format=torch.channels_last).to(device)
    optimiser = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    bases = _large_bases(films, recipe).to(device)
    network.train()
    for step, shown in enumerate(_batches(films.times, recipe, rng)):
        optimiser.param_groups[0]["lr"] = recipe.learning_rate_at(step)
        optimiser.zero_grad()
        _loss(network, bases[shown], family, rng).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if progress:
            progress(recipe.batch)
    network.eval()
    return network


@contextmanager
def one_core_each() -> Iterator[None]:
    """Let every thread that trains a network keep to one core.

    At this size a second core gains little, waiting for it costs much on a busy machine, and
    results do not depend on how many cores there are.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def keep_to_one_core() -> None:
    """Do for good what `one_core_each` does: for a process that judges films one by one."""
    torch.set_num_threads(1)


def _new_network(family: Sequence[DetectorTask], recipe: Recipe) -> TinyNetwork:
    sizes = {task.name: len(task.labels) for task in family}
    # torch draws first weights from one generator for all threads.
    with _SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return TinyNetwork(sizes, recipe.input_px)


def _large_bases(films: TrainingFilms, recipe: Recipe) -> Tensor:
    side = OVERSAMPLING * recipe.input_px
    parts = in_chunks(np.arange(len(films.thumbnails)).tolist(), FILMS_AT_ONCE)
    return torch.cat([shrink(films.thumbnails[list(part)], side) for part in parts])


def _batches(
    times: NDArray[np.int64], recipe: Recipe, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return film positions, shape (steps, batch): pass after pass, each in a new order."""
    one_pass = np.repeat(np.arange(len(times)), times)
    wanted = recipe.views_shown
    passes = [rng.permutation(one_pass) for _ in range(-(-wanted // len(one_pass)))]
    shown: NDArray[np.int64] = np.concatenate(passes)[:wanted]
    return shown.reshape(recipe.steps, recipe.batch)


def _loss(
    network: TinyNetwork, bases: Tensor, family: Sequence[DetectorTask], rng: np.random.Generator
) -> Tensor:
    labels = [draw_labels(task, len(bases), rng) for task in family]
    looks = draw_views(len(bases), allowed_for_all(family), rng)
    views = paint(bases, looks, changes_for(family, labels))
    logits = network(views.contiguous(memory_format=torch.channels_last))
    losses = [
        functional.cross_entropy(logits[task.name], torch.from_numpy(truth).to(views.device))
        for task, truth in zip(family, labels, strict=True)
    ]
    return torch.stack(losses).sum()
