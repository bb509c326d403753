"""Pieces of metal, and how many of the X-rays they hold back.

Lengths are millimetres; x goes to the viewer's right, y down. A piece is a bar along a path: round
like a wire, a rod or a ball, or flat like a plate, in which case it is as thick everywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (points, 2): x and y in millimetres."""
Field = NDArray[np.float32]

# Attenuation per mm at 60 keV, rounded; mass attenuation from NIST's tables (NISTIR 5632).
TITANIUM = 0.35
STEEL = 0.95
COBALT_CHROME = 1.2
PLATINUM = 8.0
"""The tips of pacing leads."""

THREAD_DEPTH = 0.16
"""Of a screw's radius."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of metal, with round ends."""

    path: Points
    """A single point twice makes a ball."""
    width_mm: float
    """Diameter; of a flat bar the width one sees."""
    end_width_mm: float | None = None
    """Where it narrows; the same as `width_mm` where None."""
    flat_mm: float | None = None
    """Thickness along the beam; None for a round bar. A negative one is a hole in other pieces."""
    per_mm: float = TITANIUM
    """Attenuation."""
    thread_mm: float | None = None
    """Pitch of a screw's thread."""
    facing: tuple[float, float] | None = None
    """Only the half on this side of the path's first point is there, as of a cup."""

    def limits(self) -> tuple[Points, Points]:
        """Return the two corners of the box it lies in, each of shape (2,)."""
        reach = max(self.width_mm, self.end_width_mm or 0.0) / 2
        return self.path.min(axis=0) - reach, self.path.max(axis=0) + reach

    def depth(self, x: Field, y: Field) -> Field:
        """Return how much it attenuates the beam: its thickness times attenuation.

        Args:
            x: shape (1, columns), millimetres.
            y: shape (rows, 1), millimetres.

        Returns:
            Shape (rows, columns); e^-depth of the X-rays get through.
        """
        deepest = np.zeros((y.shape[0], x.shape[1]), np.float32)
        for segment in self._segments():
            rows, columns = segment.part_of(y[:, 0]), segment.part_of(x[0], sideways=True)
            inside = segment.inside(x[:, columns], y[rows], self.thread_mm)
            deepest[rows, columns] = np.maximum(deepest[rows, columns], inside)
        if self.facing is not None:
            (left, top), (right, down) = self.path[0], self.facing
            deepest *= (x - left) * right + (y - top) * down >= 0
        thickness = 2 * deepest if self.flat_mm is None else self.flat_mm * (deepest > 0)
        return np.asarray(thickness * self.per_mm, np.float32)

    def _segments(self) -> Iterator["_Segment"]:
        steps = np.linalg.norm(np.diff(self.path, axis=0), axis=1)
        way = np.concatenate([[0.0], np.cumsum(steps)])
        last = self.width_mm if self.end_width_mm is None else self.end_width_mm
        widths = self.width_mm + (last - self.width_mm) * way / max(way[-1], 1e-9)
        for place in range(len(steps)):
            yield _Segment(
                self.path[place], self.path[place + 1], widths[place] / 2, widths[place + 1] / 2
            )


@dataclass(frozen=True, slots=True)
class _Segment:
    start: Points
    end: Points
    start_radius: float
    end_radius: float

    def part_of(self, places: Field, *, sideways: bool = False) -> slice:
        """Return which of the rising places the segment can reach, of rows or of columns."""
        axis, reach = 0 if sideways else 1, max(self.start_radius, self.end_radius)
        ends = self.start[axis], self.end[axis]
        first, stop = np.searchsorted(places, [min(ends) - reach, max(ends) + reach])
        return slice(int(first), int(stop))

    def inside(self, x: Field, y: Field, thread_mm: float | None) -> Field:
        """Return half the length of the beam's way through a round segment."""
        (left, top), (right, down) = self.start, self.end - self.start
        length = float(np.hypot(right, down))
        share = ((x - left) * right + (y - top) * down) / max(length, 1e-9) ** 2
        share = np.asarray(share, np.float32).clip(0, 1)
        away = (x - left - share * right) ** 2 + (y - top - share * down) ** 2
        radius = self.start_radius + (self.end_radius - self.start_radius) * share
        if thread_mm:
            radius *= 1 - THREAD_DEPTH * np.abs((share * length / thread_mm) % 1 * 2 - 1)
        return np.asarray(np.sqrt(np.maximum(radius**2 - away, 0)), np.float32)


@dataclass(frozen=True, slots=True)
class Raster:
    """Where the millimetres lie on a film."""

    height_px: int
    width_px: int
    mm_per_px: float
    column_px: float
    """Where x = 0 lies."""
    row_px: float = 0.0
    """Where y = 0 lies."""

    def finer(self, times: int) -> "Raster":
        """Return the same film with so many times the pixels along each side."""
        return Raster(
            self.height_px * times,
            self.width_px * times,
            self.mm_per_px / times,
            self.column_px * times,
            self.row_px * times,
        )


def total_depth(pieces: Sequence[Bar], raster: Raster) -> Field:
    """Return what all pieces attenuate together, shape (height_px, width_px); none is negative.

    >>> ball = Bar(np.zeros((2, 2)) + 5.0, width_mm=4.0, per_mm=0.5)
    >>> depth = total_depth([ball], Raster(10, 10, mm_per_px=1.0, column_px=0.0))
    >>> round(float(depth[5, 5]), 2), float(depth[0, 0])
    (1.87, 0.0)
    """
    total = np.zeros((raster.height_px, raster.width_px), np.float32)
    for piece in pieces:
        (left, top), (right, bottom) = (limit / raster.mm_per_px for limit in piece.limits())
        rows = _pixels(top + raster.row_px, bottom + raster.row_px, raster.height_px)
        columns = _pixels(left + raster.column_px, right + raster.column_px, raster.width_px)
        if len(rows) and len(columns):
            x = ((columns + 0.5 - raster.column_px) * raster.mm_per_px)[None]
            y = ((rows + 0.5 - raster.row_px) * raster.mm_per_px)[:, None]
            part = np.ix_(rows.astype(np.intp), columns.astype(np.intp))
            total[part] += piece.depth(x, y)
    return total.clip(0)


def _pixels(first: float, last: float, count: int) -> Field:
    """Return the numbers of the pixels between two places, as far as they are on the film."""
    start, stop = max(0, int(np.floor(first))), min(count, int(np.ceil(last)) + 1)
    return np.arange(start, max(start, stop), dtype=np.float32)
