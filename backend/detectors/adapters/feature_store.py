"""Features of all films: computed once, kept as half-precision rows beside the thumbnails."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.lock import in_turn
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import RadsieveError
from backend.base.core.progress import Progress
from backend.detectors.adapters.backbone import WIDTH, Backbone, backbone_name, shared_backbone

ROWS_AT_ONCE = 256
"""Features computed between two saves."""


class FeatureStore:
    """Row i holds the features of thumbnail row i, from the first time that it is read.

    Two files: the rows, and one byte a row that is set after the row is on disk. A computation that
    is killed loses the rows in hand and nothing else.
    """

    def __init__(self, folder: Path, thumbnails: ThumbnailStore, device: str) -> None:
        """Name the folder; it is made when the first features are kept."""
        self._folder, self._thumbnails, self._device = folder, thumbnails, device

    @property
    def backbone(self) -> Backbone:
        """The network the features come from; loaded when features are missing."""
        return shared_backbone(self._device)

    def read(self, rows: Sequence[int], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return shape (rows, WIDTH), computing what is not there yet.

        Raises:
            RadsieveError: a thumbnail is missing, or the disk is full.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if not len(wanted):
            return np.zeros((0, WIDTH), dtype=np.float32)
        if len(self._missing(wanted)):
            self._folder.mkdir(parents=True, exist_ok=True)
            with in_turn(self._folder / "features.lock"):
                self._compute(self._missing(wanted), progress)
        return self._read(wanted)

    def kept(self, rows: Sequence[int]) -> NDArray[np.float32] | None:
        """Return shape (rows, WIDTH), or None where any of them is not there yet."""
        wanted = np.asarray(rows, dtype=np.int64)
        if not len(wanted) or len(self._missing(wanted)):
            return None
        return self._read(wanted)

    def _read(self, wanted: NDArray[np.int64]) -> NDArray[np.float32]:
        kept = np.memmap(self._path(".f16"), np.float16, mode="r")
        return np.asarray(kept.reshape(-1, WIDTH)[wanted], dtype=np.float32)

    def _missing(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        path = self._path(".done")
        done = np.fromfile(path, np.uint8) if path.exists() else np.zeros(0, np.uint8)
        distinct = np.unique(wanted)
        known = distinct[distinct < len(done)]
        return np.setdiff1d(distinct, known[done[known] == 1])

    def _compute(self, rows: NDArray[np.int64], progress: Progress | None) -> None:
        for done, some in enumerate(in_chunks(rows.tolist(), ROWS_AT_ONCE)):
            features = self.backbone.features(self._thumbnails.read(some)).astype(np.float16)
            try:
                self._keep(".f16", some, features)
                self._keep(".done", some, np.ones((len(some), 1), np.uint8))
            except OSError as error:
                raise RadsieveError(
                    f"cannot write features below {self._folder}: {error.strerror}; free some room"
                ) from error
            if progress:
                progress(min((done + 1) * ROWS_AT_ONCE, len(rows)), len(rows))

    def _keep(self, suffix: str, rows: Sequence[int], values: NDArray[np.generic]) -> None:
        path = self._path(suffix)
        path.touch()
        with path.open("r+b") as file:
            for row, value in zip(rows, values, strict=True):
                file.seek(row * value.nbytes)
                file.write(value.tobytes())

    def _path(self, suffix: str) -> Path:
        return self._folder / f"{backbone_name()}{suffix}"
