"""The report for a head of department, made from the workspace and written as one HTML page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from backend.archive.adapters.thumbnail_check import read_undamaged
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.base.adapters.database import utc_now
from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import ChangedEvidenceError, RadsieveError
from backend.base.core.pixel_change import PixelChange
from backend.certificate.loop.audit import ArchiveAudit, audit_archive
from backend.detectors.loop.proof import unproven
from backend.export.adapters.page.archive_page import archive_page
from backend.export.core.bias import BiasReport
from backend.export.core.facts import Basis
from backend.export.core.report import (
    MOST_PICTURES,
    ArchiveReport,
    FoundClass,
    NamedCutOff,
    Picture,
    Provenance,
    TaskReport,
    short_id,
)
from backend.export.core.rows import corrections_of, wrong_films
from backend.export.loop.bias import compare_losses, read_film_groups
from backend.export.loop.checked_lists import ChangedFilms, changed_films
from backend.export.loop.lists import COPY
from backend.export.loop.reading import ArchiveReading, read_archive, read_tables
from backend.export.loop.report_detector import CurveFilms, detector_section
from backend.export.loop.report_provenance import provenance
from backend.export.loop.report_reading import ReportReading, read_report
from backend.labels.core.labels import Verdict
from backend.review.core.meters import ReviewMeters


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
class ReportParts:
    """All that a report is made of, as plain values."""

    archive: ArchiveReading
    report: ReportReading
    refuted: Mapping[str, str]
    """Radiograph id -> why its correction does not pass."""
    changed: ChangedFilms
    """Bad films whose files are no longer what was indexed."""
    bias: BiasReport
    provenance: Provenance
    thumbnails: Path | None
    """Where small pictures of the films lie; None: the report shows none."""


def archive_report(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    *,
    at: str,
    with_pictures: bool = True,
) -> ArchiveReport:
    """Read the workspace and return the report; corrections and bias are those of an export now.

    Args:
        workspace: whose archive it is about.
        tasks: detector tasks by name.
        at: when it is made, UTC, ISO 8601.
        with_pictures: whether pictures of films are part of it.
    """
    engine, files, settings = workspace.database, workspace.detector_files, workspace.settings
    reading = read_archive(engine, workspace.seal_terms, tasks)
    tables = read_tables(files, reading)
    wrong = wrong_films(tasks, reading.verdicts())
    lost = {name: set(films) for name, films in wrong.items()}
    groups = read_film_groups(engine, settings, reading.films.values())
    audited = audit_or_problem(engine, tasks)
    report = read_report(engine, files, reading, tables, audited)
    parts = ReportParts(
        archive=reading,
        report=report,
        refuted=unproven(
            reading.proof_detectors(),
            reading.films.values(),
            corrections_of(wrong, tasks),
            files,
        ),
        changed=changed_films(engine, {film for found in lost.values() for film in found}),
        bias=compare_losses(tasks, lost, groups),
        provenance=provenance(reading, report, settings, workspace.secrets.archive_key, at=at),
        thumbnails=files.thumbnails if with_pictures else None,
    )
    return report_of(parts)


def audit_or_problem(
    engine: Engine, tasks: Mapping[str, DetectorTask]
) -> ArchiveAudit | RadsieveError:
    """Return the certificates of the archive, or the error that says why there are none.

    Raises:
        ChangedEvidenceError: the evidence is not as it was written down: nothing may be said.
    """
    try:
        return audit_archive(engine, tasks)
    except ChangedEvidenceError:
        raise
    except RadsieveError as error:
        return error


def report_of(parts: ReportParts) -> ArchiveReport:
    """Return the report made of these parts."""
    archive, tasks = parts.archive, parts.archive.tasks
    patients = {film.patient_key: film.patient_source for film in archive.films.values()}
    looks_for_copies = any(COPY in task.labels for task in tasks.values())
    wrong = _WrongFilms.of(parts)
    return ArchiveReport(
        films=len(archive.films),
        unreadable=parts.report.unreadable,
        copies=parts.report.second_copies if looks_for_copies else 0,
        patients=len(patients),
        patients_known_by=dict(sorted(Counter(patients.values()).items())),
        sealed_patients=len(archive.seal.patients),
        facts=parts.report.facts,
        refuted_films=len(wrong.refuted),
        changed_files=parts.changed.files,
        tasks=_numbered([_task_report(task, parts, wrong) for task in tasks.values()]),
        bias=parts.bias,
        provenance=parts.provenance,
    )


def _numbered(tasks: Sequence[TaskReport]) -> list[TaskReport]:
    """Replace reviewers' names by numbers: a pseudonym may still reveal the person."""
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


@dataclass(frozen=True, slots=True)
class _WrongFilms:
    """The films that are known to be wrong, and what becomes of them."""

    verdicts: Mapping[str, Mapping[str, Verdict]]
    """By detector task and radiograph id, of all films."""
    by_task: Mapping[str, Mapping[str, Verdict]]
    """The same of wrong films, for the detector tasks that choose a label."""
    proven: Mapping[str, PixelChange]
    """The corrections that will be listed, by radiograph id."""
    refuted: frozenset[str]
    """Radiograph ids of films that a detector still objects to when they are corrected."""
    films: Mapping[str, Film]
    """All films by radiograph id."""
    changed: frozenset[str]
    """Radiograph ids of films that no file holds any more."""
    thumbnails: ThumbnailStore | None
    """Small pictures of the films; None: the report shows none."""

    @classmethod
    def of(cls, parts: ReportParts) -> Self:
        tasks, verdicts = parts.archive.tasks, parts.archive.verdicts()
        by_task = wrong_films(tasks, verdicts)
        corrections = corrections_of(by_task, tasks)
        proven = {film: change for film, change in corrections.items() if film not in parts.refuted}
        store = ThumbnailStore(parts.thumbnails) if parts.thumbnails else None
        refuted = frozenset(parts.refuted)
        films, changed = parts.archive.films, parts.changed.films
        return cls(verdicts, by_task, proven, refuted, films, changed, store)


def _task_report(task: DetectorTask, parts: ReportParts, wrong: _WrongFilms) -> TaskReport:
    reading, known = parts.report.by_task[task.name], wrong.verdicts[task.name]
    archive = parts.archive
    curve_films = CurveFilms(known, reading.table, archive.films, archive.seal.patients)
    return TaskReport(
        name=task.name,
        title=task.display_name,
        question=task.question,
        expected_label=task.expected_label,
        facts=parts.report.facts.by_task[task.name],
        with_verdict=len(known),
        undecided=sum(verdict.needs_exact_class for verdict in known.values()),
        waiting=len(reading.waiting),
        found=_found(task, wrong, parts.report.bases[task.name])
        if task.answer is AnswerKind.CHOICE
        else [],
        audited=None if isinstance(reading.audited, str) else reading.audited,
        not_audited=reading.audited if isinstance(reading.audited, str) else "",
        meters=None if reading.meters.is_empty else reading.meters,
        detector=detector_section(reading.detector, task, curve_films),
        sums_up=task.sums_up,
        cut_offs=[
            NamedCutOff(task.words(one.label), one) for one in archive.by_task[task.name].cut_offs
        ],
    )


def _found(task: DetectorTask, wrong: _WrongFilms, bases: Mapping[str, Basis]) -> list[FoundClass]:
    by_label: dict[str | None, list[str]] = {}
    for film, verdict in sorted(wrong.by_task[task.name].items()):
        by_label.setdefault(verdict.label, []).append(film)
    order = dict.fromkeys([*task.labels, *by_label])
    return [
        _found_class(task, label, by_label[label], bases, wrong)
        for label in order
        if label in by_label
    ]


def _found_class(
    task: DetectorTask,
    label: str | None,
    films: Sequence[str],
    bases: Mapping[str, Basis],
    wrong: _WrongFilms,
) -> FoundClass:
    return FoundClass(
        label=label,
        called=task.called(label),
        films=len(films),
        corrected=len(wrong.proven.keys() & set(films)),
        refuted=len(wrong.refuted & set(films)),
        by_basis=Counter(bases[film] for film in films),
        pictures=_pictures([one for one in films if one not in wrong.changed], wrong),
    )


def _pictures(films: Sequence[str], wrong: _WrongFilms) -> list[Picture]:
    if wrong.thumbnails is None:
        return []
    shown = films[:MOST_PICTURES]
    thumbnails = read_undamaged(wrong.thumbnails, [wrong.films[film] for film in shown])
    pictures = []
    for film_id, pixels in zip(shown, thumbnails, strict=True):
        film, change = wrong.films[film_id], wrong.proven.get(film_id)
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
