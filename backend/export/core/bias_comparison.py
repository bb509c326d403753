"""Compare one group of films with the rest: rates, intervals, and the p-value of its losses."""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.base.core.figures import CONFIDENCE, Figure, difference, share
from backend.base.core.limits import share_limits
from backend.base.core.words import listed
from backend.export.core.bias_groups import ComparedGroup, GroupName

KATZ = "log (Katz 1978)"
LEAST_LOST = 2
"""A group that lost fewer films than this is never reported as having lost most."""
_LEAST_PATIENTS = 5
"""Films of fewer patients tell about these patients, not about a group."""

Counts = tuple[int, int, int, int]
"""Films excluded and all films of a group, then the same of the rest."""


class Comparability(StrEnum):
    """The result of a comparison."""

    FINE = "fine"
    LOSES_TOO_MUCH = "loses too much"
    TOO_SMALL = "too small to tell"
    LOST_MOST = "lost all or most, too small to tell"
    """The films are too few for a test, so a person has to look: see `compare`."""
    EXPECTED = "meant to be told apart"
    """The detector task asks for this attribute, so its losses are expected to differ."""
    POLICY = "policy"
    """A rule that a person has set on metadata or identity excludes these films."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A group loses too much when it is beyond the first three of these limits."""

    ratio: float = 2.0
    """The group's exclusion rate is more than this multiple of the rest's."""
    least_excluded: int = 5
    """The group has at least this number of excluded films."""
    level: float = 0.05
    """The adjusted p-value is below this, 0 to 1."""
    least_films: int = 20
    """Groups with fewer films are too small to test."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The films that one detector task, or a rule, excludes."""

    detector_task: str
    excluded: NDArray[np.bool_]
    """Shape (films,): whether a film is excluded."""
    meant_for: Collection[str] = ()
    """Attributes that the detector task is meant to distinguish: its losses may differ by them."""
    is_policy: bool = False
    title: str = ""
    """The detector task's name for people; empty: `detector_task`."""

    def is_meant_for(self, names: Sequence[GroupName]) -> bool:
        """Whether the task is meant to distinguish every attribute that a group is named by."""
        return all(name.attribute in self.meant_for for name in names)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group compared with the rest of the archive, or with the rest of its source."""

    detector_task: str
    attribute: str
    group: str
    also: Sequence[GroupName]
    """Further names of the group, from other attributes whose groups hold the same films."""
    within: GroupName | None
    """The source whose other films are the rest; None: the rest is all other films."""
    films: int
    excluded: int
    rest_films: int
    rest_excluded: int
    rate: Figure
    rest_rate: Figure
    ratio: Figure
    """The group's rate over the rest's; no value where the rest lost nothing."""
    difference: Figure
    """The group's rate minus the rest's."""
    chance: float | None
    """One-sided p-value of the exclusions in the group; None: not tested."""
    adjusted: float | None
    """The p-value adjusted for the number of tests (Holm); None: not tested."""
    finding: Comparability
    title: str = ""
    """The detector task's name for people; empty: `detector_task`."""

    @property
    def called(self) -> str:
        """The detector task's name for people."""
        return self.title or self.detector_task

    @property
    def named(self) -> str:
        """The group by all of its names: `age 0-4 (age group under 18)`."""
        first, *more = _by_value([GroupName(self.attribute, self.group), *self.also])
        return f"{first} ({', '.join(more)})" if more else first

    def sentence(self) -> str:
        """Return the comparison as a sentence."""
        within = f" with {self.within.attribute} {self.within.group}" if self.within else ""
        return (
            f"{self.called} excludes {self.excluded} of {self.films} films "
            f"({_percent(self.rate)}) with {self.named}, and "
            f"{self.rest_excluded} of {self.rest_films} others{within} ({_percent(self.rest_rate)})"
        )

    def as_json(self) -> dict[str, object]:
        """Return plain values; a ratio without an upper limit has none."""
        high = self.ratio.high if math.isfinite(self.ratio.high) else None
        ratio = asdict(self.ratio) | {"high": high}
        return asdict(self) | {"ratio": ratio, "finding": self.finding.value}


def compare(
    exclusions: Exclusions,
    films: ComparedGroup,
    patient_of_film: NDArray[np.int64],
    limits: Limits,
) -> Comparison:
    """Compare a group's losses with the rest's; the p-value is not adjusted yet.

    A group that is too small to test, or that leaves too small a rest, has lost most where it lost
    at least `LEAST_LOST` films, and either all of its films while the rest kept some, or more than
    half of them and more than `limits.ratio` times the rest's share.

    Args:
        exclusions: the films that a detector task excludes.
        films: the group and the rest.
        patient_of_film: shape (films,): a number for each patient, from zero.
        limits: which groups are too small.
    """
    tables = films_and_patients(films, exclusions.excluded, patient_of_film)
    counts, _ = tables
    excluded, inside, rest_excluded, rest = counts
    own, others = share(excluded, inside), share(rest_excluded, rest)
    finding = _why_untested(exclusions, films.names, tables, limits)
    first, *also = films.names
    return Comparison(
        detector_task=exclusions.detector_task,
        title=exclusions.title,
        attribute=first.attribute,
        group=first.group,
        also=also,
        within=films.within,
        films=inside,
        excluded=excluded,
        rest_films=rest,
        rest_excluded=rest_excluded,
        rate=own.figure,
        rest_rate=others.figure,
        ratio=ratio_of_shares(*counts),
        difference=difference(own, others),
        chance=max(map(chance_of, tables)) if finding is Comparability.FINE else None,
        adjusted=None,
        finding=finding,
    )


def films_and_patients(
    films: ComparedGroup, excluded: NDArray[np.bool_], patient_of_film: NDArray[np.int64]
) -> tuple[Counts, Counts]:
    """Count films, and patients with such films; a patient may count in the group and the rest."""
    inside, rest = films.inside, films.rest
    parts = (inside & excluded, inside, rest & excluded, rest)
    a, b, c, d = (int(part.sum()) for part in parts)
    e, f, g, h = (int(np.count_nonzero(np.bincount(patient_of_film[part]))) for part in parts)
    return (a, b, c, d), (e, f, g, h)


def chance_of(counts: Counts) -> float:
    """Return the p-value of the hits in the group (Fisher's exact test, one-sided: more hits)."""
    hits, of, rest_hits, rest_of = counts
    return float(stats.hypergeom.sf(hits - 1, of + rest_of, hits + rest_hits, of))


def ratio_of_shares(hits: int, of: int, rest_hits: int, rest_of: int) -> Figure:
    """Return the first share over the second, with Katz's interval where neither is zero."""
    if not of or not rest_of or not rest_hits:
        return Figure(None, 0.0, math.inf, KATZ)
    risk = stats.contingency.relative_risk(hits, of, rest_hits, rest_of)
    if not hits:
        return Figure(0.0, 0.0, math.inf, KATZ)
    limits = risk.confidence_interval(CONFIDENCE)
    return Figure(float(risk.relative_risk), float(limits.low), float(limits.high), KATZ)


def judged(comparison: Comparison, adjusted: float | None, limits: Limits) -> Comparison:
    """Return a comparison with its adjusted p-value, and whether the group loses too much.

    Args:
        comparison: of `compare`.
        adjusted: the p-value adjusted for the number of tests; None: not tested.
        limits: a group that is beyond them loses too much.
    """
    if adjusted is None:
        return comparison
    counts = (
        comparison.excluded,
        comparison.films,
        comparison.rest_excluded,
        comparison.rest_films,
    )
    enough = comparison.excluded >= limits.least_excluded
    blocks = adjusted < limits.level and enough and _more_often(counts, limits.ratio)
    finding = Comparability.LOSES_TOO_MUCH if blocks else comparison.finding
    return replace(comparison, adjusted=adjusted, finding=finding)


def _why_untested(
    exclusions: Exclusions,
    names: Sequence[GroupName],
    tables: tuple[Counts, Counts],
    limits: Limits,
) -> Comparability:
    """Return why a group's losses are not tested; `FINE` where they are."""
    (_, films, _, rest), (_, patients, _, rest_patients) = tables
    if exclusions.is_policy:
        return Comparability.POLICY
    if exclusions.is_meant_for(names):
        return Comparability.EXPECTED
    if min(films, rest) >= limits.least_films and min(patients, rest_patients) >= _LEAST_PATIENTS:
        return Comparability.FINE
    lost = _lost_most(tables[0], limits.ratio)
    return Comparability.LOST_MOST if lost else Comparability.TOO_SMALL


def _lost_most(counts: Counts, ratio: float) -> bool:
    excluded, films, rest_excluded, rest = counts
    everything = excluded == films and rest_excluded < rest
    most = 2 * excluded > films and _more_often(counts, ratio)
    return excluded >= LEAST_LOST and (everything or most)


def _more_often(counts: Counts, ratio: float) -> bool:
    excluded, films, rest_excluded, rest = counts
    return excluded * rest > ratio * rest_excluded * films


def _by_value(names: Sequence[GroupName]) -> list[str]:
    """Return names in words; attributes with the same value share one name."""
    attributes: dict[str, list[str]] = {}
    for name in names:
        attributes.setdefault(name.group, []).append(name.attribute)
    return [f"{listed(together)} {value}" for value, together in attributes.items()]


def _percent(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.1%}"
    return f"{value}, 95 % interval {share_limits(figure.low, figure.high)} %"
