"""The second question of a probe: does the archive have enough films to learn the task?

Both questions come from L. Oakden-Rayner's article (cited in docs/certificate.md).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from backend.base.core.limits import Toward, significant
from backend.detectors.core.probe.learning_curve import FEWEST_SIZES, CurveForecast, Needed


class Enough(StrEnum):
    """Whether the forecast says that the archive has enough films."""

    YES = "yes"
    """The archive has as many films as the upper 95 % limit of the number needed."""
    NO = "no"
    """The archive has fewer films than the lower 95 % limit of the number needed."""
    UNCLEAR = "unclear"
    """The number of films lies between the limits, or there are too few points for a forecast."""


_WORDS = {Enough.YES: "yes", Enough.NO: "no", Enough.UNCLEAR: "cannot be told"}


@dataclass(frozen=True, slots=True)
class Supply:
    """The films that a training could learn from."""

    what: str
    """The kind of films in words, such as `labelled films`."""
    films: int
    """Their number, without films of sealed patients."""
    mix: Mapping[str, float]
    """Label -> its share of these films; empty where no person labels films."""


@dataclass(frozen=True, slots=True)
class EnoughFilms:
    """Whether there are enough films, and how many are needed."""

    answer: Enough
    reason: str
    what: str
    """The kind of films that is counted, as in `Supply.what`."""
    there_are: int
    needed: Needed | None
    """None where there is no forecast."""
    by_label: Mapping[str, int]
    """Label -> films needed of it, if the labels stay mixed as they are now."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def enough_films(curve: CurveForecast | None, supply: Supply) -> EnoughFilms:
    """Compare the films that are needed with those that are there.

    Args:
        curve: the forecast of errors by number of films; None where only one size was trained.
        supply: the films that a training could learn from.
    """
    if curve is None:
        reason = "cannot be told: too few films for more than one size"
        return EnoughFilms(Enough.UNCLEAR, reason, supply.what, supply.films, None, {})
    answer, value = _answer(curve, supply.films), curve.needed.value
    by_label = {label: math.ceil(value * share) for label, share in supply.mix.items() if value}
    reason = f"{_WORDS[answer]}: {_reason(curve, supply, by_label)}"
    return EnoughFilms(answer, reason, supply.what, supply.films, curve.needed, by_label)


def _answer(curve: CurveForecast, films: int) -> Enough:
    low, high = curve.needed.low, curve.needed.high
    if len(curve.measured) < FEWEST_SIZES:
        return Enough.UNCLEAR
    if high is not None and high <= films:
        return Enough.YES
    surely_too_few = curve.horizon if low is None else low - 1
    return Enough.NO if films <= surely_too_few else Enough.UNCLEAR


def _reason(curve: CurveForecast, supply: Supply, by_label: Mapping[str, int]) -> str:
    value, low, high = (
        _count(count, curve) for count in (curve.needed.value, curve.needed.low, curve.needed.high)
    )
    parts = ", ".join(f"{count} {label}" for label, count in by_label.items())
    takes = f"{_percent(curve.target_error)} takes {value} {supply.what}"
    takes += f" ({parts})" if parts else ""
    takes += f", 95 % {low} to {high}" if low != high else ""
    there_are = f"there are {supply.films} to train on"
    return "; ".join([_now(curve), takes, there_are, *curve.doubts])


def _now(curve: CurveForecast) -> str:
    most = curve.measured[-1]
    error = curve.at[most]
    low, high = _percent(error.low, Toward.DOWN), _percent(error.high, Toward.UP)
    wrong = _percent(error.value or 0.0)
    return f"by the curve {wrong} wrong after {most} films (95 % {low} to {high})"


def _percent(share: float, toward: Toward = Toward.NEAREST) -> str:
    return f"{significant(100 * share, 2, toward)} %"


def _count(films: int | None, curve: CurveForecast) -> str:
    if films is None:
        return f"more than {curve.horizon}"
    return f"{films} or fewer" if films <= curve.measured[0] else f"{films}"
