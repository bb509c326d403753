"""The display shutter: what of a film its maker wants to be seen (PS3.3 C.7.6.11)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutter:
    """Shapes on the whole film, in pixels; what lies outside any of them is not to be seen."""

    whole: tuple[int, int]
    """Rows and columns of the whole film."""
    rectangle: tuple[float, float, float, float] | None = None
    """Left, right, upper and lower edge."""
    circle: tuple[float, float, float] | None = None
    """Row and column of the centre, and the radius."""
    polygon: tuple[tuple[float, float], ...] = ()
    """Row and column of each corner."""

    def open_at(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """Return which pixels of a picture of the film, whole or reduced, are to be seen."""
        down = (np.arange(rows) + 0.5)[:, None] * (self.whole[0] / rows)
        across = (np.arange(columns) + 0.5)[None, :] * (self.whole[1] / columns)
        is_open = np.ones((rows, columns), np.bool_)
        if self.rectangle:
            left, right, upper, lower = self.rectangle
            is_open &= (across > left) & (across < right) & (down > upper) & (down < lower)
        if self.circle:
            row, column, radius = self.circle
            reach = radius**2 - (down - row) ** 2
            is_open &= (reach >= 0) & (np.abs(across - column) <= np.sqrt(np.maximum(reach, 0)))
        if self.polygon:
            is_open &= self._inside_polygon(down, across)
        return is_open

    def _inside_polygon(
        self, down: NDArray[np.floating[Any]], across: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        """Count the sides to the right of each pixel: inside, their number is odd.

        Each side is noted once a row, behind the pixels to the left of it.
        """
        behind = np.zeros((len(down), across.shape[1] + 1), np.bool_)
        for (row, column), (to_row, to_column) in zip(
            self.polygon, (*self.polygon[1:], self.polygon[0]), strict=True
        ):
            level = np.flatnonzero((down >= min(row, to_row)) & (down < max(row, to_row)))
            if row == to_row or not level.size:
                continue
            crossing = column + (down[level, 0] - row) / (to_row - row) * (to_column - column)
            behind[level, np.searchsorted(across[0], crossing)] ^= True
        return np.logical_xor.accumulate(behind[:, :0:-1], axis=1)[:, ::-1]
