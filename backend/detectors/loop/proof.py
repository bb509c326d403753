"""A correction is proven when the corrected film passes every detector."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.archive.adapters.thumbnail_check import read_undamaged
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.pixel_change import PixelChange
from backend.detectors.core.gate_verdict import Standing, opinion_of
from backend.labels.core.labels import Label, LabelSource, verdicts

FILMS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class ProofDetector:
    """A published version that corrected films are shown to."""

    task: DetectorTask
    model_version: str
    settled: frozenset[str]
    """Radiograph ids of the films that it is not asked about, because a reviewer has called them as
    the task expects."""


def proof_detector(
    task: DetectorTask, model_version: str | None, standing: Sequence[Label]
) -> ProofDetector | None:
    """Return what a detector task has to say of corrections; None where it has nothing to say.

    A reviewer's answer outweighs a detector. It does not where the task is about a change of
    pixels: the reviewer spoke of the film as it was before the correction.

    Args:
        task: the detector task.
        model_version: the published one; None: none is published.
        standing: its labels that stand.
    """
    chooses = task.answer is AnswerKind.CHOICE and task.learnt_from is not LearntFrom.RULE
    if not chooses or model_version is None:
        return None
    if task.has_made_labels:
        return ProofDetector(task, model_version, frozenset())
    settled = (
        film
        for film, verdict in verdicts(standing, task).items()
        if verdict.label == task.expected_label
        and verdict.decided_by.source is LabelSource.REVIEWER
    )
    return ProofDetector(task, model_version, frozenset(settled))


def unproven(
    detectors: Iterable[ProofDetector],
    films: Iterable[Film],
    corrections: Mapping[str, PixelChange],
    files: DetectorFiles,
) -> dict[str, str]:
    """Return the films that do not pass after their correction, each with the reason.

    Each corrected thumbnail is shown to every detector that has not settled its film. Where there
    is no detector, nothing is proven and nothing refused.

    Args:
        detectors: see `proof_detector`.
        films: the archive, ordered by thumbnail row.
        corrections: radiograph id -> what is to be done to the film.
        files: where versions and thumbnails lie.
    """
    wanted = [film for film in films if film.radiograph_id in corrections]
    reasons: dict[str, str] = {}
    for detector in detectors:
        asked = [film for film in wanted if film.radiograph_id not in detector.settled]
        if asked:
            reasons |= _failing(detector, asked, corrections, files)
    return reasons


def _failing(
    asked: ProofDetector,
    wanted: Sequence[Film],
    corrections: Mapping[str, PixelChange],
    files: DetectorFiles,
) -> dict[str, str]:
    # Only where there is something to prove: torch takes seconds.
    from backend.detectors.loop.load import load_detector  # noqa: PLC0415

    detector = load_detector(files.models, asked.model_version, files.device)
    store, reasons = ThumbnailStore(files.thumbnails), {}
    for chunk in in_chunks(wanted, FILMS_AT_ONCE):
        thumbnails = read_undamaged(store, chunk)
        for film, thumbnail in zip(chunk, thumbnails, strict=True):
            thumbnail[:] = corrections[film.radiograph_id].apply(thumbnail, white=255)
        judged = detector.probabilities(thumbnails)[asked.task.name]
        for film, row in zip(chunk, judged, strict=True):
            opinion = opinion_of(asked.task, row, asked.model_version)
            if opinion.standing is not Standing.FINE:
                reasons[film.radiograph_id] = f"{opinion.reason} after the correction"
    return reasons
