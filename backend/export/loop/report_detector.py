"""What the archive report says of the detector of a task: versions, figures and curves."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.archive.core.film import Film
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.figures import Figure, share
from backend.certificate.core.curves import Curves, curves
from backend.certificate.core.estimates import ArchiveEstimate
from backend.certificate.loop.estimates import EstimatesAfter
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.detectors.adapters.versions.registry import Publication
from backend.export.core.report import (
    DetectorSection,
    Published,
    Stated,
    VersionRow,
    without_ids_and_paths,
)
from backend.export.loop.report_reading import DetectorReading
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


@dataclass(frozen=True, slots=True)
class CurveFilms:
    """The films that the curves of a detector are drawn from."""

    verdicts: Mapping[str, Verdict]
    """By radiograph id."""
    table: PredictionTable | None
    """What the version in use predicts."""
    archive: Mapping[str, Film]
    """Films by radiograph id."""
    sealed_patients: frozenset[str]
    """By patient key."""


def detector_section(
    reading: DetectorReading, task: DetectorTask, films: CurveFilms
) -> DetectorSection:
    """Return what the report says of a detector.

    Args:
        reading: what is on record for it.
        task: the detector task.
        films: what its curves are drawn from.
    """
    return DetectorSection(
        versions=list(_versions(reading)),
        publications=list(_published(reading.publications)),
        judged=list(_judged(reading.card_figures)),
        estimates=list(_estimates(reading.estimates)),
        curves=_curves(task, films, reading.learnt_from or frozenset()),
        learnt_from_known=not reading.in_use or reading.learnt_from is not None,
    )


def _estimates(after: Sequence[EstimatesAfter]) -> Iterator[Stated]:
    """Yield estimates for the archive from the films drawn at random, after the last batch."""
    if not after:
        return
    last = after[-1]
    yield Stated("Bad films in the archive, found ones included", last.prevalence, _DRAWN)
    estimate = last.detector
    if estimate:
        on = _estimated_on(last, estimate)
        yield Stated("Flagged films that are bad (precision)", estimate.precision, on)
        yield Stated("Bad films that are flagged (recall)", estimate.recall, on)
        yield Stated("Area under precision over recall", estimate.auprc, on)


def _estimated_on(after: EstimatesAfter, estimate: ArchiveEstimate) -> str:
    """Return which films an estimate of a version is of."""
    version, then = after.model_version, "chose its first batch"
    which = f"{version} did not learn from and nobody had looked at when it {then}"
    if not after.learnt_from_known:
        which = f"nobody had looked at when {version} {then}, some of which it may have learnt from"
    return (
        f"{estimate.films:,} films that {which}; {estimate.looked:,} of them looked at since, "
        f"{estimate.drawn:,} drawn at random"
    )


def _versions(reading: DetectorReading) -> Iterator[VersionRow]:
    for version in reading.versions:
        judged = version.judgement
        yield VersionRow(
            model_version=version.model_version,
            trained_at=version.trained_at,
            reviewer_labels=version.reviewer_labels,
            sealed_wrong=share(judged.get("sealed_errors", 0), judged.get("sealed_views", 0)),
            in_use=version.model_version == reading.in_use,
        )


def _published(history: Sequence[Publication]) -> Iterator[Published]:
    before: list[str] = []
    for publication in history:
        version = publication.model_version
        back = version in before and before[-1] != version
        yield Published(
            version, publication.published_at, without_ids_and_paths(publication.reason), back
        )
        before.append(version)


def _judged(figures: Mapping[str, Any]) -> Iterator[Stated]:
    """Yield the figures of a version's card; none where the card is gone or damaged."""
    views = f", {figures['views']:,} views" if "views" in figures else ""
    on = (
        f"{figures.get('films', 0):,} films of {figures.get('patients', 0):,} patients{views}; "
        f"{figures.get('judged_on', _SYNTHETIC)}"
    )
    for key, name in _NAMES.items():
        values = figures.get(key, figures.get("binary", {}).get(key))
        if isinstance(values, Mapping):
            yield Stated(name, Figure(**values), on, "px" if key.endswith("_px") else "%")
    if "in_archive" in figures:
        yield _expected_precision(figures["in_archive"], on)


def _expected_precision(expected: Mapping[str, Any], on: str) -> Stated:
    share = f"{100 * expected['prevalence']:.2g} % bad films, {expected['prevalence_source']}"
    return Stated(
        f"Precision to expect in the archive ({share})", Figure(**expected["precision"]), on
    )


def _curves(task: DetectorTask, films: CurveFilms, learnt_from: Collection[str]) -> Curves | None:
    """Return curves over reviewed films of sealed patients from whom the version learnt nothing."""
    known, archive, table = films.verdicts, films.archive, films.table
    if table is None or task.answer is not AnswerKind.CHOICE:
        return None
    patients = films.sealed_patients - {
        archive[film].patient_key for film in learnt_from if film in archive
    }
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
