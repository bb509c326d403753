"""Films of pelves given another problem, and where their hips are then: for benchmarks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.detectors.core.boxes.views import unmirrored
from backend.labels.core.box import Boxes

Thumbnails = NDArray[np.uint8]
"""Shape (films, side, side)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something else that is wrong with a film, and where the hips are then."""

    spoil: Callable[[Thumbnails], Thumbnails]
    move: Callable[[Boxes], Boxes]


def problems(mirrored: NDArray[np.int64]) -> Mapping[str, Problem]:
    """Return what is done to films by its name; the first does nothing.

    Args:
        mirrored: shape (labels,), the place of the label that the mirror image of a box has.
    """

    def turned(boxes: Boxes) -> Boxes:
        start = 1 - boxes[..., :2] - boxes[..., 2:]
        return np.concatenate([start, boxes[..., 2:]], axis=-1)[..., mirrored, :]

    def shrunk(boxes: Boxes) -> Boxes:
        return np.concatenate([0.15 + 0.7 * boxes[..., :2], 0.7 * boxes[..., 2:]], axis=-1)

    return {
        "as it is": Problem(lambda some: some, lambda boxes: boxes),
        "mirrored": Problem(flipped, lambda boxes: unmirrored(boxes, mirrored)),
        "turned by 180 degrees": Problem(
            lambda some: np.ascontiguousarray(some[:, ::-1, ::-1]), turned
        ),
        "inverted": Problem(lambda some: 255 - some, lambda boxes: boxes),
        "washed out": Problem(
            lambda some: (110 + 0.25 * some).astype(np.uint8), lambda boxes: boxes
        ),
        "zoomed out, wide borders": Problem(zoomed_out, shrunk),
    }


def flipped(some: Thumbnails) -> Thumbnails:
    """Return mirror images."""
    return np.ascontiguousarray(some[:, :, ::-1])


def zoomed_out(some: Thumbnails) -> Thumbnails:
    """Return films at 70 % of their size, black around them."""
    side = some.shape[-1]
    move = np.array([[0.7, 0, 0.15 * side], [0, 0.7, 0.15 * side]])
    return np.stack([cv2.warpAffine(film, move, (side, side)) for film in some])
