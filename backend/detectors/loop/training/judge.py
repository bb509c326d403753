"""Judge a model version on sealed films and confirmed labels, against the version in use."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import (
    BinaryFigures,
    Figure,
    binary_figures,
    clopper_pearson,
    expected_calibration_error,
    precision_at_prevalence,
)
from backend.detectors.adapters.detector import Detector, FilmPixels, archive_pixels
from backend.detectors.adapters.training.pixel_baseline import PixelBaseline
from backend.detectors.adapters.versions.model_folder import known_learnt_from
from backend.detectors.core.champion import Record, decide
from backend.detectors.core.training_result import Judgement
from backend.detectors.loop.training.answered_films import AnsweredFilms
from backend.detectors.loop.training.made_films import FilmSet
from backend.labels.core.labels import LabelSource, Verdict

ASSUMED_PREVALENCE = 0.001
"""Bad films among all, where none is confirmed: 51 + 62 of 112,120 in NIH ChestX-ray14."""
BOOTSTRAP_SEED = 20180424

Predictor = Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]]
"""Thumbnails of shape (films, 256, 256) -> probabilities of shape (films, labels)."""

OnSealed = Callable[[Detector, Collection[str]], tuple[int, int]]
"""Returns how many sealed views a detector was asked about, and how many it got wrong. Films of the
given radiograph ids are left out, because one of the judged versions has learnt from them."""


@dataclass(frozen=True, slots=True)
class Contest:
    """A version that wants to be published, what it is judged against, and the archive."""

    database: Engine
    files: DetectorFiles
    challenger: Detector
    champion: Detector | None
    """The version in use; None where there is none that can be read."""

    def learnt_from(self) -> set[str]:
        """Return the films that one of the two learnt from, as far as that is known."""
        both = [detector.model_version for detector in (self.challenger, self.champion) if detector]
        known = (known_learnt_from(self.files.models, version) for version in both)
        return {film for films_known in known for film in films_known or ()}


@dataclass(frozen=True, slots=True)
class SealedFigures:
    """How a predictor does on sealed films, each made once into each label."""

    films: int
    patients: int
    views: int
    binary: BinaryFigures
    exact_label: Figure
    """Share of views given exactly the right label."""
    calibration_error: float
    suspects: Sequence[str]
    """Films taken to be good that it calls bad as they are; they are counted as its errors."""

    @property
    def errors(self) -> int:
        """Views judged wrong at probability 0.5."""
        return self.binary.errors

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"errors": self.errors}


def sealed_figures(predict: Predictor, sealed: FilmSet, task: DetectorTask) -> SealedFigures:
    """Return how well a predictor recognises the labels of made views of sealed films."""
    changes = [task.made_by[label] for label in task.labels]
    probabilities = np.concatenate(
        [predict(change.apply(sealed.thumbnails, white=255)) for change in changes]
    )
    truth = np.repeat(np.arange(len(task.labels)), len(sealed))
    expected = task.labels.index(task.expected_label)
    p_bad = 1 - probabilities[:, expected]
    as_they_are = p_bad[truth == expected]
    right = int((probabilities.argmax(axis=1) == truth).sum())
    return SealedFigures(
        films=len(sealed),
        patients=len(set(sealed.patients)),
        views=len(truth),
        binary=binary_figures(
            truth != expected,
            p_bad,
            list(sealed.patients) * len(task.labels),
            rng=np.random.default_rng(BOOTSTRAP_SEED),
        ),
        exact_label=clopper_pearson(right, len(truth)),
        calibration_error=expected_calibration_error(probabilities, truth),
        suspects=sealed.only(as_they_are >= 0.5).radiograph_ids,
    )


def predictor(detector: Detector, task: DetectorTask) -> Predictor:
    """Return one head of a detector as a function."""
    return lambda thumbnails: detector.probabilities(thumbnails)[task.name]


def baseline_figures(training: FilmSet, sealed: FilmSet, task: DetectorTask) -> SealedFigures:
    """Return how logistic regression on 16 x 16 pixels does, learnt from the same films."""
    return sealed_figures(PixelBaseline(task, training.thumbnails).probabilities, sealed, task)


def judge(
    contest: Contest, task: DetectorTask, sealed: FilmSet, confirmed: Mapping[str, Verdict]
) -> Judgement:
    """Judge a version against the one in use, if there is one, both on the same films of today.

    Sealed films that one of the two learnt from, when they were not sealed yet, are left out.

    Args:
        contest: the versions.
        task: the head to judge.
        sealed: sealed films, corrected.
        confirmed: the reviewers' verdicts for this task, by radiograph id.
    """

    def made_views(detector: Detector, left_out: Collection[str]) -> tuple[int, int]:
        judged = sealed.only(~np.isin(sealed.radiograph_ids, list(left_out)))
        if not len(judged):
            return 0, 0
        figures = sealed_figures(predictor(detector, task), judged, task)
        return figures.views, figures.errors

    return judge_by(contest, task, made_views, confirmed)


def judge_by(
    contest: Contest, task: DetectorTask, on_sealed: OnSealed, confirmed: Mapping[str, Verdict]
) -> Judgement:
    """Judge a version as `judge` does, sealed views counted in any way.

    Args:
        contest: the versions.
        task: the head to judge.
        on_sealed: counts sealed views.
        confirmed: the reviewers' verdicts for this task, by radiograph id.
    """
    left_out, champion = contest.learnt_from(), contest.champion
    pixels = archive_pixels(contest.files)
    asked = [film for film in films(contest.database) if film.radiograph_id in confirmed]

    def record(detector: Detector) -> Record:
        said = _predicted(detector, task, pixels, asked)
        return _record(task, on_sealed(detector, left_out), said, confirmed)

    mine, theirs = record(contest.challenger), record(champion) if champion else None
    return Judgement(
        **asdict(decide(mine, theirs)),
        champion=champion.model_version if champion else None,
        sealed_views=mine.sealed_views,
        sealed_errors=mine.sealed_errors,
        champion_sealed_errors=theirs.sealed_errors if theirs else None,
        confirmed_bad=len(_bad(confirmed, task)),
        confirmed_found=len(mine.found),
        contradicted=sorted(mine.contradicted),
    )


def confirmed_verdicts(known: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return those of one detector task that a reviewer decided."""
    return {
        film: verdict
        for film, verdict in known.items()
        if verdict.decided_by.source is LabelSource.REVIEWER
    }


def precision_in_archive(
    figures: BinaryFigures, confirmed_bad: int, archive_films: int
) -> dict[str, Any]:
    """Return the precision to expect in the archive, with the prevalence it rests on."""
    counted = confirmed_bad / archive_films
    assumed = counted < ASSUMED_PREVALENCE
    prevalence = ASSUMED_PREVALENCE if assumed else counted
    source = "assumed" if assumed else "confirmed bad films, so at least this"
    return {
        "prevalence": prevalence,
        "prevalence_source": source,
        "precision": asdict(precision_at_prevalence(figures, prevalence)),
    }


@dataclass(frozen=True, slots=True)
class _Said:
    label: str
    flagged: bool


def _predicted(
    detector: Detector, task: DetectorTask, pixels: FilmPixels, asked: Sequence[Film]
) -> dict[str, _Said]:
    """Return the predicted label of films as they are in the archive."""
    expected = task.labels.index(task.expected_label)
    said = {}
    for some in in_chunks(asked, 1024):
        rows = [film.thumbnail_row for film in some]
        probabilities = detector.of_archive(pixels, rows)[task.name]
        for film, row in zip(some, probabilities, strict=True):
            label = task.labels[int(row.argmax())]
            said[film.radiograph_id] = _Said(label, bool(1 - row[expected] >= 0.5))
    return said


def _record(
    task: DetectorTask,
    on_sealed: tuple[int, int],
    said: Mapping[str, _Said],
    confirmed: Mapping[str, Verdict],
) -> Record:
    views, errors = on_sealed
    bad = _bad(confirmed, task)
    return Record(
        sealed_views=views,
        sealed_errors=errors,
        found=frozenset(film for film in bad & said.keys() if said[film].flagged),
        contradicted=frozenset(
            film for film, one in said.items() if _rules_out(confirmed[film], one.label)
        ),
    )


def _bad(confirmed: Mapping[str, Verdict], task: DetectorTask) -> set[str]:
    return {film for film, verdict in confirmed.items() if verdict.is_bad(task)}


def _rules_out(verdict: Verdict, label: str) -> bool:
    return label in verdict.denied or verdict.label not in (None, label)


def answered_figures(
    judged: AnsweredFilms, probabilities: NDArray[np.floating[Any]], task: DetectorTask
) -> SealedFigures:
    """Return how well a detector predicts the labels of films.

    Args:
        judged: films with a label each.
        probabilities: shape (films, labels), by a detector that was not trained on them.
        task: the detector task.
    """
    expected = task.labels.index(task.expected_label)
    is_bad = judged.labels != expected
    p_bad = 1 - probabilities[:, expected]
    right = int((probabilities.argmax(axis=1) == judged.labels).sum())
    false_alarms = judged.only(~is_bad & (p_bad >= 0.5))
    return SealedFigures(
        films=len(judged),
        patients=len(set(judged.patients)),
        views=len(judged),
        binary=binary_figures(
            is_bad, p_bad, judged.patients, rng=np.random.default_rng(BOOTSTRAP_SEED)
        ),
        exact_label=clopper_pearson(right, len(judged)),
        calibration_error=expected_calibration_error(probabilities, judged.labels),
        suspects=[film.radiograph_id for film in false_alarms.films],
    )


def judge_answers(
    contest: Contest, task: DetectorTask, sealed: AnsweredFilms, confirmed: Mapping[str, Verdict]
) -> Judgement:
    """Judge a version against the one in use, both on the sealed films that have a label today.

    Those that one of the two learnt from, when they were not sealed yet, are left out.

    Args:
        contest: the versions.
        task: the detector task.
        sealed: labelled films of sealed patients; there may be none.
        confirmed: the reviewers' verdicts for this task, by radiograph id.
    """
    pixels, expected = archive_pixels(contest.files), task.labels.index(task.expected_label)

    def errors(detector: Detector, left_out: Collection[str]) -> tuple[int, int]:
        judged = sealed.without(left_out)
        if not len(judged):
            return 0, 0
        p_bad = 1 - detector.of_archive(pixels, judged.rows)[task.name][:, expected]
        wrong = (p_bad >= 0.5) != (judged.labels != expected)
        return len(judged), int(wrong.sum())

    return judge_by(contest, task, errors, confirmed)
