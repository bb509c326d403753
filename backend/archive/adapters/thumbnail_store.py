"""Thumbnails of all films: one flat file of 8-bit squares, so that a sweep reads no film again.

A thumbnail is the whole film squashed to a square. Giving up the aspect ratio makes quarter turns
and inversion of a film and of its thumbnail the same thing; the catalogue keeps width and height.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.core.chunks import in_chunks
from backend.base.core.errors import RadsieveError

THUMBNAIL_PX = 256
_ROW_BYTES = THUMBNAIL_PX * THUMBNAIL_PX


class ThumbnailStore:
    """Rows of `THUMBNAIL_PX` x `THUMBNAIL_PX` bytes, found by number.

    The file is opened for each call: a reader sees what another process appended a moment ago, and
    the store may be handed to threads and to child processes. Rows are copied out rather than
    mapped, because mapped pages would count as this process's memory, archive after archive.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; the first `write` makes it."""
        self._path = path

    def __len__(self) -> int:
        """Return the number of whole rows; half a row at the end does not count."""
        return self._path.stat().st_size // _ROW_BYTES if self._path.exists() else 0

    def write(self, row: int, thumbnail: NDArray[np.uint8]) -> None:
        """Put a thumbnail into a row, replacing what a crash may have left there.

        Raises:
            ValueError: the thumbnail is not 8-bit of shape (THUMBNAIL_PX, THUMBNAIL_PX).
            RadsieveError: the file cannot be written, as on a full disk.
        """
        if thumbnail.shape != (THUMBNAIL_PX, THUMBNAIL_PX) or thumbnail.dtype != np.uint8:
            raise ValueError(
                f"expected uint8 ({THUMBNAIL_PX}, {THUMBNAIL_PX}), "
                f"got {thumbnail.dtype} {thumbnail.shape}"
            )
        try:
            with _opened(self._path, os.O_WRONLY | os.O_CREAT) as descriptor:
                _write_all(descriptor, thumbnail.tobytes(), row * _ROW_BYTES)
        except OSError as error:
            raise RadsieveError(
                f"cannot write {self._path}: {error.strerror}; free some room, then run "
                "`radsieve index` again"
            ) from error

    def read(self, rows: Sequence[int]) -> NDArray[np.uint8]:
        """Return thumbnails in the order asked for, shape (rows, THUMBNAIL_PX, THUMBNAIL_PX).

        Raises:
            RadsieveError: the file is missing or does not hold a row.
        """
        thumbnails = np.empty((len(rows), THUMBNAIL_PX, THUMBNAIL_PX), np.uint8)
        if not len(rows):
            return thumbnails
        try:
            with _opened(self._path, os.O_RDONLY) as descriptor:
                for row, thumbnail in zip(rows, thumbnails, strict=True):
                    self._read_row(descriptor, int(row), thumbnail)
        except OSError as error:
            raise RadsieveError(
                f"cannot read {self._path}: {error.strerror}; run `radsieve index`"
            ) from error
        return thumbnails

    def _read_row(self, descriptor: int, row: int, into: NDArray[np.uint8]) -> None:
        if row < 0 or os.preadv(descriptor, [into.data], row * _ROW_BYTES) != _ROW_BYTES:
            raise RadsieveError(
                f"{self._path} holds {len(self)} thumbnails, but row {row} was asked for; "
                "run `radsieve index` again to make the missing ones"
            )


def thumbnail_digest(thumbnail: NDArray[np.uint8]) -> str:
    """Return the digest by which a thumbnail is known again."""
    return hashlib.blake2b(thumbnail.tobytes(), digest_size=16).hexdigest()


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes, offset: int) -> None:
    written = 0
    while written < len(content):
        written += os.pwrite(descriptor, content[written:], offset + written)


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
