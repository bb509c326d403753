"""Figures of a probe: how good its trainings are on held-out films."""

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
    """What is asked of the probe."""

    prevalence: float = ASSUMED_PREVALENCE
    """Share of bad films to reckon with, 0 to 1."""
    target: float = TARGET
    """Precision wanted where half of the films are bad, or share of good boxes; above 0, below 1.

    The share judged wrong that the curve aims at is what is left to 1. For films that is the same
    where misses are as common as false alarms.
    """

    @property
    def target_error(self) -> float:
        """Share judged wrong that the curve aims at."""
        return 1 - self.target


@dataclass(frozen=True, slots=True)
class Findings:
    """How good one way of learning is, every film held out once."""

    figures: Mapping[str, Any]
    """Plain values, with intervals."""
    learnable: Learnability
    review_per_100000: Figure
    """Films that a person has to look at, or correct, of 100,000."""


def view_findings(
    said: Sequence[SaidOfViews], patients: Sequence[str], left_out: Positions, question: Question
) -> Findings:
    """Return how well bad views are separated from good ones.

    Args:
        said: of a cross-validation.
        patients: one per film.
        left_out: films whose views do not count.
        question: target and prevalence.
    """
    parts = [one.without(left_out) for one in said]
    film = np.concatenate([one.film for one in parts])
    figures = binary_figures(
        np.concatenate([one.is_bad for one in parts]),
        np.concatenate([one.p_bad for one in parts]),
        [patients[one] for one in film],
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
    """Return how well boxes stand for those that people drew.

    Args:
        said: of a cross-validation.
        patients: one per film.
        size_px: shape (films, 2): width and height.
        question: the target; how rare bad films are does not matter here.
    """
    film = np.concatenate([one.film for one in said])
    figures = box_figures(
        np.concatenate([one.found for one in said]),
        np.concatenate([one.truth for one in said]),
        size_px[film],
        [patients[one] for one in film],
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    counts = [one.counts(left_out=np.zeros(0, dtype=np.int64))[0] for one in said]
    wrong, boxes = (sum(some) for some in zip(*counts, strict=True))
    good = clopper_pearson(boxes - wrong, boxes)
    return Findings(
        {**figures.as_json(), "boxes_good": asdict(good)},
        share_learnability("share of good boxes", good, question.target),
        correction_load(figures.films_good),
    )
