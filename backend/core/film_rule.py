"""Rules: answers that follow from what is known and measured of a film, without a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What a rule may ask about one film."""

    age_years: float | None = None
    """None where no age is known; that is not age 0."""
    sex: str | None = None
    view_position: str | None = None
    width_px: int = 0
    height_px: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)
    """What was measured of the pixels, by name."""


@dataclass(frozen=True, slots=True)
class FilmRule:
    """A rule and the numbers it can be adjusted by."""

    decide: Callable[[FilmFacts, Mapping[str, float]], str | None]
    """Facts and cut-offs -> label; None where the rule cannot tell."""
    cut_offs: Mapping[str, float]
    """Name -> default; `radsieve.toml` may set others."""
