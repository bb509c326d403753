"""How like each film of the archive is to one of them: by kept features, else by sketches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import SKETCH_PX, ThumbnailStore, read_sketches
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.kept_features import kept_half_features
from backend.review.core.browse import ArchiveColumns, cosine_to

MOST_NEW_SKETCHES = 20_000
"""More would keep whoever asked waiting for more than some seconds."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How like every film is to one of them."""

    cosine: NDArray[np.float32]
    """Shape (films,), -1 to 1."""
    measured_on: str
    """`features` of a network, or `thumbnails` at 16 x 16 pixels."""


def likeness(workspace: Workspace, archive: ArchiveColumns, place: int) -> Likeness:
    """Return how like all films are to the one at a place.

    Raises:
        RadsieveError: nothing is there to compare films by.
    """
    rows = archive.thumbnail_rows.tolist()
    features = kept_half_features(workspace.detector_files.features, rows)
    if features is not None:
        return Likeness(cosine_to(features, place), "features")
    path = workspace.sketches
    made = path.stat().st_size // SKETCH_PX**2 if path.exists() else 0
    if max(rows) + 1 - made > MOST_NEW_SKETCHES:
        raise RadsieveError(
            "films cannot be compared yet: neither features nor sketches of all of them are kept; "
            "rank a batch first, with `radsieve push any_problem`"
        )
    sketches = read_sketches(path, ThumbnailStore(workspace.thumbnails), rows)
    return Likeness(cosine_to(sketches, place), "thumbnails")
