"""Boxes: where something is on a film, and how well one box stands for another.

A box is four numbers, `left, top, width, height`, as shares of the film's width and height (0 to 1)
as it is shown, so that it means the same on a film, on its squashed thumbnail and on a screen. The
functions take arrays of boxes, shape (..., 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.errors import RadsieveError

SIDES = ("left", "top", "width", "height")


Boxes = NDArray[np.floating[Any]]
"""Shape (..., 4); a box that is not there is a row of NaN."""

SMALLEST_SHARE = 0.002
"""Thinner than this, 2 pixels of 1000, is a slip of the mouse."""


class BadBoxError(RadsieveError):
    """Four numbers that are no box on the film."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a film, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def on_film(cls, left: float, top: float, width: float, height: float) -> "Box":
        """Return the part of a rectangle that lies on the film.

        Raises:
            BadBoxError: hardly anything of it does.
        """
        sides = np.clip([left, top, left + width, top + height], 0.0, 1.0)
        box = cls(*map(float, sides[:2]), *map(float, sides[2:] - sides[:2]))
        if not min(box.width, box.height) >= SMALLEST_SHARE:  # NaN is refused, too
            raise BadBoxError(
                "expected a box on the film, as shares of its sides, got "
                f"left={left:.3f}, top={top:.3f}, width={width:.3f}, height={height:.3f}; draw it "
                "again"
            )
        return box

    @classmethod
    def from_pixels(cls, sides_px: Sequence[float], size_px: tuple[int, int]) -> "Box":
        """Return a box given as left, top, width and height in pixels of a film.

        Args:
            sides_px: the four numbers.
            size_px: width and height of the film.

        Raises:
            BadBoxError: hardly anything of it lies on the film.
        """
        left, top, width, height = np.asarray(sides_px, dtype=np.float64) / (size_px * 2)
        return cls.on_film(float(left), float(top), float(width), float(height))

    def in_pixels(self, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in whole pixels of a film; at least one pixel."""
        (left, right), (top, bottom) = (
            _whole(start, length, side)
            for start, length, side in zip(
                (self.left, self.top), (self.width, self.height), size_px, strict=True
            )
        )
        return left, top, right, bottom

    def as_array(self) -> NDArray[np.float64]:
        """Return shape (4,)."""
        return np.array([self.left, self.top, self.width, self.height])


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box, and the label of what it encloses."""

    label: str
    box: Box


def box_rows(drawn: Sequence[LabelledBox], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return shape (labels, 4); NaN for a label that is not on the film."""
    by_label = {labelled.label: labelled.box.as_array() for labelled in drawn}
    return np.array([by_label.get(label, np.full(4, np.nan)) for label in labels])


def overlap(ours: Boxes, theirs: Boxes) -> NDArray[np.float64]:
    """Return intersection over union, 0 to 1; NaN where a box is not there.

    >>> float(overlap(np.array([0.0, 0.0, 0.5, 0.5]), np.array([0.25, 0.0, 0.5, 0.5])).round(3))
    0.333
    """
    start = np.maximum(ours[..., :2], theirs[..., :2])
    end = np.minimum(ours[..., :2] + ours[..., 2:], theirs[..., :2] + theirs[..., 2:])
    common = np.maximum(end - start, 0).prod(axis=-1)
    both = ours[..., 2:].prod(axis=-1) + theirs[..., 2:].prod(axis=-1)
    return np.asarray(common / np.maximum(both - common, 1e-12), dtype=np.float64)


def corner_error_px(
    ours: Boxes, theirs: Boxes, size_px: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Return the mean distance of the four corners, in pixels of the films.

    Args:
        ours: shape (films, labels, 4).
        theirs: the same.
        size_px: shape (films, 2): width and height.
    """
    scale = size_px[:, None, :].astype(np.float64)
    gaps = (_corners(ours) - _corners(theirs)) * scale[:, :, None, :]
    return np.asarray(np.hypot(gaps[..., 0], gaps[..., 1]).mean(axis=-1))


def mean_box(boxes: Boxes) -> NDArray[np.float64]:
    """Return the mean box of each label, shape (labels, 4): a baseline that sees no film.

    Args:
        boxes: shape (films, labels, 4); boxes that are not there are left out.
    """
    return np.asarray(np.nanmean(boxes, axis=0), dtype=np.float64)


def _corners(boxes: Boxes) -> NDArray[np.float64]:
    """Return shape (..., 4, 2)."""
    away = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    return np.asarray(boxes[..., None, :2] + away * boxes[..., None, 2:], dtype=np.float64)


def _whole(start: float, length: float, side_px: int) -> tuple[int, int]:
    first = min(max(round(start * side_px), 0), side_px - 1)
    return first, min(max(round((start + length) * side_px), first + 1), side_px)
