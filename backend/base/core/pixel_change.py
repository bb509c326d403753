"""Quarter turns, mirroring and grey inversion: changes that spoil a film and can be undone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PixelChange:
    """A change that loses nothing: mirror first, then turn, then swap black and white.

    >>> PixelChange(turns_ccw=1).inverse()
    PixelChange(turns_ccw=3, mirror=False, invert=False)
    >>> PixelChange(turns_ccw=1, mirror=True).inverse()  # a reflection undoes itself
    PixelChange(turns_ccw=1, mirror=True, invert=False)
    """

    turns_ccw: int = 0
    """Counter-clockwise quarter turns, 0 to 3."""
    mirror: bool = False
    """Left and right swapped, before the turn."""
    invert: bool = False
    """Black and white swapped."""

    def __post_init__(self) -> None:
        if not 0 <= self.turns_ccw <= 3:
            raise ValueError(f"turns_ccw must be 0, 1, 2 or 3, got {self.turns_ccw}")

    def apply(self, pixels: NDArray[Any], white: float) -> NDArray[Any]:
        """Return changed pixels; the last two axes are height and width.

        Args:
            pixels: shape (..., height, width); left as it is.
            white: the value of white (1.0 for an `Image`, 255 for a thumbnail).
        """
        changed = pixels[..., ::-1] if self.mirror else pixels
        changed = np.rot90(changed, k=self.turns_ccw, axes=(-2, -1))
        if self.invert:
            changed = pixels.dtype.type(white) - changed
        return np.ascontiguousarray(changed)

    def inverse(self) -> "PixelChange":
        """Return the change that undoes this one."""
        turns = self.turns_ccw if self.mirror else -self.turns_ccw % 4
        return PixelChange(turns, self.mirror, self.invert)

    def then(self, later: "PixelChange") -> "PixelChange":
        """Return the one change that equals this one followed by `later`.

        >>> PixelChange(turns_ccw=3).then(PixelChange(turns_ccw=3, invert=True))
        PixelChange(turns_ccw=2, mirror=False, invert=True)
        """
        ours = -self.turns_ccw if later.mirror else self.turns_ccw
        return PixelChange(
            (ours + later.turns_ccw) % 4, self.mirror != later.mirror, self.invert != later.invert
        )


UNCHANGED = PixelChange()
