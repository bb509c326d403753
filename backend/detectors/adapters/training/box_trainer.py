"""Train box heads on random views of films, whose backbone maps are computed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import Augmentation, DetectorTask
from backend.base.core.task_kinds import drawn_boxes
from backend.detectors.adapters.box_detector import (
    CELLS,
    HEADS,
    INPUT_PX,
    BoxHeads,
    SpatialBackbone,
)
from backend.detectors.adapters.training.view_painter import OVERSAMPLING, paint
from backend.detectors.core.augment import Changes, Views, draw_views
from backend.detectors.core.boxes.views import mirrored_places, moved_boxes
from backend.labels.core.box import Boxes

VIEWS = 800
"""Views in all, shared among the films: more than this no longer helped ten films."""
FEWEST_LOOKS = 2
"""A film is shown at least so often."""
STEPS = 400
VIEWS_AT_ONCE = 16
LEARNING_RATE = 6e-3
WEIGHT_DECAY = 1e-3


@dataclass(frozen=True, slots=True)
class BoxExamples:
    """Films with their boxes."""

    thumbnails: NDArray[np.uint8]
    """Shape (films, 256, 256)."""
    boxes: Boxes
    """Shape (films, labels, 4); NaN where a film has no such box."""
    patients: Sequence[str]
    mirrored: NDArray[np.int64]
    """Shape (labels,): of `detectors.core.boxes.views.mirrored_places`."""
    label_safe: frozenset[Augmentation]
    """What may be done to a film."""


def box_examples(
    task: DetectorTask, thumbnails: NDArray[np.uint8], boxes: Boxes, patients: Sequence[str]
) -> BoxExamples:
    """Return films as the trainer needs them.

    Args:
        task: whose boxes they are.
        thumbnails: shape (films, 256, 256).
        boxes: shape (films, labels, 4); NaN where a film has no such box.
        patients: one per film.
    """
    kind = drawn_boxes(task)
    mirrored = mirrored_places(task.labels, kind.mirrored_label)
    return BoxExamples(thumbnails, boxes, patients, mirrored, kind.label_safe)


@dataclass(frozen=True, slots=True)
class PaintedViews:
    """Maps of films in random views, with their boxes."""

    maps: Tensor
    """Shape (views, CHANNELS, CELLS, CELLS), half precision."""
    boxes: Boxes
    """Shape (views, labels, 4); NaN where a box is not on the view."""
    film: NDArray[np.int64]
    """Shape (views,): position of the film that is shown."""


def make_views(backbone: SpatialBackbone, films: BoxExamples, *, seed: int = 0) -> PaintedViews:
    """Make several random views of every film."""
    rng = np.random.default_rng(seed)
    times = max(FEWEST_LOOKS, -(-VIEWS // len(films.thumbnails)))
    film = np.tile(np.arange(len(films.thumbnails)), times)
    looks = draw_views(len(film), films.label_safe, rng)
    parts = [
        backbone.maps(_painted(films.thumbnails[film[list(part)]], _some(looks, list(part))))
        for part in in_chunks(range(len(film)), VIEWS_AT_ONCE)
    ]
    return PaintedViews(
        torch.cat(parts), moved_boxes(films.boxes[film], looks, films.mirrored), film
    )


def fit_heads(
    views: PaintedViews,
    films: NDArray[np.int64],
    *,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> BoxHeads:
    """Train heads on the views of some films; each head weighs the films in its own way.

    Args:
        views: of these and maybe other films.
        films: positions of the films to learn from.
        seed: of everything random.
        progress: called after every step.
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    mine = np.flatnonzero(np.isin(views.film, films))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        heads = BoxHeads(views.boxes.shape[1]).to(views.maps.device)
    _standardise(heads, views.maps[mine])
    # Rubin's bootstrap: every head sees every film, some more, some less.
    weights = rng.exponential(1.0, (int(views.film.max()) + 1, HEADS)).astype(np.float32)
    truth = torch.from_numpy(np.asarray(views.boxes, dtype=np.float32))
    optimiser = torch.optim.AdamW(heads.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, STEPS)
    for _ in range(STEPS):
        chosen = mine[torch.randint(len(mine), (VIEWS_AT_ONCE,), generator=generator).numpy()]
        loss = _loss(
            heads, views.maps[chosen], truth[chosen], torch.from_numpy(weights[views.film[chosen]])
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if progress:
            progress()
    return heads.eval()


def _loss(heads: BoxHeads, maps: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    found, where = heads(maps)
    there = ~truth[..., 0].isnan()
    truth = torch.nan_to_num(truth)
    middle = truth[..., :2] + truth[..., 2:] / 2
    wanted = torch.cat([middle, truth[..., 2:]], dim=-1)[:, None].expand_as(found)
    far = functional.smooth_l1_loss(found, wanted, beta=0.02, reduction="none").sum(dim=-1)
    place = (middle * CELLS).long().clamp(0, CELLS - 1)
    place = (place[..., 1] * CELLS + place[..., 0])[:, None, :, None].expand(-1, HEADS, -1, 1)
    missed = -where.gather(3, place)[..., 0]
    counts = weights[:, :, None] * there[:, None].float()
    wrong: Tensor = (10 * far + 0.1 * missed) * counts
    return wrong.sum() / counts.sum().clamp(min=1e-6)


def _standardise(heads: BoxHeads, maps: Tensor) -> None:
    some = maps[:: max(1, len(maps) // 256)].float()
    heads.centre.copy_(some.mean(dim=(0, 2, 3), keepdim=True))
    deviation = some.std(dim=(0, 2, 3), keepdim=True)
    heads.scale.copy_(deviation + 0.1 * deviation.mean() + 1e-6)


def _painted(thumbnails: NDArray[np.uint8], looks: Views) -> Tensor:
    side = OVERSAMPLING * INPUT_PX
    grey = torch.from_numpy(thumbnails)[:, None].float() / 255
    large = functional.interpolate(grey, (side, side), mode="bilinear", antialias=True)
    count = len(thumbnails)
    nothing = np.zeros(count, dtype=np.bool_)
    return paint(large, looks, Changes(np.zeros(count, dtype=np.int64), nothing, nothing))


def _some(looks: Views, chosen: list[int]) -> Views:
    return Views(**{name: getattr(looks, name)[chosen] for name in Views.__dataclass_fields__})
