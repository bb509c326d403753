"""Measures of every film: of its picture, of its file, and of its likeness to other films."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.archive.adapters.measure_store import MeasureStore
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.film import Film
from backend.archive.core.near_copies import best_copy, bits_to_better_copy, nearest_better
from backend.base.core.progress import Progress

COPY_MEASURES = frozenset({"bits_to_better_copy", "same_as_better_copy"})
"""Those of a film beside the others."""
_PIXEL_MEASURES = (
    "border_share",
    "structure",
    "brightness_p99",
    "grey_range",
    "white_share",
    "sharpness",
)


def measure_store(measures: Path, thumbnails: Path) -> MeasureStore:
    """Return the measures of the films whose thumbnails lie in a store.

    Args:
        measures: the folder of what is kept.
        thumbnails: the thumbnail store.
    """
    return MeasureStore(measures, ThumbnailStore(thumbnails))


def film_measures(
    store: MeasureStore, archive: Sequence[Film], *, progress: Progress | None = None
) -> dict[str, dict[str, float]]:
    """Return every film's measures by name, by radiograph id; new films are measured, and kept.

    Args:
        store: keeps the measures.
        archive: all films that may be copies of each other.
        progress: told after every film that is measured now.
    """
    kept = _kept(store, archive, progress)
    if not archive:
        return {}
    table = kept[list(_PIXEL_MEASURES)].assign(
        shortest_side_px=[float(min(film.width_px, film.height_px)) for film in archive],
        shape_ratio=[_shape_ratio(film) for film in archive],
        coloured_share=[film.coloured_share for film in archive],
        bits_to_better_copy=_bits_to_better(kept, archive),
        same_as_better_copy=_same_as_better(kept, archive),
    )
    return {str(film): _numbers(row) for film, row in table.to_dict("index").items()}


def better_copies(
    store: MeasureStore, archive: Sequence[Film], places: Sequence[int]
) -> list[Film | None]:
    """Return the film that each is a copy of, None where it is none.

    Args:
        store: keeps the measures.
        archive: all films that may be copies of each other.
        places: of the films to ask about, in the archive.
    """
    return _copies(nearest_better, store, archive, places)


def best_copies(
    store: MeasureStore, archive: Sequence[Film], places: Sequence[int]
) -> list[Film | None]:
    """Return the film that stays where each is left out as a copy, None where it is none.

    The arguments are those of `better_copies`.
    """
    return _copies(best_copy, store, archive, places)


def _copies(
    find: Callable[[NDArray[np.uint8], NDArray[np.int64], int], int | None],
    store: MeasureStore,
    archive: Sequence[Film],
    places: Sequence[int],
) -> list[Film | None]:
    if not places:
        return []
    hashes, quality = _hashes(_kept(store, archive)), _quality(archive)
    found = [find(hashes, quality, place) for place in places]
    return [None if place is None else archive[place] for place in found]


def measures_of_one(film: DecodedFilm, thumbnail: NDArray[np.uint8]) -> dict[str, float]:
    """Return the measures that need no other film: all but those on copies.

    Args:
        film: as decoded.
        thumbnail: of the film, shape (side, side).
    """
    # Only where something is measured: imagehash takes a second to import.
    from backend.archive.adapters.film_measures import measure_film  # noqa: PLC0415

    of_pixels = measure_film(thumbnail)
    return {name: float(getattr(of_pixels, name)) for name in _PIXEL_MEASURES} | {
        "shortest_side_px": float(min(film.width_px, film.height_px)),
        "shape_ratio": _shape_ratio(film),
        "coloured_share": film.coloured_share,
    }


def _numbers(row: Mapping[object, float]) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.items()}


def _shape_ratio(film: Film | DecodedFilm) -> float:
    return min(film.width_px, film.height_px) / max(film.width_px, film.height_px)


def _kept(
    store: MeasureStore, archive: Sequence[Film], progress: Progress | None = None
) -> pd.DataFrame:
    names = [(film.radiograph_id, film.thumbnail_row) for film in archive]
    return store.read(names, progress=progress)


def _hashes(kept: pd.DataFrame) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(kept["perceptual_hash"]), np.uint8).reshape(len(kept), -1)


def _bits_to_better(kept: pd.DataFrame, archive: Sequence[Film]) -> NDArray[np.float64]:
    return bits_to_better_copy(_hashes(kept), _quality(archive))


def _same_as_better(kept: pd.DataFrame, archive: Sequence[Film]) -> NDArray[np.float64]:
    """Return 1.0 where a better film of the same size shows the same picture, else 0.0."""
    same = pd.DataFrame(
        {
            "picture": list(kept["picture_hash"]),
            "width": [film.width_px for film in archive],
            "height": [film.height_px for film in archive],
        }
    )
    best_first = np.argsort(-_quality(archive), kind="stable")
    return same.iloc[best_first].duplicated().sort_index().to_numpy(np.float64)


def _quality(archive: Sequence[Film]) -> NDArray[np.int64]:
    """Return each film's rank among its copies: more pixels are better, else an earlier index."""
    pixels = np.array([film.width_px * film.height_px for film in archive])
    rows = np.array([film.thumbnail_row for film in archive])
    quality = np.empty(len(archive), np.int64)
    quality[np.lexsort((-rows, pixels))] = np.arange(len(archive))
    return quality
