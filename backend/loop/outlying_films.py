"""How unlike the rest of the archive each film is, before anybody has labelled one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import ThumbnailStore, read_sketches
from backend.archive.core.film import Film
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.core.outlying import outlying_features, outlying_pixels, stranger_than


def strangeness(
    workspace: Workspace, task: DetectorTask, archive: Sequence[Film]
) -> NDArray[np.float64]:
    """Return the share of films that are less strange, shape (films,), 0 to 1.

    Pixels tell films that are turned or inverted; with features beside them laterals, abdomens and
    other films of another kind come sooner (docs/ranking.md). Features are used where the task's
    labels come from people, and only as far as they are kept already: to compute them takes the
    network an hour for 100,000 films, and a push must not wait for it.
    """
    rows = [film.thumbnail_row for film in archive]
    thumbnails = ThumbnailStore(workspace.thumbnails)
    told = [outlying_pixels(read_sketches(workspace.root / "sketches.u8", thumbnails, rows))]
    features = None if task.has_made_labels else _kept_features(workspace, rows)
    if features is not None:
        told.append(outlying_features(features))
    return stranger_than(*told)


def _kept_features(workspace: Workspace, rows: Sequence[int]) -> NDArray[np.float32] | None:
    if not (workspace.root / "features").exists():
        return None
    # Only where it is needed: torch takes seconds, and hundreds of megabytes.
    from backend.detectors.adapters.detector import feature_store  # noqa: PLC0415

    return feature_store(workspace).kept(rows)
