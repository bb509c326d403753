"""What a map of places says of a whole film: how likely its best places are, and where they are."""

import numpy as np
from numpy.typing import NDArray

BEST = (1, 3, 10, 30, 100)
"""So many best places are averaged: a clip fills one, a plate many."""
GRID = 4
"""Parts along a side of the film, each summed up by its best place: a marker lies in a corner."""
WIDTH = len(BEST) + GRID * GRID


def place_summary(maps: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return numbers that a head can learn from, shape (films, WIDTH).

    Args:
        maps: shape (films, side, side), for every place the logit that what is looked for is there;
            `side` is a multiple of `GRID`.

    >>> maps = np.full((1, 64, 64), -9.0)
    >>> maps[0, 0, 63] = 5.0
    >>> [round(float(best), 2) for best in place_summary(maps)[0, :2]]
    [5.0, -4.33]
    """
    side = maps.shape[-1]
    ordered = np.sort(maps.reshape(len(maps), -1), axis=1)[:, ::-1]
    best = [ordered[:, :count].mean(axis=1) for count in BEST]
    parts = maps.reshape(len(maps), GRID, side // GRID, GRID, side // GRID).max(axis=(2, 4))
    # Places where nothing is differ by much and mean nothing: softplus makes them alike.
    where = np.logaddexp(0, parts).reshape(len(maps), -1)
    return np.asarray(np.concatenate([np.stack(best, axis=1), where], axis=1), np.float32)
