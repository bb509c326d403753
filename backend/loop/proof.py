"""A correction is proven when the corrected film passes the detectors that found it bad."""

from collections.abc import Mapping, Sequence

from backend.adapters.catalogue import Film, films
from backend.adapters.registry import published_version
from backend.adapters.thumbnail_store import ThumbnailStore
from backend.adapters.workspace import Workspace
from backend.core.chunks import in_chunks
from backend.core.detector_task import DetectorTask
from backend.core.gate_verdict import Standing, opinion_of
from backend.core.pixel_change import PixelChange

FILMS_AT_ONCE = 256


def unproven(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    corrections: Mapping[str, PixelChange],
) -> dict[str, str]:
    """Return the films that do not pass after their correction, each with the reason.

    Each corrected thumbnail is shown to every published detector of the network that learnt from
    made films, since those tell which way a film lies. Where none is published, nothing is proven
    or refused.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        corrections: radiograph id -> what is to be done to the film.
    """
    wanted = [film for film in films(workspace.database) if film.radiograph_id in corrections]
    found: dict[str, str] = {}
    for name, task in tasks.items():
        version = published_version(workspace.database, name) if task.shares_network else None
        if version and wanted:
            found |= _failing(workspace, task, version, wanted, corrections)
    return found


def _failing(
    workspace: Workspace,
    task: DetectorTask,
    version: str,
    wanted: Sequence[Film],
    corrections: Mapping[str, PixelChange],
) -> dict[str, str]:
    # Only where there is something to prove: torch takes seconds.
    from backend.adapters.model_store import load_detector  # noqa: PLC0415

    detector = load_detector(workspace.models, version, workspace.settings.device)
    store, found = ThumbnailStore(workspace.thumbnails), {}
    for some in in_chunks(wanted, FILMS_AT_ONCE):
        thumbnails = store.read([film.thumbnail_row for film in some])
        for film, thumbnail in zip(some, thumbnails, strict=True):
            thumbnail[:] = corrections[film.radiograph_id].apply(thumbnail, white=255)
        said = detector.probabilities(thumbnails)[task.name]
        for film, row in zip(some, said, strict=True):
            opinion = opinion_of(task, row, version)
            if opinion.standing is not Standing.FINE:
                found[film.radiograph_id] = f"{opinion.reason} after the correction"
    return found
