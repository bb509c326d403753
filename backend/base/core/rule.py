"""Rules: labels that follow from a film's metadata and measures, without a network.

A check is a policy or a suspicion. Only a policy takes a film out before a person has looked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from backend.base.core.errors import InputFileError

CutOffs = Mapping[str, float]
"""Name -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """The values of one film that a rule may use."""

    age_years: float | None = None
    """None where no age is known; that is not age 0."""
    sex: str | None = None
    view_position: str | None = None
    width_px: int = 0
    height_px: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)
    """What was measured of the pixels, by name."""

    def number(self, name: str) -> float | None:
        """Return a measure by its name, or `age_years`; None where it is not known."""
        return self.age_years if name == "age_years" else self.measures.get(name)


class Force(StrEnum):
    """What follows when a check flags a film."""

    POLICY = "policy"
    """The film is excluded and nobody has to look: a person has decided so, by metadata such as age
    or by identity, such as a second file of the same picture."""
    SUSPICION = "suspicion"
    """A person has to look; until then the film is neither bad nor good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One number compared with one cut-off; a film beyond the cut-off gets a label."""

    label: str
    measure: str
    """As `FilmFacts.number` knows it."""
    cut_off: str
    """Its name in `radsieve.toml`."""
    default: float
    flags_above: bool
    """Whether more than the cut-off is wrong; otherwise less is. The cut-off itself is right."""
    meaning: str
    """What is compared, and which cut-off turns it off; one sentence for the user."""
    force: Force = Force.SUSPICION
    typical: float | None = None
    """The value of a film with nothing wrong, of a measure that compares a film with others; None:
    the median of the archive tells it."""

    def flags(self, facts: FilmFacts, cut_offs: CutOffs) -> bool | None:
        """Whether the film gets the label; None where the number is not known."""
        value, cut_off = facts.number(self.measure), cut_offs[self.cut_off]
        if value is None:
            return None
        return value > cut_off if self.flags_above else value < cut_off


@dataclass(frozen=True, slots=True)
class FilmRule:
    """A rule and the numbers it can be adjusted by."""

    decide: Callable[[FilmFacts, CutOffs], str | None]
    """Facts and cut-offs -> label; None where the rule cannot tell."""
    cut_offs: CutOffs
    """Name -> default; `radsieve.toml` may set others."""
    checks: tuple[Check, ...] = ()
    """What the rule is made of, for a report that shows the cut-offs; may be empty."""
    needs_pixels: bool = False
    """Whether it asks for measures of the pixels; otherwise a table of metadata is enough."""

    @property
    def suspects(self) -> bool:
        """Whether any of its checks is a suspicion, so that people review what it finds."""
        return any(check.force is Force.SUSPICION for check in self.checks)

    def is_policy(self, label: str) -> bool:
        """Whether a film to which the rule gives this label is excluded and nobody has to look.

        A rule without checks is a policy where it needs no pixels.
        """
        if not self.checks:
            return not self.needs_pixels
        return any(check.label == label and check.force is Force.POLICY for check in self.checks)

    def adjusted(self, task: str, given: CutOffs) -> dict[str, float]:
        """Return the cut-offs to use: those given, the defaults where none is.

        Raises:
            InputFileError: a name is misspelt.
        """
        unknown = [name for name in given if name not in self.cut_offs]
        if unknown:
            raise InputFileError(
                f"setting 'cut_offs.{task}.{unknown[0]}': there is no such cut-off; expected any "
                f"of {', '.join(self.cut_offs)}; correct the name in radsieve.toml"
            )
        return {**self.cut_offs, **given}


def rule_of_checks(
    checks: Sequence[Check], expected_label: str, *, needs_pixels: bool = False
) -> FilmRule:
    """Return the rule that gives the label of the first check that flags a film.

    It gives `expected_label` where none does, and cannot tell where no number is known at all.
    """
    return FilmRule(
        decide=partial(_first_flagged, tuple(checks), expected_label),
        cut_offs={check.cut_off: check.default for check in checks},
        checks=tuple(checks),
        needs_pixels=needs_pixels,
    )


def _first_flagged(
    checks: Sequence[Check], expected_label: str, facts: FilmFacts, cut_offs: CutOffs
) -> str | None:
    flagged = [check.flags(facts, cut_offs) for check in checks]
    if all(one is None for one in flagged):
        return None
    found = (check.label for check, one in zip(checks, flagged, strict=True) if one)
    return next(found, expected_label)
