"""Thumbnails that are not what was made of their films: a damaged one is not read as a film."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore, thumbnail_digest
from backend.archive.core.film import Film
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import ChangedEvidenceError

_AT_ONCE = 256


def refuse_damaged(store: ThumbnailStore, films: Sequence[Film]) -> None:
    """Refuse thumbnails that are not what was made of these films.

    Raises:
        ChangedEvidenceError: some are not.
        RadsieveError: some are not there.
    """
    known = [film for film in films if film.thumbnail_digest is not None]
    damaged = [
        film
        for chunk in in_chunks(known, _AT_ONCE)
        for film in _damaged(chunk, store.read([film.thumbnail_row for film in chunk]))
    ]
    _refuse(damaged, len(films))


def read_undamaged(store: ThumbnailStore, films: Sequence[Film]) -> NDArray[np.uint8]:
    """Return the thumbnails of films, shape (films, height, width), in their order.

    Raises:
        ChangedEvidenceError: some are not what was made of their films.
        RadsieveError: some are not there.
    """
    thumbnails = store.read([film.thumbnail_row for film in films])
    _refuse(_damaged(films, thumbnails), len(films))
    return thumbnails


def _damaged(films: Sequence[Film], thumbnails: NDArray[np.uint8]) -> list[Film]:
    return [
        film
        for film, pixels in zip(films, thumbnails, strict=True)
        if film.thumbnail_digest not in (None, thumbnail_digest(pixels))
    ]


def _refuse(damaged: Sequence[Film], films: int) -> None:
    if damaged:
        raise ChangedEvidenceError(
            f"expected thumbnails as they were made, got others for {len(damaged):,} of "
            f"{films:,} films, such as {damaged[0].radiograph_id}; run "
            "`radsieve index FILMS`, which makes them anew"
        )
