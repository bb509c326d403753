"""Which films show nearly the same picture, as far as anybody has measured it."""

from collections.abc import Sequence

import numpy as np

from backend.archive.adapters.measure_store import MeasureStore
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.core.near_copies import copy_groups
from backend.base.adapters.workspace import Workspace


def known_copy_groups(workspace: Workspace, some: Sequence[Film]) -> list[int]:
    """Return a number per film, the same for films that are copies of each other.

    Nothing is measured here, because ranking must not take hours: a film of which the rules have
    kept no measures yet is a group of its own.
    """
    store = MeasureStore(workspace.root / "measures", ThumbnailStore(workspace.thumbnails))
    kept = store.kept([film.radiograph_id for film in some])
    hashes = np.frombuffer(b"".join(kept["perceptual_hash"]), np.uint8) if len(kept) else None
    known = {}
    if hashes is not None:
        known = dict(zip(kept.index, copy_groups(hashes.reshape(len(kept), -1)), strict=True))
    return [int(known.get(film.radiograph_id, -1 - place)) for place, film in enumerate(some)]
