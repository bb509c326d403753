"""The interface of every detector: thumbnails or archive rows in, probabilities out."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import DetectorFiles
from backend.detectors.adapters.backbone import shared_backbone
from backend.detectors.adapters.feature_store import FeatureStore

Probabilities = Mapping[str, NDArray[np.float32]]
"""Detector task -> calibrated probabilities, shape (films, labels); of a task whose answer is a box
shape (films, labels, 5), as in `detectors.core.boxes.answer`."""


class FilmPixels(Protocol):
    """What detectors may see of films, by row."""

    def thumbnails(self, rows: Sequence[int]) -> NDArray[np.uint8]:
        """Return shape (rows, 256, 256)."""

    def features(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return features of the frozen network, shape (rows, WIDTH)."""

    def cells(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return its features of parts of the film, shape (rows, CELLS)."""


class ArchivePixels:
    """Films of the archive, by thumbnail row."""

    def __init__(self, thumbnails: ThumbnailStore, features: FeatureStore) -> None:
        """Take the two stores; nothing is read yet."""
        self._thumbnails, self._features = thumbnails, features

    def thumbnails(self, rows: Sequence[int]) -> NDArray[np.uint8]:
        """Return shape (rows, 256, 256)."""
        return self._thumbnails.read(rows)

    def features(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return shape (rows, width), kept from the last time or computed now."""
        return self._features.read(rows)

    def cells(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return shape (rows, CELLS), computed now."""
        return self._features.backbone.cells(self.thumbnails(rows))


class ArrivedPixels:
    """Films that are in no archive; the network sees each once, whichever detectors ask."""

    def __init__(self, thumbnails: NDArray[np.uint8], device: str) -> None:
        """Take thumbnails, shape (films, 256, 256); a film's place is its row."""
        self._thumbnails, self._device = thumbnails, device

    def thumbnails(self, rows: Sequence[int]) -> NDArray[np.uint8]:
        """Return shape (rows, 256, 256)."""
        return self._thumbnails[list(rows)]

    def features(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return shape (rows, WIDTH)."""
        return self._seen[0][list(rows)]

    def cells(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return shape (rows, CELLS)."""
        return self._seen[1][list(rows)]

    @cached_property
    def _seen(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return shared_backbone(self._device).features_and_cells(self._thumbnails)


class Detector(Protocol):
    """A model version ready to predict."""

    model_version: str
    heads: Mapping[str, tuple[str, ...]]
    """Detector task -> its labels, in the order of the probabilities."""

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> Probabilities:
        """Return predictions for thumbnails, shape (films, 256, 256)."""

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> Probabilities:
        """Return predictions for films by row; quicker where their features are kept."""


def archive_pixels(files: DetectorFiles) -> ArchivePixels:
    """Return the pixels of the films of an archive."""
    return ArchivePixels(ThumbnailStore(files.thumbnails), feature_store(files))


def feature_store(files: DetectorFiles) -> FeatureStore:
    """Return the features of the films of an archive."""
    return FeatureStore(files.features, ThumbnailStore(files.thumbnails), files.device)
