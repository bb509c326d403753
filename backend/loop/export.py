"""Write what was found: the exclusion list, the correction list, and corrected copies."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from backend.adapters.catalogue import files_by_film, polarity_tags
from backend.adapters.corrected_copy import write_corrected_copy
from backend.adapters.files import write_atomically
from backend.adapters.predictions import PredictionFile, PredictionTable
from backend.adapters.registry import published_version
from backend.adapters.workspace import Workspace
from backend.core.detector_task import AnswerKind, DetectorTask
from backend.core.errors import RadsieveError
from backend.core.export_rows import (
    CorrectionRow,
    Exclusion,
    UnprovenRow,
    correction_of,
    correction_rows,
    exclusion_reason,
    second_copies,
    unproven_rows,
)
from backend.core.labels import Verdict, verdicts
from backend.core.pixel_change import PixelChange
from backend.loop.export_boxes import BoxRow, ExportedBox, export_boxes, write_crops
from backend.loop.proof import unproven
from backend.loop.report_labels import labels_in_force

COPY = "exact_duplicate"
"""A task with this label looks for copies; those byte for byte share one radiograph id, so that no
label of the film can tell them apart."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and what nobody has looked at yet."""

    exclusions: int
    corrections: int
    unproven: int
    """Files whose correction the detectors refute; listed for a second look, not corrected."""
    unreviewed: Mapping[str, int]
    """Detector task -> films surely predicted bad that no reviewer has seen."""
    boxes: int
    copies: int
    crops: int
    failed: Mapping[str, str]
    """File that could not be corrected -> why."""


def export(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    out: Path,
    *,
    with_predicted: bool = False,
    apply_to: Path | None = None,
) -> ExportReport:
    """Write the lists of exclusions, corrections and boxes, each whole or not at all.

    A correction is listed only when the corrected film passes every detector; the others go to
    `unproven.csv`, for a second look.

    Args:
        workspace: whose verdicts are written.
        tasks: detector tasks by name.
        out: folder of the two lists.
        with_predicted: add films that are predicted bad with at least `accept_at` and that nobody
            has looked at; their `label_source` is empty. Tasks that are for review only add none.
        apply_to: folder for corrected copies and, below `crops`, for what lies in boxes;
            originals are never touched.

    Raises:
        RadsieveError: `apply_to` lies where originals are.
    """
    files, tags = files_by_film(workspace.database), polarity_tags(workspace.database)
    by_kind = {kind: [one for one in tasks.values() if one.answer is kind] for kind in AnswerKind}
    views = [_view(workspace, task, files, tags) for task in by_kind[AnswerKind.CHOICE]]
    boxes = export_boxes(workspace, by_kind[AnswerKind.BOX], files, with_predicted=with_predicted)
    rows = [row for view in views for row in (*view.confirmed(), *view.copies())]
    predicted = {view.task.name: view.predicted() for view in views}
    if with_predicted:
        sure = [some for name, some in predicted.items() if not tasks[name].review_only]
        rows += chain.from_iterable(sure)
    wanted = _corrections(views, tasks)
    refuted = unproven(workspace, tasks, wanted)
    proven = {film: change for film, change in wanted.items() if film not in refuted}
    corrections = correction_rows(proven, files, tags)
    second_looks = unproven_rows(refuted, files)
    if apply_to:
        _refuse_originals([*corrections, *(one.row for one in boxes)], apply_to)
    _write_lists(out, rows, corrections, second_looks, [one.row for one in boxes])
    made = _apply_all(corrections, boxes, apply_to) if apply_to else _Made(0, 0, {})
    return ExportReport(
        exclusions=len(rows),
        corrections=len(corrections),
        unproven=len(second_looks),
        unreviewed={name: len(some) for name, some in predicted.items()},
        boxes=len(boxes),
        copies=made.copies,
        crops=made.crops,
        failed=made.failed,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """What is known about the archive for one detector task."""

    task: DetectorTask
    verdicts: Mapping[str, Verdict]
    table: PredictionTable | None
    files: Mapping[str, Sequence[str]]
    tags: Mapping[str, str]
    """Radiograph id -> what its header says of black and white."""

    def copies(self) -> list[Exclusion]:
        looks_for_copies = COPY in self.task.labels
        return second_copies(self.files, self.task) if looks_for_copies else []

    def bad(self) -> dict[str, Verdict]:
        return {
            film: verdict for film, verdict in self.verdicts.items() if verdict.is_bad(self.task)
        }

    def confirmed(self) -> list[Exclusion]:
        bad = self.bad()
        probabilities = self._bad_probabilities(list(bad))
        return [
            Exclusion(
                file=file,
                reason=exclusion_reason(self.task, verdict.label, self.tags.get(film)),
                probability=probability,
                detector_task=self.task.name,
                model_version=self.table.model_version if self.table else "",
                label_source=verdict.decided_by.source.value,
                reviewer=verdict.decided_by.reviewer,
                time=verdict.decided_by.answered_at,
            )
            for (film, verdict), probability in zip(bad.items(), probabilities, strict=True)
            for file in self.files.get(film, ())
        ]

    def predicted(self) -> list[Exclusion]:
        if self.table is None:
            return []
        rows = self.table.frame[~self.table.frame["radiograph_id"].isin(list(self.verdicts))]
        films = list(rows["radiograph_id"])
        probabilities = self._bad_probabilities(films)
        return [
            Exclusion(
                file=file,
                reason=f"{exclusion_reason(self.task, label, self.tags.get(film))} "
                "(predicted, nobody has looked)",
                probability=probability,
                detector_task=self.task.name,
                model_version=self.table.model_version,
                label_source="",
                reviewer="",
                time="",
            )
            for film, probability, label in zip(
                films, probabilities, rows["predicted"], strict=True
            )
            if probability is not None and probability >= self.task.thresholds.accept_at
            for file in self.files.get(film, ())
        ]

    def _bad_probabilities(self, films: Sequence[str]) -> list[float | None]:
        if self.table is None or not films:
            return [None] * len(films)
        column = self.table.labels.index(self.task.expected_label)
        expected = self.table.probabilities(films)[:, column]
        return [None if np.isnan(one) else round(1.0 - float(one), 6) for one in expected]


def _view(
    workspace: Workspace,
    task: DetectorTask,
    files: Mapping[str, Sequence[str]],
    tags: Mapping[str, str],
) -> _View:
    judged = verdicts(labels_in_force(workspace, task), task)
    version = published_version(workspace.database, task.name)
    file = version and PredictionFile(workspace.predictions, task.name, version)
    return _View(task, judged, file.load() if file and file.exists() else None, files, tags)


@dataclass(frozen=True, slots=True)
class _Made:
    copies: int
    crops: int
    failed: Mapping[str, str]


def _corrections(
    views: Sequence[_View], tasks: Mapping[str, DetectorTask]
) -> dict[str, PixelChange]:
    """Return what would put each film right that can be put right, by radiograph id."""
    bad: dict[str, list[Verdict]] = {}
    for view in views:
        for film, verdict in view.bad().items():
            bad.setdefault(film, []).append(verdict)
    found = {film: correction_of(some, tasks) for film, some in bad.items()}
    return {film: change for film, change in found.items() if change is not None}


def _apply_all(
    corrections: Sequence[CorrectionRow], boxes: Sequence[ExportedBox], folder: Path
) -> _Made:
    failed = _apply(corrections, folder)
    changes = {row.file: row.change for row in corrections}
    not_cut = write_crops(boxes, folder, changes)
    crops = sum(one.row.file not in not_cut for one in boxes)
    return _Made(len(corrections) - len(failed), crops, failed | not_cut)


def _write_lists(
    out: Path,
    exclusions: Iterable[Exclusion],
    corrections: Iterable[CorrectionRow],
    second_looks: Iterable[UnprovenRow],
    boxes: Iterable[BoxRow],
) -> None:
    _write_csv(out / "exclusions.csv", exclusions, Exclusion)
    _write_csv(out / "corrections.csv", corrections, CorrectionRow)
    _write_csv(out / "unproven.csv", second_looks, UnprovenRow)
    _write_csv(out / "boxes.csv", boxes, BoxRow)


def _write_csv(
    path: Path,
    rows: Iterable[Exclusion | CorrectionRow | UnprovenRow | BoxRow],
    kind: type[Exclusion] | type[CorrectionRow] | type[UnprovenRow] | type[BoxRow],
) -> None:
    columns = [field.name for field in fields(kind)]
    frame = pd.DataFrame([asdict(row) for row in rows], columns=columns)
    write_atomically(path, frame.to_csv(index=False).encode())


def _refuse_originals(rows: Sequence[CorrectionRow | BoxRow], folder: Path) -> None:
    target = folder.resolve()
    for row in rows:
        if target in Path(row.file).resolve().parents:
            raise RadsieveError(
                f"expected a folder for copies, got {folder}, where originals lie "
                f"({row.file}); choose another"
            )


def _apply(rows: Sequence[CorrectionRow], folder: Path) -> dict[str, str]:
    if not rows:
        return {}
    sources = [Path(row.file) for row in rows]
    top = os.path.commonpath([source.parent for source in sources])
    failed = {}
    for row, source in zip(rows, sources, strict=True):
        try:
            write_corrected_copy(source, folder / source.relative_to(top), row.change)
        except (RadsieveError, OSError) as error:
            failed[row.file] = str(error)
    return failed
