"""A correction is proven when the corrected film passes every detector."""

from collections.abc import Mapping, Sequence

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.base.adapters.workspace import Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.core.gate_verdict import Standing, opinion_of
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource, verdicts

FILMS_AT_ONCE = 256


def unproven(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    corrections: Mapping[str, PixelChange],
) -> dict[str, str]:
    """Return the films that do not pass after their correction, each with the reason.

    Each corrected thumbnail is shown to every published detector that chooses a label. What a
    reviewer has said of the film stands against a detector, but for detectors that see the change:
    the reviewer spoke of the film as it was. Where none is published, nothing is proven or refused.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        corrections: radiograph id -> what is to be done to the film.
    """
    wanted = [film for film in films(workspace.database) if film.radiograph_id in corrections]
    found: dict[str, str] = {}
    for name, task in tasks.items():
        chooses = task.answer is AnswerKind.CHOICE and task.learnt_from is not LearntFrom.RULE
        version = published_version(workspace.database, name) if chooses else None
        asked = _undecided(workspace, task, wanted) if version else []
        if version and asked:
            found |= _failing(workspace, task, version, asked, corrections)
    return found


def _undecided(workspace: Workspace, task: DetectorTask, wanted: Sequence[Film]) -> list[Film]:
    """Return the films of which no reviewer has said that they are as the task expects."""
    if task.has_made_labels:
        return list(wanted)
    known = verdicts(standing_labels(workspace.database, task.name), task)
    fine = {
        film
        for film, verdict in known.items()
        if verdict.label == task.expected_label
        and verdict.decided_by.source is LabelSource.REVIEWER
    }
    return [film for film in wanted if film.radiograph_id not in fine]


def _failing(
    workspace: Workspace,
    task: DetectorTask,
    version: str,
    wanted: Sequence[Film],
    corrections: Mapping[str, PixelChange],
) -> dict[str, str]:
    # Only where there is something to prove: torch takes seconds.
    from backend.detectors.loop.load import load_detector  # noqa: PLC0415

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
