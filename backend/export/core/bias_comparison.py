"""One group of films against the rest: rates, intervals, and whether it is hardly chance."""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.base.core.figures import CONFIDENCE, Figure, difference, share
from backend.base.core.words import listed
from backend.export.core.bias_groups import ComparedGroup, GroupName

KATZ = "log (Katz 1978)"
LEAST_LOST = 2
"""One film lost is no group that lost all of its films."""
_LEAST_PATIENTS = 5
"""Films of fewer patients say something of these patients, and nothing of a group."""

Counts = tuple[int, int, int, int]
"""Films excluded and films of a group, then of the rest."""


class Comparability(StrEnum):
    """What a comparison amounts to."""

    FINE = "fine"
    LOSES_TOO_MUCH = "loses too much"
    TOO_SMALL = "too small to tell"
    LOST_MOST = "lost all or most, too small to tell"
    """No test can say whether that is chance, so a person has to look: see `compare`."""
    EXPECTED = "meant to be told apart"
    """The detector task asks for this very attribute."""
    POLICY = "policy"
    """A rule on what is known of the patient decides; somebody wants it so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A group loses too much when it is beyond the first three of these limits."""

    ratio: float = 2.0
    """The group's exclusion rate is more than so many times that of the rest."""
    least_excluded: int = 5
    """Films excluded in the group."""
    level: float = 0.05
    """The adjusted chance is below it, 0 to 1."""
    least_films: int = 20
    """Groups with fewer films are too small to tell."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The films that one detector task, or a rule, excludes."""

    detector_task: str
    excluded: NDArray[np.bool_]
    """Shape (films,)."""
    meant_for: Collection[str] = ()
    """Attributes that the detector task is meant to distinguish: its losses may differ by them."""
    is_policy: bool = False
    title: str = ""
    """What people call the detector task; empty: its name."""

    def is_meant_for(self, names: Sequence[GroupName]) -> bool:
        """Whether every name of a group is of an attribute that the task is meant to tell apart."""
        return all(name.attribute in self.meant_for for name in names)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group against the rest of the archive, or against the rest of its source."""

    detector_task: str
    attribute: str
    group: str
    also: Sequence[GroupName]
    """Further names of the group: of other attributes that hold the very same films."""
    within: GroupName | None
    """The source whose other films are the rest; None: all other films are."""
    films: int
    excluded: int
    rest_films: int
    rest_excluded: int
    rate: Figure
    rest_rate: Figure
    ratio: Figure
    """Of the two rates; no value where the rest lost nothing."""
    difference: Figure
    chance: float | None
    """One-sided p-value of so many exclusions in the group; None: not tested."""
    adjusted: float | None
    """The same, adjusted for the number of tests (Holm); None: not tested."""
    finding: Comparability
    title: str = ""
    """What people call the detector task; empty: its name."""

    @property
    def called(self) -> str:
        """What people call the detector task."""
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
    one: Exclusions,
    films: ComparedGroup,
    patient_of_film: NDArray[np.int64],
    limits: Limits,
) -> Comparison:
    """Compare what a group loses with what the rest loses; the chance is not adjusted yet.

    A group that is too small to test, or that leaves too small a rest, is said to have lost most
    where it lost two films or more, and all of its films while the rest kept some, or more than
    half of them and more than `limits.ratio` times the rest's share.

    Args:
        one: what is excluded.
        films: the group and the rest.
        patient_of_film: shape (films,): a number for each patient, from zero.
        limits: which groups are too small.
    """
    tables = films_and_patients(films, one.excluded, patient_of_film)
    counts, _ = tables
    excluded, inside, rest_excluded, rest = counts
    own, others = share(excluded, inside), share(rest_excluded, rest)
    finding = _unasked(one, films.names, tables, limits)
    first, *also = films.names
    return Comparison(
        detector_task=one.detector_task,
        title=one.title,
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
    """Count films, and patients with any such film; one with films in both parts counts in both."""
    inside, rest = films.inside, films.rest
    parts = (inside & excluded, inside, rest & excluded, rest)
    a, b, c, d = (int(part.sum()) for part in parts)
    e, f, g, h = (int(np.count_nonzero(np.bincount(patient_of_film[part]))) for part in parts)
    return (a, b, c, d), (e, f, g, h)


def chance_of(counts: Counts) -> float:
    """Return the chance of so many hits or more in the group (Fisher's exact test, one-sided)."""
    hits, of, rest_hits, rest_of = counts
    return float(stats.hypergeom.sf(hits - 1, of + rest_of, hits + rest_hits, of))


def ratio_of_shares(hits: int, of: int, rest_hits: int, rest_of: int) -> Figure:
    """Return the first share over the second, with Katz's interval where neither is zero."""
    if not of or not rest_of or not rest_hits:
        return Figure(None, 0.0, math.inf, KATZ)
    found = stats.contingency.relative_risk(hits, of, rest_hits, rest_of)
    if not hits:
        return Figure(0.0, 0.0, math.inf, KATZ)
    limits = found.confidence_interval(CONFIDENCE)
    return Figure(float(found.relative_risk), float(limits.low), float(limits.high), KATZ)


def judged(one: Comparison, adjusted: float | None, limits: Limits) -> Comparison:
    """Return a comparison with its adjusted chance, and whether the group loses too much."""
    if adjusted is None:
        return one
    counts = (one.excluded, one.films, one.rest_excluded, one.rest_films)
    enough = one.excluded >= limits.least_excluded
    blocks = adjusted < limits.level and enough and _more_often(counts, limits.ratio)
    finding = Comparability.LOSES_TOO_MUCH if blocks else one.finding
    return replace(one, adjusted=adjusted, finding=finding)


def _unasked(
    one: Exclusions, names: Sequence[GroupName], tables: tuple[Counts, Counts], limits: Limits
) -> Comparability:
    """Return why a group's losses are not tested; `FINE` where they are."""
    (_, films, _, rest), (_, patients, _, rest_patients) = tables
    if one.is_policy:
        return Comparability.POLICY
    if one.is_meant_for(names):
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
    """Return names in words, those of attributes with the same value as one."""
    attributes: dict[str, list[str]] = {}
    for name in names:
        attributes.setdefault(name.group, []).append(name.attribute)
    return [f"{listed(together)} {value}" for value, together in attributes.items()]


def _percent(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.1%}"
    return f"{value}, 95 % interval {figure.low:.1%} to {figure.high:.1%}"
