"""Windows and look-up tables: what turns one value into another, or into a grey (PS3.3 C.11)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
"""Stored or rescaled pixel values, of any number type and shape."""


class WindowFunction(StrEnum):
    """How a window maps values (VOI LUT Function, PS3.3 C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """A range of (rescaled) values spread from black to white."""

    centre: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR

    @property
    def is_valid(self) -> bool:
        """Whether the width is one that PS3.3 C.11.2.1.2 and C.11.2.1.3 allow."""
        return self.width >= 1 if self.function is WindowFunction.LINEAR else self.width > 0

    def brightness(self, values: Values) -> NDArray[np.float64]:
        """Return 0.0 (black) to 1.0 (white) for each value.

        >>> Window(2048, 4096).brightness(np.array([0, 4095])).tolist()
        [0.0, 1.0]
        """
        if self.function is WindowFunction.SIGMOID:
            steps = np.clip(-4 * (values - self.centre) / self.width, -700, 700)
            return np.asarray(1 / (1 + np.exp(steps)))
        if self.function is WindowFunction.LINEAR_EXACT:
            return np.asarray(np.clip((values - self.centre) / self.width + 0.5, 0.0, 1.0))
        # A width of 1 is a threshold; the tiny divisor keeps it one without a special case.
        width = max(self.width - 1, 1e-9)
        return np.asarray(np.clip((values - (self.centre - 0.5)) / width + 0.5, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class LookUpTable:
    """A table of outputs; values before its first or after its last take the first or the last."""

    first_value: int
    outputs: NDArray[np.uint16]
    bits: int
    """Of an output, as the header says; makers write 16 where they use 12, or even 0."""

    @property
    def white(self) -> int:
        """The largest entry: a header often declares more bits than the entries use."""
        return int(self.outputs.max())

    @property
    def black(self) -> int:
        """Zero, or the smallest entry where all are so large that they would look alike."""
        darkest = int(self.outputs.min())
        return darkest if 2 * darkest > self.white else 0

    def look_up(self, values: Values) -> NDArray[np.float64]:
        """Return the output for each value."""
        places = np.rint(values).astype(np.int64) - self.first_value
        return self.outputs[np.clip(places, 0, len(self.outputs) - 1)].astype(np.float64)

    def brightness(self, values: Values) -> NDArray[np.float64]:
        """Return 0.0 (black) to 1.0 (white) for each value.

        >>> LookUpTable(0, np.array([0, 4095], np.uint16), 16).brightness(np.array([0, 1])).tolist()
        [0.0, 1.0]
        """
        span = max(self.white - self.black, 1)
        return np.asarray((self.look_up(values) - self.black) / span)

    def covers(self, values: Values) -> NDArray[np.bool_]:
        """Return for each value whether it has an entry of its own."""
        last = self.first_value + len(self.outputs) - 1
        return np.asarray((values >= self.first_value) & (values <= last))
