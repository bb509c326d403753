"""Sketches: every film in 16 x 16 pixels, enough to tell what is unlike the rest."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.adapters.thumbnail_store import ThumbnailStore
from backend.base.core.chunks import in_chunks

SKETCH_PX = 16
_BYTES = SKETCH_PX * SKETCH_PX


def read_sketches(path: Path, thumbnails: ThumbnailStore, rows: Sequence[int]) -> NDArray[np.uint8]:
    """Return shape (rows, 256); sketches not made yet are made and kept in the file.

    Args:
        path: the sketch file; row i of it belongs to row i of the thumbnails.
        thumbnails: where missing sketches are made from.
        rows: thumbnail rows of catalogued films.
    """
    if not rows:
        return np.zeros((0, _BYTES), dtype=np.uint8)
    made = path.stat().st_size // _BYTES if path.exists() else 0
    with path.open("ab") as file:
        file.truncate(made * _BYTES)
        for some in in_chunks(range(made, max(rows) + 1), 512):
            file.write(_sketch(thumbnails.read(some)).tobytes())
    kept = np.memmap(path, dtype=np.uint8, mode="r").reshape(-1, _BYTES)
    return np.asarray(kept[np.asarray(rows)])


def _sketch(thumbnails: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = (SKETCH_PX, SKETCH_PX)
    return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in thumbnails])
