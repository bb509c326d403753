"""Good films given another problem: for benchmarks."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import PixelChange
from benchmarks.detectors.films.kinds_of_films import accepted, called, share_cells

CHANGES = {
    "turned by 90": PixelChange(1),
    "turned by 180": PixelChange(2),
    "inverted": PixelChange(invert=True),
    "mirrored": PixelChange(mirror=True),
}


def spoilt(thumbnails: NDArray[np.uint8]) -> Mapping[str, NDArray[np.uint8]]:
    """Return good films as they are and with one problem each (synthetic)."""
    looks = {name: change.apply(thumbnails, white=255) for name, change in CHANGES.items()}
    washed_out = (90 + thumbnails * 0.3).astype(np.uint8)
    return {"as they are": thumbnails, **looks, "washed out": washed_out}


def spoilt_rows(
    thumbnails: NDArray[np.uint8],
    says: Callable[[NDArray[np.uint8]], NDArray[np.float64]],
    task: DetectorTask,
) -> list[list[str]]:
    """Return rows of problem, share not given the first label, share held up, and counts.

    Args:
        thumbnails: good films, shape (films, 256, 256).
        says: returns probabilities of thumbnails.
        task: whose first label good films have.
    """
    rows = []
    for name, seen in spoilt(thumbnails).items():
        said = says(seen)
        held_up = share_cells(~accepted(said, task))
        rows.append([name, share_cells(~called(said))[0], *held_up])
    return rows
