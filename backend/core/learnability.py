"""The article's two questions: is it embarrassingly learnable, and is there enough data?

The article asks for "an enormously high precision [...], something like 99.9%", and measures it on
films of which half are bad. So the precision compared with the target is the one where half of the
films are bad, whatever the share was among the films that were measured. A film is called bad from
probability 0.5.
"""

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from backend.core.learning_curve import Forecast
from backend.core.metrics import (
    CONFIDENCE,
    FROM_LIMITS,
    BinaryFigures,
    Figure,
    precision_at_prevalence,
)

TARGET = 0.999
"""Precision the article asks for."""
LEAST_RECALL = 0.99
"""A detector that calls next to nothing bad is precise and useless; the article's found .994."""
LEAST_LOWER_LIMIT = 0.95
"""With lower limits under this the films are too few to tell: 72 without an error get there."""
LOAD_OF = 100_000
"""Review load is stated per so many films."""


class Answer(StrEnum):
    """What the probe advises."""

    GO = "go"
    """The films agree with the target, and there are enough of them to say so."""
    NO_GO = "no-go"
    """The films rule the target out: the upper 95 % limit is below it."""
    UNCLEAR = "unclear"
    """The films neither rule the target out nor come close to showing it."""


@dataclass(frozen=True, slots=True)
class Learnability:
    """The advice and what it rests on."""

    answer: Answer
    reason: str
    proven: bool
    """Even the lower 95 % limit of precision reaches the target."""
    views_to_prove: int
    """Bad and good views, so many of each, that prove the target if none are judged wrong."""
    precision: Figure
    """Where half of the films are bad."""
    recall: Figure

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def learnability(figures: BinaryFigures, target: float) -> Learnability:
    """Compare held-out figures with the target precision.

    No-go where the upper limit of precision is below the target, or that of recall below
    `LEAST_RECALL`. Otherwise go, unless a lower limit is under `LEAST_LOWER_LIMIT`.

    Args:
        figures: of views no detector was trained on.
        target: precision wanted where half of the films are bad, 0 to 1.
    """
    precision, recall = precision_at_prevalence(figures, 0.5), figures.recall
    answer, reason = _advice(precision, recall, target)
    return Learnability(
        answer=answer,
        reason=reason,
        proven=precision.low >= target,
        views_to_prove=views_to_prove(target),
        precision=precision,
        recall=recall,
    )


def views_to_prove(target: float) -> int:
    """Return how many views without an error put the exact lower limit at the target.

    >>> views_to_prove(0.999)
    3688
    """
    tail = (1 - CONFIDENCE) / 2
    return math.ceil(math.log(tail) / math.log(target))


def review_load(figures: BinaryFigures, prevalence: float) -> Figure:
    """Return how many of `LOAD_OF` films a detector would flag for a person to look at.

    Args:
        figures: of views no detector was trained on.
        prevalence: share of bad films in the archive, 0 to 1.
    """

    def flagged(recall: float, false_positive_rate: float) -> float:
        return LOAD_OF * (recall * prevalence + false_positive_rate * (1 - prevalence))

    recall, rate = figures.recall, figures.false_positive_rate
    known = recall.value is not None and rate.value is not None
    return Figure(
        flagged(recall.value or 0.0, rate.value or 0.0) if known else None,
        flagged(recall.low, rate.low),
        flagged(recall.high, rate.high),
        FROM_LIMITS,
    )


def enough_films(curve: Forecast | None, films: int) -> str:
    """Answer the second question in a sentence.

    Args:
        curve: None where there was only one size.
        films: that there are.
    """
    if curve is None:
        return "cannot be told: too few films for more than one size"
    needed = curve.needed
    error = f"{curve.target_error:.2%} wrong"
    if needed.value is None:
        answer = f"no: {error} is not within {curve.horizon} films"
    else:
        yes = "yes" if needed.value <= films else "no"
        answer = f"{yes}: about {needed.value} films for {error}"
    low = f"{needed.low}" if needed.low else f"more than {curve.horizon}"
    high = f"{needed.high}" if needed.high else f"more than {curve.horizon}"
    limits = f" (95 % {low} to {high})" if low != high else ""
    doubts = "" if curve.reliable else f"; not to be relied on: {', and '.join(curve.doubts)}"
    return f"{answer}{limits}{doubts}"


def _advice(precision: Figure, recall: Figure, target: float) -> tuple[Answer, str]:
    if precision.high < target:
        return Answer.NO_GO, f"precision is at most {precision.high:.4f}, under {target:g}"
    if recall.high < LEAST_RECALL:
        return Answer.NO_GO, f"recall is at most {recall.high:.4f}, under {LEAST_RECALL:g}"
    lowest = min(precision.low, recall.low)
    if lowest < LEAST_LOWER_LIMIT:
        return Answer.UNCLEAR, (
            f"too few films to tell: a precision of {target:g} is possible, "
            f"but so is a precision or recall of {lowest:.4f}"
        )
    return Answer.GO, f"the films agree with a precision of {target:g}"
