"""Judge a detector learnt from answers: on sealed films that have one, and on a champion."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.adapters.detector import Detector, archive_pixels
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import binary_figures, clopper_pearson, expected_calibration_error
from backend.labels.core.labels import Verdict
from backend.loop.answered_films import AnsweredFilms
from backend.loop.judge import BOOTSTRAP_SEED, Judgement, SealedFigures, judge_by


def answered_figures(
    some: AnsweredFilms, probabilities: NDArray[np.floating[Any]], task: DetectorTask
) -> SealedFigures:
    """Return how well the labels of films are told.

    Args:
        some: films with a label each.
        probabilities: shape (films, labels), by a detector that was not trained on them.
        task: the detector task.
    """
    expected = task.labels.index(task.expected_label)
    is_bad = some.labels != expected
    p_bad = 1 - probabilities[:, expected]
    right = int((probabilities.argmax(axis=1) == some.labels).sum())
    false_alarms = some.only(~is_bad & (p_bad >= 0.5))
    return SealedFigures(
        films=len(some),
        patients=len(set(some.patients)),
        views=len(some),
        binary=binary_figures(
            is_bad, p_bad, some.patients, rng=np.random.default_rng(BOOTSTRAP_SEED)
        ),
        exact_label=clopper_pearson(right, len(some)),
        calibration_error=expected_calibration_error(probabilities, some.labels),
        suspects=[film.radiograph_id for film in false_alarms.films],
    )


def judge_answers(
    workspace: Workspace,
    task: DetectorTask,
    challenger: Detector,
    sealed: AnsweredFilms,
    confirmed: Mapping[str, Verdict],
) -> Judgement:
    """Judge a version against the one in use, both on the sealed films that have a label today.

    Those that one of the two learnt from, when they were not sealed yet, are left out.

    Args:
        workspace: the archive.
        task: the detector task.
        challenger: the version that wants to be published.
        sealed: labelled films of sealed patients; there may be none.
        confirmed: the reviewers' verdicts for this task, by radiograph id.
    """
    pixels, expected = archive_pixels(workspace), task.labels.index(task.expected_label)

    def errors(detector: Detector, left_out: Collection[str]) -> tuple[int, int]:
        some = sealed.without(left_out)
        if not len(some):
            return 0, 0
        p_bad = 1 - detector.of_archive(pixels, some.rows)[task.name][:, expected]
        wrong = (p_bad >= 0.5) != (some.labels != expected)
        return len(some), int(wrong.sum())

    return judge_by(workspace, task, challenger, errors, confirmed)
