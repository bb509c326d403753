"""Figures of a probe: how well its trainings judge held-out films."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import (
    Figure,
    binary_figures,
    clopper_pearson,
    precision_at_prevalence,
)
from backend.detectors.core.boxes.figures import box_figures
from backend.detectors.core.film_choice import Positions
from backend.detectors.core.probe.learnability import (
    TARGET,
    Learnability,
    correction_load,
    learnability,
    review_load,
    share_learnability,
)
from backend.detectors.loop.probe.box_learners import SaidOfBoxes
from backend.detectors.loop.probe.learners import SaidOfViews
from backend.detectors.loop.training.judge import ASSUMED_PREVALENCE, BOOTSTRAP_SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The target that a probe tests, and the share of bad films that it assumes."""

    prevalence: float = ASSUMED_PREVALENCE
    """Assumed share of bad films in the archive, 0 to 1."""
    target: float = TARGET
    """Precision wanted where half of the films are bad, or share of good boxes; above 0, below 1.

    The learning curve aims at an error of 1 - target. For films the two targets agree where misses
    are as common as false alarms.
    """

    @property
    def target_error(self) -> float:
        """Share judged wrong that the learning curve aims at."""
        return 1 - self.target


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures of one way of learning, from a cross-validation that holds out every film once."""

    figures: Mapping[str, Any]
    """Plain values, with intervals."""
    learnable: Learnability
    review_per_100000: Figure
    """Films of 100,000 that a person has to look at, or whose boxes a person has to correct."""


def view_findings(
    said: Sequence[SaidOfViews], patients: Sequence[str], left_out: Positions, question: Question
) -> Findings:
    """Return how well the predictions separate bad views from good ones.

    Args:
        said: the predictions of a cross-validation.
        patients: one per film.
        left_out: positions of films whose views do not count.
        question: target and prevalence.
    """
    counted = [part.without(left_out) for part in said]
    films = np.concatenate([part.film for part in counted])
    figures = binary_figures(
        np.concatenate([part.is_bad for part in counted]),
        np.concatenate([part.p_bad for part in counted]),
        [patients[film] for film in films],
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    at_prevalence = precision_at_prevalence(figures, question.prevalence)
    return Findings(
        {**figures.as_json(), "precision_at_prevalence": asdict(at_prevalence)},
        learnability(figures, question.target),
        review_load(figures, question.prevalence),
    )


def box_findings(
    said: Sequence[SaidOfBoxes],
    patients: Sequence[str],
    size_px: NDArray[np.int64],
    question: Question,
) -> Findings:
    """Return how well predicted boxes match those that people drew.

    Args:
        said: the predictions of a cross-validation.
        patients: one per film.
        size_px: shape (films, 2): width and height of the original films.
        question: the target; the prevalence of bad films plays no part.
    """
    films = np.concatenate([part.film for part in said])
    figures = box_figures(
        np.concatenate([part.predicted for part in said]),
        np.concatenate([part.truth for part in said]),
        size_px[films],
        [patients[film] for film in films],
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    counts = [part.counts(left_out=np.zeros(0, dtype=np.int64))[0] for part in said]
    wrong, boxes = (sum(column) for column in zip(*counts, strict=True))
    good = clopper_pearson(boxes - wrong, boxes)
    return Findings(
        {**figures.as_json(), "boxes_good": asdict(good)},
        share_learnability("share of good boxes", good, question.target),
        correction_load(figures.films_good),
    )
