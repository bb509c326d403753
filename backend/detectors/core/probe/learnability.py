"""The first question of a probe: can a network learn the task almost without errors?

L. Oakden-Rayner's article (cited in docs/certificate.md) asks for "an enormously high precision
[...], something like 99.9%", and measures it on films of which half are bad. So the precision is
computed for an archive in which half of the films are bad, whatever the share was among the films
that were measured. A film is called bad from probability 0.5.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from backend.base.core.figures import (
    CONFIDENCE,
    FROM_LIMITS,
    BinaryFigures,
    Figure,
    precision_at_prevalence,
)
from backend.base.core.limits import at_least, at_most

TARGET = 0.999
"""Precision that the article asks for."""
LEAST_RECALL = 0.99
"""Recall that is wanted as well, since a detector that flags almost nothing is precise and useless.
The article's detector had .994."""
LEAST_LOWER_LIMIT = 0.95
"""Lower limits below this mean that there are too few films: 72 films without an error reach it."""
LOAD_OF = 100_000
"""The review load is stated per this number of films."""
_PRECISION = "precision where half are bad"


class ProbeAdvice(StrEnum):
    """Whether the probe advises to train a detector for the task."""

    GO = "go"
    """The films agree with the target, and there are enough of them to say so."""
    NO_GO = "no-go"
    """The films rule the target out: an upper 95 % limit is below it."""
    UNCLEAR = "unclear"
    """The films do not rule the target out, and are too few to support it."""


@dataclass(frozen=True, slots=True)
class Learnability:
    """The advice, and the figures behind it."""

    answer: ProbeAdvice
    reason: str
    proven: bool
    """Whether even the lower 95 % limits reach the target."""
    to_prove: int
    """Number of views of each kind, all judged without an error, that prove the target."""
    rests_on: Mapping[str, Figure]
    """Name -> share that was compared with the target."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def learnability(figures: BinaryFigures, target: float) -> Learnability:
    """Compare held-out figures with the target precision.

    The advice is no-go where the upper limit of precision is below the target, or that of recall
    below `LEAST_RECALL`. Otherwise it is go, unless a lower limit is under `LEAST_LOWER_LIMIT`. A
    target below one of these two constants replaces it.

    Args:
        figures: those of views that no detector was trained on.
        target: precision wanted where half of the films are bad, above 0 and below 1.
    """
    precision = precision_at_prevalence(figures, 0.5)
    wanted = {_PRECISION: target, "recall": min(LEAST_RECALL, target)}
    return _compared({_PRECISION: precision, "recall": figures.recall}, wanted, target)


def share_learnability(what: str, share: Figure, target: float) -> Learnability:
    """Compare one held-out share with the target.

    Args:
        what: the share's name, such as `share of good boxes`.
        share: its value and 95 % interval.
        target: share that is wanted, above 0 and below 1.
    """
    return _compared({what: share}, {what: target}, target)


def disputed(without: Learnability, among_them: Learnability, films: int) -> Learnability:
    """Return the advice where it may depend on films that look bad before any change is made.

    Nobody has looked at these films. Either they are bad, and the detector is right about them, or
    they are its errors.

    Args:
        without: the advice without these films.
        among_them: the advice if they are errors.
        films: the number of these films.
    """
    if without.answer is among_them.answer:
        return without
    reason = (
        f"{without.answer} without the {films} films that look bad as they are, "
        f"{among_them.answer} if nothing is wrong with them: look at them"
    )
    return replace(without, answer=ProbeAdvice.UNCLEAR, reason=reason, proven=False)


def views_to_prove(target: float) -> int:
    """Return how many views without an error bring the exact lower limit up to the target.

    Args:
        target: precision wanted, above 0 and below 1.

    >>> views_to_prove(0.999)
    3688
    """
    tail = (1 - CONFIDENCE) / 2
    return math.ceil(math.log(tail) / math.log(target))


def review_load(figures: BinaryFigures, prevalence: float) -> Figure:
    """Return how many of `LOAD_OF` films a detector would flag for a person to look at.

    Args:
        figures: those of views that no detector was trained on.
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


def correction_load(good: Figure) -> Figure:
    """Return how many of `LOAD_OF` films a person would have to correct.

    Args:
        good: share of films that need no correction.
    """
    value = None if good.value is None else LOAD_OF * (1 - good.value)
    return Figure(value, LOAD_OF * (1 - good.high), LOAD_OF * (1 - good.low), good.interval)


def _compared(
    shares: Mapping[str, Figure], wanted: Mapping[str, float], target: float
) -> Learnability:
    answer, reason = _advice(shares, wanted, target)
    return Learnability(
        answer=answer,
        reason=reason,
        proven=all(share.low >= wanted[name] for name, share in shares.items()),
        to_prove=views_to_prove(target),
        rests_on=shares,
    )


def _under(name: str, high: float, wanted: float) -> str:
    """Say that a figure is under what is wanted, with as many digits as show that."""
    shown = (at_most(high, digits) for digits in range(4, 16))
    most = next((text for text in shown if float(text) < wanted), f"{high}")
    return f"{name} is at most {most}, under {wanted:g}"


def _advice(
    shares: Mapping[str, Figure], wanted: Mapping[str, float], target: float
) -> tuple[ProbeAdvice, str]:
    for name, share in shares.items():
        if share.high < wanted[name]:
            return ProbeAdvice.NO_GO, _under(name, share.high, wanted[name])
    worst = min(shares, key=lambda name: shares[name].low)
    if shares[worst].low < min(LEAST_LOWER_LIMIT, target):
        return ProbeAdvice.UNCLEAR, (
            f"too few films to tell: {target:g} is possible, "
            f"but so is a {worst} of {at_least(shares[worst].low, 4)}"
        )
    return ProbeAdvice.GO, f"the films agree with a target of {target:g}"
