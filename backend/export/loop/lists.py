"""The lists of an export. They depend on `Known` alone: equal facts give equal bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from itertools import chain

import numpy as np

from backend.base.adapters.csv_table import csv_bytes
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.export.adapters.archive_state import ArchiveState
from backend.export.core.rows import (
    CorrectionRow,
    Decided,
    Exclusion,
    UnprovenRow,
    correction_rows,
    corrections_of,
    exclusion_reason,
    second_copies,
    unproven_rows,
    wrong_films,
)
from backend.export.core.suspects import SuspectRow, suspect_rows
from backend.export.loop.boxes import BoxRow, ExportedBox, boxes_of
from backend.export.loop.suspects import suspects_by_task
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, LabelSource, Verdict, verdicts

COPY = "exact_duplicate"
"""A task with this label looks for copies; those byte for byte share one radiograph id, so that no
label of the film can tell them apart."""
REBUILT = ("exclusions.csv", "corrections.csv", "unproven.csv", "boxes.csv", "suspects.csv")
"""The files that `radsieve export --again` writes again."""

Row = Exclusion | CorrectionRow | UnprovenRow | BoxRow | SuspectRow
Refute = Callable[[Mapping[str, PixelChange]], Mapping[str, str]]
"""Returns, of films with their corrections, those that do not pass after it, with the reason."""


@dataclass(frozen=True, slots=True)
class Known:
    """The archive, labels and predictions that the lists of an export are made of."""

    tasks: Mapping[str, DetectorTask]
    archive: ArchiveState
    labels: Mapping[str, Sequence[Label]]
    """Detector task -> the labels that count, in the order recorded."""
    tables: Mapping[str, PredictionTable]
    """Detector task -> what its version in use says, where it says anything."""
    settled_bad: Mapping[str, Sequence[str]]
    """Detector task -> the films that two looks called bad, see `second_look.settled_bad`."""
    with_predicted: bool
    """Whether films are listed that are surely predicted bad and that nobody has decided about."""
    cut_offs: Mapping[str, Sequence[CutOffInForce]] = field(default_factory=dict)
    """Detector task -> the cut-offs by which the version in use suspects films, of a rule."""
    names: Mapping[str, str] = field(default_factory=dict)
    """File -> what the lists call it; by its path where it is not among them."""

    def of(self, kind: AnswerKind) -> list[DetectorTask]:
        """Return the detector tasks of one kind of answer."""
        return [task for task in self.tasks.values() if task.answer is kind]


@dataclass(frozen=True, slots=True)
class ExportLists:
    """The rows of each list, sorted by their content."""

    exclusions: Sequence[Exclusion]
    corrections: Sequence[CorrectionRow]
    unproven: Sequence[UnprovenRow]
    boxes: Sequence[ExportedBox]
    suspects: Sequence[SuspectRow]
    """Sorted by how bad they look, the worst first."""
    refuted: Mapping[str, str]
    """Radiograph id -> why its correction does not pass."""
    unreviewed: Mapping[str, int]
    """Detector task -> files surely predicted bad of films that nobody has decided about."""

    @property
    def copied(self) -> list[CorrectionRow | BoxRow]:
        """The rows that `radsieve export --apply` makes copies of."""
        return [*self.corrections, *(exported.row for exported in self.boxes)]

    def as_files(self, names: Mapping[str, str]) -> dict[str, bytes]:
        """Return the content of each file, by name; see `Known.names`."""
        boxes = [exported.row for exported in self.boxes]
        tables = (
            _csv(self.exclusions, Exclusion, names),
            _csv(self.corrections, CorrectionRow, names),
            _csv(self.unproven, UnprovenRow, names),
            _csv(boxes, BoxRow, names),
            _csv(self.suspects, SuspectRow, names),
        )
        return dict(zip(REBUILT, tables, strict=True))

    def rows(self) -> dict[str, list[str]]:
        """Return by the list's name the file of the archive in each of its rows."""
        boxes = [exported.row for exported in self.boxes]
        lists: list[Sequence[Row]] = [
            self.exclusions,
            self.corrections,
            self.unproven,
            boxes,
            self.suspects,
        ]
        return {name: [row.file for row in rows] for name, rows in zip(REBUILT, lists, strict=True)}


def export_lists(known: Known, refute: Refute) -> ExportLists:
    """Return the lists: exclusions, corrections, those that do not pass, boxes, and suspects.

    Excluded is only what a person confirmed or a policy takes out; `with_predicted` adds more, and
    each row says so.

    Args:
        known: the archive, labels and predictions.
        refute: returns the corrections that the detectors do not accept.
    """
    judged = {
        task.name: verdicts(known.labels.get(task.name, ()), task)
        for task in known.of(AnswerKind.CHOICE)
    }
    wrong = wrong_films(known.tasks, judged)
    views = [_View(known.tasks[name], known, judged[name], bad) for name, bad in wrong.items()]
    rows = [row for view in views for row in (*view.confirmed(), *view.copies())]
    predicted = {view.task.name: view.predicted() for view in views if view.task.rule is None}
    if known.with_predicted:
        sure = [some for name, some in predicted.items() if _may_be_sure(known.tasks[name])]
        rows += chain.from_iterable(sure)
    wanted = corrections_of(wrong, known.tasks)
    refuted = refute(wanted)
    proven = {film: change for film, change in wanted.items() if film not in refuted}
    archive = known.archive
    suspects = suspects_by_task(known.tasks, known.labels, judged, known.tables, known.cut_offs)
    return ExportLists(
        exclusions=sorted(rows, key=_exclusion_order),
        corrections=correction_rows(proven, archive.files, archive.tags),
        unproven=unproven_rows(refuted, archive.files),
        boxes=_boxes(known),
        suspects=suspect_rows(chain.from_iterable(suspects.values()), archive.files),
        refuted=refuted,
        unreviewed={name: len(some) for name, some in predicted.items()},
    )


def _may_be_sure(task: DetectorTask) -> bool:
    """Whether predictions may exclude a film at all: a rule only says what to look at."""
    return not task.review_only and task.rule is None


class _View:
    """Makes the exclusions of one detector task."""

    def __init__(
        self,
        task: DetectorTask,
        known: Known,
        judged: Mapping[str, Verdict],
        bad: Mapping[str, Verdict],
    ) -> None:
        self.task = task
        self._archive, self._names = known.archive, known.names
        self._judged, self._bad = judged, bad
        self._settled = frozenset(known.settled_bad.get(task.name, ()))
        self._table = known.tables.get(task.name)

    def copies(self) -> list[Exclusion]:
        if COPY not in self.task.labels:
            return []
        return second_copies(self._archive.files, self.task, self._names)

    def confirmed(self) -> list[Exclusion]:
        probabilities = self._bad_probabilities(list(self._bad))
        return [
            Exclusion(
                file=file,
                reason=exclusion_reason(self.task, verdict.label, self._archive.tags.get(film)),
                probability=probability,
                detector_task=self.task.name,
                model_version=self._table.model_version if self._table else "",
                label_source=verdict.decided_by.source.value,
                reviewer=verdict.decided_by.given_by,
                time=verdict.decided_by.answered_at,
                decided=self._decided(film, verdict).value,
            )
            for (film, verdict), probability in zip(self._bad.items(), probabilities, strict=True)
            for file in self._archive.files.get(film, ())
        ]

    def predicted(self) -> list[Exclusion]:
        if self._table is None:
            return []
        looked_at = [
            film for film, verdict in self._judged.items() if verdict.is_decided(self.task)
        ]
        rows = self._table.frame[~self._table.frame["radiograph_id"].isin(looked_at)]
        films = list(rows["radiograph_id"])
        probabilities = self._bad_probabilities(films)
        return [
            Exclusion(
                file=file,
                reason=f"{exclusion_reason(self.task, label, self._archive.tags.get(film))} "
                f"({Decided.PREDICTED})",
                probability=probability,
                detector_task=self.task.name,
                model_version=self._table.model_version,
                label_source="",
                reviewer="",
                time="",
                decided=Decided.PREDICTED.value,
            )
            for film, probability, label in zip(
                films, probabilities, rows["predicted"], strict=True
            )
            if probability is not None and probability >= self.task.thresholds.accept_at
            for file in self._archive.files.get(film, ())
        ]

    def _decided(self, film: str, verdict: Verdict) -> Decided:
        if verdict.decided_by.source is not LabelSource.REVIEWER:
            return Decided.POLICY
        return Decided.TWO_LOOKS if film in self._settled else Decided.ONE_LOOK

    def _bad_probabilities(self, films: Sequence[str]) -> list[float | None]:
        if self._table is None or not films:
            return [None] * len(films)
        column = self._table.labels.index(self.task.expected_label)
        expected = self._table.probabilities(films)[:, column]
        return [None if np.isnan(one) else round(1.0 - float(one), 6) for one in expected]


def _boxes(known: Known) -> list[ExportedBox]:
    found = [
        one
        for task in known.of(AnswerKind.BOX)
        for one in boxes_of(
            task,
            verdicts(known.labels.get(task.name, ()), task),
            known.tables.get(task.name) if known.with_predicted else None,
            known.archive,
        )
    ]
    return sorted(found, key=lambda one: _box_order(one.row))


def _exclusion_order(row: Exclusion) -> tuple[str, ...]:
    return row.file, row.detector_task, row.reason


def _box_order(row: BoxRow) -> tuple[object, ...]:
    return row.file, row.detector_task, row.label, row.left, row.top, row.width, row.height


def _csv(rows: Sequence[Row], kind: type[Row], names: Mapping[str, str]) -> bytes:
    return csv_bytes(
        [one.name for one in fields(kind)],
        (astuple(replace(row, file=names.get(row.file, row.file))) for row in rows),
    )
