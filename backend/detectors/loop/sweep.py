"""Ask the published detectors about every film of the archive."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_check import refuse_damaged
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.base.adapters.workspace import DetectorFiles, Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.base.core.progress import Progress
from backend.detectors.adapters.detector import ArchivePixels, Detector, archive_pixels
from backend.detectors.adapters.versions.predictions import PredictionFile, turn_to_predict
from backend.detectors.adapters.versions.registry import refuse_joint, require_published
from backend.detectors.loop.load import load_detector

PART_FILMS = 1024
"""Films predicted between two saves: a second or so of work, 64 MiB of thumbnails."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did."""

    model_versions: Mapping[str, str]
    """Detector task -> model version."""
    predicted: int
    """Films predicted now."""
    already: int
    """Films that had their predictions before."""


def sweep(
    workspace: Workspace, tasks: Sequence[DetectorTask], *, progress: Progress | None = None
) -> SweepReport:
    """Predict every film that the published versions have not seen yet.

    Tasks that share a model version share one pass over the thumbnails. Interrupt it when you like:
    the next sweep goes on where this one stopped.

    Raises:
        NothingPublishedError: one of the tasks has no published model version.
        TaskDefinitionError: one of them sums up others.
    """
    for task in tasks:
        refuse_joint(task, "sweep")
    versions = {task.name: require_published(workspace.database, task) for task in tasks}
    return sweep_versions(workspace.database, workspace.detector_files, versions, progress=progress)


def sweep_versions(
    engine: Engine,
    files: DetectorFiles,
    versions: Mapping[str, str],
    *,
    progress: Progress | None = None,
) -> SweepReport:
    """Predict every film that these versions have not seen yet, published or not.

    Where another program predicts them at the moment, its turn comes first.

    Args:
        engine: the database.
        files: where versions, predictions and thumbnails lie.
        versions: detector task -> model version.
        progress: told after every part.
    """
    with turn_to_predict(files.predictions, versions.values()):
        return _sweep(films(engine), files, versions, progress)


def _sweep(
    archive: Sequence[Film],
    files: DetectorFiles,
    versions: Mapping[str, str],
    progress: Progress | None,
) -> SweepReport:
    passes = [
        _plan(files, archive, _with_version(versions, one))
        for one in dict.fromkeys(versions.values())
    ]
    to_do = sum(len(one.waiting) for one in passes)
    done = 0
    for one in passes:
        for count in _run(files, one):
            done += count
            if progress:
                progress(done, to_do)
    return SweepReport(versions, done, len(archive) * len(passes) - to_do)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One run of one model version over the films that one of its detector tasks still misses."""

    model_version: str
    files: Mapping[str, PredictionFile]
    known: Mapping[str, set[str]]
    waiting: Sequence[Film]


def _with_version(versions: Mapping[str, str], wanted: str) -> dict[str, str]:
    return {name: version for name, version in versions.items() if version == wanted}


def _plan(files: DetectorFiles, archive: Sequence[Film], versions: Mapping[str, str]) -> _Pass:
    """Plan the run of one version, which all of these detector tasks share."""
    growing = {
        name: PredictionFile(files.predictions, name, version, files.written)
        for name, version in versions.items()
    }
    (version,) = set(versions.values())
    known = {name: file.known_ids() for name, file in growing.items()}
    everywhere = set.intersection(*known.values())
    waiting = [film for film in archive if film.radiograph_id not in everywhere]
    return _Pass(version, growing, known, waiting)


def _run(files: DetectorFiles, this_pass: _Pass) -> Iterator[int]:
    if this_pass.waiting:
        detector = load_detector(files.models, this_pass.model_version, files.device)
        pixels, store = archive_pixels(files), ThumbnailStore(files.thumbnails)
        for chunk in in_chunks(this_pass.waiting, PART_FILMS):
            refuse_damaged(store, chunk)
            _predict_part(pixels, detector, this_pass, chunk)
            yield len(chunk)
    for file in this_pass.files.values():
        file.join()


def _predict_part(
    pixels: ArchivePixels, detector: Detector, this_pass: _Pass, chunk: Sequence[Film]
) -> None:
    probabilities = detector.of_archive(pixels, [film.thumbnail_row for film in chunk])
    for name, file in this_pass.files.items():
        keep = [
            i for i, film in enumerate(chunk) if film.radiograph_id not in this_pass.known[name]
        ]
        if keep:
            ids = [chunk[i].radiograph_id for i in keep]
            file.write_part(ids, detector.heads[name], probabilities[name][keep])
