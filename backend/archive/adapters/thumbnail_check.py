"""Thumbnails that are not what was made of their films: a damaged one is not read as a film."""

from collections.abc import Iterator, Sequence

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
    damaged = list(_damaged(store, films))
    if damaged:
        raise ChangedEvidenceError(
            f"expected thumbnails as they were made, got others for {len(damaged):,} of "
            f"{len(films):,} films, such as {damaged[0].radiograph_id}; run "
            "`radsieve index FILMS`, which makes them anew"
        )


def _damaged(store: ThumbnailStore, films: Sequence[Film]) -> Iterator[Film]:
    known = [film for film in films if film.thumbnail_digest is not None]
    for chunk in in_chunks(known, _AT_ONCE):
        pixels = store.read([film.thumbnail_row for film in chunk])
        for film, thumbnail in zip(chunk, pixels, strict=True):
            if thumbnail_digest(thumbnail) != film.thumbnail_digest:
                yield film
