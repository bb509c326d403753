"""The boxes of the archive as a table, and what to cut out along them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.detectors.core.boxes.answer import split_answers
from backend.export.adapters.archive_state import ArchiveState
from backend.labels.core.box import Box
from backend.labels.core.labels import Verdict


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box on one file, in pixels of the film as it is shown."""

    file: str
    label: str
    left: int
    top: int
    width: int
    height: int
    detector_task: str
    probability: float | None
    """That the predicted box is right; None for a box that a reviewer drew."""
    model_version: str
    """Empty for a box that a reviewer drew."""
    label_source: str
    """Empty where nobody has confirmed the prediction."""
    reviewer: str
    time: str


@dataclass(frozen=True, slots=True)
class ExportedBox:
    """A row of the table, and the box to cut along."""

    row: BoxRow
    box: Box


def boxes_of(
    task: DetectorTask,
    known: Mapping[str, Verdict],
    table: PredictionTable | None,
    archive: ArchiveState,
) -> list[ExportedBox]:
    """Return the boxes that reviewers drew or accepted, one for each file of a film.

    Args:
        task: one whose answer is a box.
        known: verdicts by radiograph id.
        table: adds boxes that are right with at least `accept_at`, on films that nobody has decided
            about; their `label_source` is empty. None adds none.
        archive: the films and their files.
    """
    boxes = [box for film, verdict in known.items() for box in _drawn(task, film, verdict)]
    if table:
        boxes += _predicted(task, table, known)
    return [
        exported
        for film, box, facts in boxes
        for exported in _rows(archive.files.get(film, ()), archive.sizes_px[film], box, facts)
    ]


@dataclass(frozen=True, slots=True)
class _BoxFacts:
    label: str
    detector_task: str
    probability: float | None = None
    model_version: str = ""
    label_source: str = ""
    reviewer: str = ""
    time: str = ""


def _drawn(task: DetectorTask, film: str, verdict: Verdict) -> Iterator[tuple[str, Box, _BoxFacts]]:
    by = verdict.decided_by
    for drawn in by.boxes:
        yield (
            film,
            drawn.box,
            _BoxFacts(
                drawn.label,
                task.name,
                label_source=by.source.value,
                reviewer=by.given_by,
                time=by.answered_at,
            ),
        )


def _predicted(
    task: DetectorTask, table: PredictionTable, known: Mapping[str, Verdict]
) -> list[tuple[str, Box, _BoxFacts]]:
    unknown = sorted(table.radiograph_ids - known.keys())
    if not unknown:
        return []
    sure, boxes = split_answers(table.answers(unknown))
    return [
        (film, Box(*map(float, boxes[row, place])), _sure(table, label, float(sure[row, place])))
        for row, film in enumerate(unknown)
        for place, label in enumerate(table.labels)
        if sure[row, place] >= task.thresholds.accept_at
    ]


def _sure(table: PredictionTable, label: str, probability: float) -> _BoxFacts:
    return _BoxFacts(label, table.detector_task, round(probability, 6), table.model_version)


def _rows(
    files: Sequence[str], size_px: tuple[int, int], box: Box, facts: _BoxFacts
) -> Iterator[ExportedBox]:
    left, top, right, bottom = box.in_pixels(size_px)
    for file in files:
        row = BoxRow(
            file=file,
            label=facts.label,
            left=left,
            top=top,
            width=right - left,
            height=bottom - top,
            detector_task=facts.detector_task,
            probability=facts.probability,
            model_version=facts.model_version,
            label_source=facts.label_source,
            reviewer=facts.reviewer,
            time=facts.time,
        )
        yield ExportedBox(row, box)
