"""What the archive report says of the detector of a task: versions, figures and curves."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from backend.archive.core.film import Film
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.base.core.figures import Figure, share
from backend.certificate.core.curves import Curves, curves
from backend.certificate.core.estimates import ArchiveEstimate
from backend.certificate.loop.estimates import EstimatesAfter, estimates_over_time
from backend.detectors.adapters.versions.model_folder import known_learnt_from, read_card
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.detectors.adapters.versions.registry import (
    Publication,
    publication_history,
    published_version,
    versions,
)
from backend.export.core.report import (
    DetectorSection,
    Published,
    Stated,
    VersionRow,
    without_ids_and_paths,
)
from backend.labels.core.labels import LabelSource, Verdict

CURVE_SEED = 20180424
"""Of the bootstrap over patients: the same films give the same intervals."""
_DRAWN = "all films that were there at the first draw, from those drawn at random"
_SYNTHETIC = "sealed patients, each film made into every label (synthetic)"
_NAMES = {
    "recall": "Bad films found (recall)",
    "precision": "Flagged films that are bad (precision)",
    "false_positive_rate": "Good films flagged",
    "auprc": "Area under precision over recall",
    "auc": "Area under the ROC curve",
    "exact_label": "Exactly the right label",
    "mean_overlap": "Mean overlap of boxes",
    "corner_error_px": "Mean distance of corners",
    "films_fair": "Films with every box overlapping by half",
    "films_good": "Films with every box overlapping by 0.7",
}


def detector_facts(
    workspace: Workspace,
    task: DetectorTask,
    known: Mapping[str, Verdict],
    table: PredictionTable | None,
    archive: Mapping[str, Film],
) -> DetectorSection:
    """Return what is known of a detector.

    Args:
        workspace: the archive.
        task: the detector task.
        known: verdicts by radiograph id.
        table: what the version in use says of the archive.
        archive: films by radiograph id.
    """
    used = published_version(workspace.database, task.name)
    return DetectorSection(
        versions=list(_versions(workspace, task, used)),
        publications=list(_published(publication_history(workspace.database, task.name))),
        judged=list(_judged(workspace, task, used)) if used else [],
        estimates=list(_estimates(workspace, task)),
        curves=_curves(workspace, task, known, table, archive) if table else None,
        learnt_from_known=not used or known_learnt_from(workspace.models, used) is not None,
    )


def _estimates(workspace: Workspace, task: DetectorTask) -> Iterator[Stated]:
    """Yield what the films drawn at random say of the archive itself, after the last batch."""
    after = estimates_over_time(workspace, task)
    if not after:
        return
    last = after[-1]
    yield Stated("Bad films in the archive, found ones included", last.prevalence, _DRAWN)
    found = last.detector
    if found:
        on = _estimated_on(last, found)
        yield Stated("Flagged films that are bad (precision)", found.precision, on)
        yield Stated("Bad films that are flagged (recall)", found.recall, on)
        yield Stated("Area under precision over recall", found.auprc, on)


def _estimated_on(after: EstimatesAfter, found: ArchiveEstimate) -> str:
    """Return which films an estimate of a version is of."""
    version, then = after.model_version, "chose its first batch"
    which = f"{version} did not learn from and nobody had looked at when it {then}"
    if not after.learnt_from_known:
        which = f"nobody had looked at when {version} {then}, some of which it may have learnt from"
    return (
        f"{found.films:,} films that {which}; {found.looked:,} of them looked at since, "
        f"{found.drawn:,} drawn at random"
    )


def _versions(workspace: Workspace, task: DetectorTask, used: str | None) -> Iterator[VersionRow]:
    for one in versions(workspace.database, task.name):
        judged = one.judgement
        yield VersionRow(
            model_version=one.model_version,
            trained_at=one.trained_at,
            reviewer_labels=one.reviewer_labels,
            sealed_wrong=share(judged.get("sealed_errors", 0), judged.get("sealed_views", 0)),
            in_use=one.model_version == used,
        )


def _published(history: list[Publication]) -> Iterator[Published]:
    before: list[str] = []
    for one in history:
        version = one.model_version
        back = version in before and before[-1] != version
        yield Published(version, one.published_at, without_ids_and_paths(one.reason), back)
        before.append(version)


def _judged(workspace: Workspace, task: DetectorTask, version: str) -> Iterator[Stated]:
    """Yield the figures of a version's card; none where the card is gone or damaged."""
    try:
        found = read_card(workspace.models, version).figures.get(task.name, {})
    except UnknownModelVersionError:
        return
    views = f", {found['views']:,} views" if "views" in found else ""
    on = (
        f"{found.get('films', 0):,} films of {found.get('patients', 0):,} patients{views}; "
        f"{found.get('judged_on', _SYNTHETIC)}"
    )
    for key, name in _NAMES.items():
        values = found.get(key, found.get("binary", {}).get(key))
        if isinstance(values, Mapping):
            yield Stated(name, Figure(**values), on, "px" if key.endswith("_px") else "%")
    if "in_archive" in found:
        yield _expected_precision(found["in_archive"], on)


def _expected_precision(found: Mapping[str, Any], on: str) -> Stated:
    share = f"{100 * found['prevalence']:.2g} % bad films, {found['prevalence_source']}"
    return Stated(f"Precision to expect in the archive ({share})", Figure(**found["precision"]), on)


def _curves(
    workspace: Workspace,
    task: DetectorTask,
    known: Mapping[str, Verdict],
    table: PredictionTable,
    archive: Mapping[str, Film],
) -> Curves | None:
    """Return curves over the reviewed films of sealed patients who are new to the version."""
    if task.answer is not AnswerKind.CHOICE:
        return None
    patients = _patients_to_judge(workspace, table.model_version, archive)
    chosen = [
        film
        for film in sorted(known.keys() & archive.keys() & table.radiograph_ids)
        if known[film].decided_by.source is LabelSource.REVIEWER
        and archive[film].patient_key in patients
    ]
    if not chosen:
        return None
    expected = table.labels.index(task.expected_label)
    return curves(
        np.array([known[film].is_bad(task) for film in chosen]),
        1.0 - table.probabilities(chosen)[:, expected].astype(np.float64),
        [archive[film].patient_key for film in chosen],
        rng=np.random.default_rng(CURVE_SEED),
    )


def _patients_to_judge(
    workspace: Workspace, model_version: str, archive: Mapping[str, Film]
) -> frozenset[str]:
    """Return the sealed patients of whom a version learnt from no film, as far as that is known."""
    learnt_from = known_learnt_from(workspace.models, model_version) or frozenset()
    seen = {archive[film].patient_key for film in learnt_from & archive.keys()}
    return seal_of(workspace, list(archive.values())).patients - seen
