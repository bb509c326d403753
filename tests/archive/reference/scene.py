"""What stands in the synthetic films of the reference test, and what a combination of tags is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

HEIGHT, WIDTH = 40, 48
EXACT = (0.6, 2.0)
"""Mean and largest difference to the scene, in grey levels, of what loses nothing."""
LOSSY = (4.0, 60.0)
SCENES = 6


@cache
def scene_of(seed):
    """Return brightness 0.0 to 1.0, shape (HEIGHT, WIDTH).

    Two slopes, a white block, a black band that ends before the edge and a fine grid: turned,
    mirrored, negative, shifted or scrambled pixels, other strides and other signs all look
    different. More than one in two hundred pixels is black and as many are white, so that a film
    that is spread by its own greys shows the scene as well.
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    across, down = rng.uniform(0.3, 0.5), rng.uniform(0.1, 0.3)
    scene = 0.15 + across * columns / WIDTH + down * rows / HEIGHT
    top, left = rng.integers(2, 10), rng.integers(4, 12)
    scene[top : top + 8, left : left + 11] = 1.0
    band = rng.integers(26, 32)
    scene[band : band + 5, 9:41] = 0.0
    scene[::4, 33::5] += 0.07
    return scene


def levels(scene, count):
    """Return the nearest of so many evenly spaced levels, as whole numbers from 0."""
    return np.rint(scene * (count - 1)).astype(np.int64)


def stored_for(orientation, pixels):
    """Return pixels that the orientation tag of TIFF 6.0 turns into these."""
    undo = {
        2: lambda shown: shown[:, ::-1],
        3: lambda shown: shown[::-1, ::-1],
        4: lambda shown: shown[::-1],
        5: lambda shown: shown.swapaxes(0, 1),
        6: lambda shown: shown.swapaxes(0, 1)[::-1],
        7: lambda shown: shown[::-1, ::-1].swapaxes(0, 1),
        8: lambda shown: shown.swapaxes(0, 1)[:, ::-1],
    }
    return np.ascontiguousarray(undo.get(orientation, lambda shown: shown)(pixels))


@dataclass(frozen=True)
class Combination:
    """One way to write a film."""

    format: str
    write: Callable[[np.ndarray], bytes]
    """Takes the scene, returns the file."""
    facts: Mapping[str, object]
    differs: tuple[float, float] = EXACT
    says: tuple[str, ...] = ()
    """What the steps must tell."""
    shown: Callable[[np.ndarray], np.ndarray] = field(default=lambda scene: scene)
    """What is to be seen, where that is not the scene."""

    @property
    def name(self):
        return ", ".join([self.format, *(f"{key} {value}" for key, value in self.facts.items())])
