"""The report for a head of department: gathered from the workspace, written as one page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from backend.archive.adapters.catalogue import files_by_film, films, unreadable_files
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.loop.seal import seal_of
from backend.base.adapters.database import utc_now
from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError
from backend.base.core.pixel_change import PixelChange
from backend.certificate.loop.audit import audit
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.proof import unproven
from backend.export.adapters.page.archive_page import archive_page
from backend.export.core.bias import BiasReport
from backend.export.core.report import (
    MOST_PICTURES,
    ArchiveReport,
    Audited,
    FoundClass,
    Picture,
    TaskReport,
    short_id,
    without_ids_and_paths,
)
from backend.export.core.rows import corrections_of, wrong_films
from backend.export.loop.bias import check_bias
from backend.export.loop.lists import COPY
from backend.export.loop.report_detector import detector_facts
from backend.export.loop.report_provenance import provenance
from backend.labels.core.labels import LabelSource, Verdict, verdicts
from backend.reports.loop.report_labels import labels_in_force
from backend.review.adapters.batch_store import open_items
from backend.review.core.meters import ReviewMeters
from backend.review.loop.looks import review_meters


def write_archive_report(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    path: Path,
    *,
    with_pictures: bool = True,
    at: str | None = None,
) -> None:
    """Write the report as one HTML file that fetches nothing, whole or not at all.

    The same state of the workspace and the same time give the same bytes.

    Args:
        workspace: whose archive it is about.
        tasks: detector tasks by name.
        path: of the file.
        with_pictures: whether small pictures of the films that were found are part of it; then the
            file has to be kept as the films are.
        at: when it is made, UTC, ISO 8601; None: now.
    """
    report = archive_report(workspace, tasks, at=at or utc_now(), with_pictures=with_pictures)
    write_atomically(path, archive_page(report, with_pictures=with_pictures).encode())


@dataclass(frozen=True, slots=True)
class Decided:
    """What an export has found out, so that its report need not ask again."""

    refuted: Mapping[str, str]
    """Radiograph id -> why its correction does not pass."""
    bias: BiasReport


def archive_report(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    *,
    at: str,
    with_pictures: bool = True,
    decided: Decided | None = None,
) -> ArchiveReport:
    """Return all that the report says.

    Args:
        workspace: whose archive it is about.
        tasks: detector tasks by name.
        at: when it is made, UTC, ISO 8601.
        with_pictures: whether pictures of films are part of it.
        decided: of an export that this report is part of; None: look what it would decide.
    """
    gathered = _Gathered(workspace, tasks, with_pictures, decided)
    patients = {film.patient_key: film.patient_source for film in gathered.archive.values()}
    return ArchiveReport(
        films=len(gathered.archive),
        unreadable=len(unreadable_files(workspace.database)),
        copies=_copies(workspace, tasks),
        patients=len(patients),
        patients_known_by=dict(sorted(Counter(patients.values()).items())),
        sealed_patients=len(seal_of(workspace, list(gathered.archive.values())).patients),
        bad_films=len(gathered.bad),
        corrected_films=len(gathered.proven),
        tasks=_numbered([gathered.task_report(task) for task in tasks.values()]),
        bias=gathered.bias,
        provenance=provenance(workspace, tasks, list(gathered.archive), at=at),
    )


def _copies(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> int:
    if not any(COPY in task.labels for task in tasks.values()):
        return 0
    return sum(len(paths) - 1 for paths in files_by_film(workspace.database).values())


def _numbered(tasks: Sequence[TaskReport]) -> list[TaskReport]:
    """Call reviewers by a number each: a pseudonym may still tell who it is."""
    names = {name for task in tasks if task.meters for name in task.meters.by_reviewer}
    in_order = sorted(names, key=lambda name: (len(name), name))
    number = {name: f"reviewer {place}" for place, name in enumerate(in_order, start=1)}
    return [
        replace(task, meters=_renamed(task.meters, number)) if task.meters else task
        for task in tasks
    ]


def _renamed(meters: ReviewMeters, number: Mapping[str, str]) -> ReviewMeters:
    by_reviewer = {number[name]: figures for name, figures in meters.by_reviewer.items()}
    return replace(meters, by_reviewer=by_reviewer)


@dataclass(frozen=True)
class _Gathered:
    """What several parts of the report need, read once."""

    workspace: Workspace
    tasks: Mapping[str, DetectorTask]
    with_pictures: bool
    decided: Decided | None

    @cached_property
    def archive(self) -> dict[str, Film]:
        """Films by radiograph id."""
        return {film.radiograph_id: film for film in films(self.workspace.database)}

    @cached_property
    def verdicts(self) -> dict[str, dict[str, Verdict]]:
        """By detector task, those of films that are there."""
        return {
            name: {
                film: verdict
                for film, verdict in verdicts(labels_in_force(self.workspace, task), task).items()
                if film in self.archive
            }
            for name, task in self.tasks.items()
        }

    @cached_property
    def wrong(self) -> dict[str, dict[str, Verdict]]:
        """By detector task that chooses a label, what is wrong."""
        return wrong_films(self.tasks, self.verdicts)

    @property
    def bad(self) -> set[str]:
        """Films of which anything is wrong."""
        return {film for found in self.wrong.values() for film in found}

    @cached_property
    def corrections(self) -> dict[str, PixelChange]:
        """What would put each film right that can be put right."""
        return corrections_of(self.wrong, self.tasks)

    @cached_property
    def refuted(self) -> Mapping[str, str]:
        """Films that a detector still objects to when they are corrected."""
        if self.decided:
            return self.decided.refuted
        return unproven(self.workspace, self.tasks, self.corrections) if self.corrections else {}

    @property
    def bias(self) -> BiasReport:
        """What groups of films lose."""
        if self.decided:
            return self.decided.bias
        lost = {name: set(found) for name, found in self.wrong.items()}
        return check_bias(self.workspace, self.tasks, lost)

    @cached_property
    def proven(self) -> dict[str, PixelChange]:
        """The corrections that will be listed."""
        return {film: one for film, one in self.corrections.items() if film not in self.refuted}

    def task_report(self, task: DetectorTask) -> TaskReport:
        """Return all there is to say of one task."""
        known, table = self.verdicts[task.name], self._predictions(task)
        by_reviewer = (one.decided_by.source is LabelSource.REVIEWER for one in known.values())
        audited, why = _audited(self.workspace, task)
        meters = review_meters(self.workspace.database, task)
        items = open_items(self.workspace.database, task.name)
        return TaskReport(
            name=task.name,
            question=task.question,
            expected_label=task.expected_label,
            looked_at=sum(by_reviewer),
            with_verdict=len(known),
            undecided=sum(verdict.needs_exact_class for verdict in known.values()),
            waiting=len({film for item in items for film in item.radiograph_ids}),
            suspected=None if table is None else self._suspected(task, table),
            found=self._found(task) if task.answer is AnswerKind.CHOICE else [],
            audited=audited,
            not_audited=why,
            meters=None if meters.is_empty else meters,
            detector=detector_facts(self.workspace, task, known, table, self.archive),
            sums_up=task.sums_up,
        )

    def _predictions(self, task: DetectorTask) -> PredictionTable | None:
        version = published_version(self.workspace.database, task.name)
        file = version and PredictionFile(self.workspace.predictions, task.name, version)
        return file.load() if file and file.exists() else None

    def _suspected(self, task: DetectorTask, table: PredictionTable) -> int | None:
        if task.answer is not AnswerKind.CHOICE:
            return None
        known = self.verdicts[task.name]
        open_films = sorted((self.archive.keys() & table.radiograph_ids) - known.keys())
        column = table.labels.index(task.expected_label)
        p_bad = 1.0 - table.probabilities(open_films)[:, column]
        return int((p_bad >= task.thresholds.accept_at).sum())

    def _found(self, task: DetectorTask) -> list[FoundClass]:
        by_label: dict[str, list[str]] = {}
        for film, verdict in sorted(self.wrong[task.name].items()):
            label = verdict.label or f"not {task.expected_label}"
            by_label.setdefault(label, []).append(film)
        order = [*task.labels, *by_label]
        return [
            self._found_class(task, label, by_label[label])
            for label in dict.fromkeys(order)
            if label in by_label
        ]

    def _found_class(self, task: DetectorTask, label: str, some: Sequence[str]) -> FoundClass:
        known = self.verdicts[task.name]
        sources = Counter(known[film].decided_by.source.value for film in some)
        return FoundClass(
            label=label,
            films=len(some),
            corrected=len(self.proven.keys() & set(some)),
            refuted=len(self.refuted.keys() & set(some)),
            by_source=dict(sorted(sources.items())),
            pictures=self._pictures(some[:MOST_PICTURES]) if self.with_pictures else [],
        )

    def _pictures(self, some: Sequence[str]) -> list[Picture]:
        store = ThumbnailStore(self.workspace.thumbnails)
        thumbnails = store.read([self.archive[film].thumbnail_row for film in some])
        pictures = []
        for film_id, pixels in zip(some, thumbnails, strict=True):
            film, change = self.archive[film_id], self.proven.get(film_id)
            pictures.append(
                Picture(
                    short_id=short_id(film_id),
                    found=pixels,
                    width_px=film.width_px,
                    height_px=film.height_px,
                    corrected=None if change is None else change.apply(pixels, white=255),
                    turned=change is not None and change.turns_ccw % 2 == 1,
                )
            )
        return pictures


def _audited(workspace: Workspace, task: DetectorTask) -> tuple[Audited | None, str]:
    """Return the certificate, or why there is none."""
    if task.answer is AnswerKind.BOX:
        return None, "its answers are boxes, which make no film bad"
    if task.learnt_from is LearntFrom.RULE:
        return None, "a rule decides, and nothing is drawn at random for it"
    try:
        said = audit(workspace, task)
    except RadsieveError as error:
        return None, without_ids_and_paths(str(error)).removeprefix(f"{task.name}: ")
    return Audited(said.certificate, said.halved, said.course), ""
