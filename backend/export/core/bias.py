"""Does cleaning cost some group of patients more of its films than the rest?

Each group is compared with all films outside it: its exclusion rate and that of the rest with exact
intervals, their ratio and difference, and the chance of so many exclusions in it if exclusions fell
on all films alike (Fisher's exact test, one-sided: losing more). Films of one patient are alike, so
the same is asked of patients that lost any film, and the larger chance counts. All comparisons are
adjusted together by Holm's step-down method, which holds whatever their dependence (S. Holm, A
simple sequentially rejective multiple test procedure, Scand J Statist 1979; 6: 65-70).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.base.core.figures import CONFIDENCE, Figure, difference, share

UNKNOWN = "unknown"
"""The group of films of which an attribute is not known."""
ANY_DETECTOR = "any detector"
KATZ = "log (Katz 1978)"
ADULT_YEARS = 18
_AGE_BANDS = (
    (5, "0-4"),
    (10, "5-9"),
    (ADULT_YEARS, "10-17"),
    (40, "18-39"),
    (60, "40-59"),
    (80, "60-79"),
)
_LEAST_LOST = 2
"""One film lost is no group that lost all of its films."""


class Comparability(StrEnum):
    """What a comparison amounts to."""

    FINE = "fine"
    LOSES_TOO_MUCH = "loses too much"
    TOO_SMALL = "too small to tell"
    LOST_MOST = "lost all or most, too small to tell"
    """No test can say whether that is chance, so a person has to look: see `bias_report`."""
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
class Attribute:
    """A property by which films are grouped, such as age or sex."""

    name: str
    groups: Sequence[Collection[str]]
    """One per film: its groups; several for films with several findings."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The films that one detector task, or a rule, excludes."""

    detector_task: str
    excluded: NDArray[np.bool_]
    """Shape (films,)."""
    meant_for: Collection[str] = ()
    """Attributes that the detector task is meant to distinguish: its losses may differ by them."""
    is_policy: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group against the rest of the archive."""

    detector_task: str
    attribute: str
    group: str
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

    def sentence(self) -> str:
        """Return the comparison as a sentence."""
        return (
            f"{self.detector_task} excludes {self.excluded} of {self.films} films "
            f"({_percent(self.rate)}) with {self.attribute} {self.group}, and "
            f"{self.rest_excluded} of {self.rest_films} others ({_percent(self.rest_rate)})"
        )


@dataclass(frozen=True, slots=True)
class BiasReport:
    """All comparisons, those that matter first."""

    comparisons: Sequence[Comparison]
    limits: Limits

    @property
    def blocking(self) -> list[Comparison]:
        """Groups that lose too much."""
        return [one for one in self.comparisons if one.finding is Comparability.LOSES_TOO_MUCH]

    @property
    def lost_untested(self) -> list[Comparison]:
        """Groups that lost all or most of their films and are too small to test."""
        return [one for one in self.comparisons if one.finding is Comparability.LOST_MOST]

    def as_json(self) -> dict[str, object]:
        """Return plain values; a ratio without an upper limit has none."""
        groups = [_plain(comparison) for comparison in self.comparisons]
        return {"blocks": len(self.blocking), "limits": asdict(self.limits), "groups": groups}


def _plain(comparison: Comparison) -> dict[str, object]:
    ratio = asdict(comparison.ratio) | {"high": _finite(comparison.ratio.high)}
    return asdict(comparison) | {"ratio": ratio, "finding": comparison.finding.value}


def age_band(age_years: float | None) -> str:
    """Return the band of an age in years.

    >>> [age_band(age) for age in (0, 4.9, 17, 85, None)]
    ['0-4', '0-4', '10-17', '80 or older', 'unknown']
    """
    if age_years is None or math.isnan(age_years):
        return UNKNOWN
    return next((name for below, name in _AGE_BANDS if age_years < below), "80 or older")


def age_group(age_years: float | None) -> str:
    """Return on which side of 18 years an age lies.

    Beside the bands: each band of children may be too small to tell where all children are not.

    >>> [age_group(age) for age in (0, 17.9, 18, None)]
    ['under 18', 'under 18', '18 or older', 'unknown']
    """
    if age_years is None or math.isnan(age_years):
        return UNKNOWN
    return f"under {ADULT_YEARS}" if age_years < ADULT_YEARS else f"{ADULT_YEARS} or older"


def bias_report(
    attributes: Sequence[Attribute],
    exclusions: Sequence[Exclusions],
    patients: Sequence[str],
    limits: Limits,
) -> BiasReport:
    """Compare every group with the rest, for each detector task and for all of them together.

    A group that is too small to test, or that leaves too small a rest, is said to have lost most
    where it lost two films or more, and all of its films while the rest kept some, or more than
    half of them and more than `limits.ratio` times the rest's share.

    Args:
        attributes: by which films are grouped.
        exclusions: of each detector task; those that took out nothing are passed over.
        patients: one per film.
        limits: a group that is beyond them loses too much.
    """
    _, patient_of_film = np.unique(np.asarray(patients, dtype=np.str_), return_inverse=True)
    compared = [
        _compare(one, attribute.name, member, patient_of_film, limits)
        for attribute in attributes
        for member in _members(attribute)
        for one in [*exclusions, *_together(exclusions, attribute)]
        if one.excluded.any()
    ]
    asked = [one for one in compared if one.chance is not None]
    adjusted = dict(zip(map(id, asked), holm([one.chance or 0.0 for one in asked]), strict=True))
    judged = [_judged(one, adjusted.get(id(one)), limits) for one in compared]
    return BiasReport(sorted(judged, key=_urgency), limits)


def holm(chances: Sequence[float]) -> list[float]:
    """Return chances adjusted for being many, by Holm's step-down method.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not chances:
        return []
    # Imported here: it brings pandas along, which takes half a second to load.
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    return [float(one) for one in multipletests(chances, method="holm")[1]]


def ratio_of_shares(hits: int, of: int, rest_hits: int, rest_of: int) -> Figure:
    """Return the first share over the second, with Katz's interval where neither is zero."""
    if not of or not rest_of or not rest_hits:
        return Figure(None, 0.0, math.inf, KATZ)
    found = stats.contingency.relative_risk(hits, of, rest_hits, rest_of)
    if not hits:
        return Figure(0.0, 0.0, math.inf, KATZ)
    limits = found.confidence_interval(CONFIDENCE)
    return Figure(float(found.relative_risk), float(limits.low), float(limits.high), KATZ)


def _together(exclusions: Sequence[Exclusions], attribute: Attribute) -> list[Exclusions]:
    """Return what detector tasks exclude together, without those meant to tell this attribute."""
    counted = [
        one
        for one in exclusions
        if not one.is_policy and attribute.name not in one.meant_for and one.excluded.any()
    ]
    if len(counted) < 2:
        return []
    return [Exclusions(ANY_DETECTOR, np.any([one.excluded for one in counted], axis=0))]


@dataclass(frozen=True, slots=True)
class _Member:
    group: str
    inside: NDArray[np.bool_]
    """Shape (films,)."""


def _members(attribute: Attribute) -> list[_Member]:
    """Return the groups; where all films are of one, there is no rest to compare it with."""
    films: dict[str, list[int]] = {}
    for place, groups in enumerate(attribute.groups):
        for group in groups:
            films.setdefault(group, []).append(place)
    found = []
    for group in sorted(films):
        inside = np.zeros(len(attribute.groups), dtype=np.bool_)
        inside[films[group]] = True
        found.append(_Member(group, inside))
    return found if len(found) > 1 else []


def _compare(
    one: Exclusions,
    attribute: str,
    member: _Member,
    patient_of_film: NDArray[np.int64],
    limits: Limits,
) -> Comparison:
    inside, outside = member.inside, ~member.inside
    films, rest = int(inside.sum()), int(outside.sum())
    excluded, rest_excluded = (int((some & one.excluded).sum()) for some in (inside, outside))
    counts = (excluded, films, rest_excluded, rest)
    own, others = share(excluded, films), share(rest_excluded, rest)
    finding, chance = _unasked(one, attribute, counts, limits), None
    if finding is Comparability.FINE:
        parts = (inside & one.excluded, inside, outside & one.excluded, outside)
        of_patients = [_distinct(patient_of_film[part]) for part in parts]
        chance = max(_chance(counts), _chance(of_patients))
    return Comparison(
        detector_task=one.detector_task,
        attribute=attribute,
        group=member.group,
        films=films,
        excluded=excluded,
        rest_films=rest,
        rest_excluded=rest_excluded,
        rate=own.figure,
        rest_rate=others.figure,
        ratio=ratio_of_shares(*counts),
        difference=difference(own, others),
        chance=chance,
        adjusted=None,
        finding=finding,
    )


def _unasked(
    one: Exclusions, attribute: str, counts: tuple[int, int, int, int], limits: Limits
) -> Comparability:
    """Return why a group's losses are not tested; `FINE` where they are."""
    _, films, _, rest = counts
    if one.is_policy:
        return Comparability.POLICY
    if attribute in one.meant_for:
        return Comparability.EXPECTED
    if min(films, rest) >= limits.least_films:
        return Comparability.FINE
    return Comparability.LOST_MOST if _lost_most(counts, limits.ratio) else Comparability.TOO_SMALL


def _lost_most(counts: tuple[int, int, int, int], ratio: float) -> bool:
    excluded, films, rest_excluded, rest = counts
    everything = excluded == films and rest_excluded < rest
    most = 2 * excluded > films and _more_often(counts, ratio)
    return excluded >= _LEAST_LOST and (everything or most)


def _more_often(counts: tuple[int, int, int, int], ratio: float) -> bool:
    excluded, films, rest_excluded, rest = counts
    return excluded * rest > ratio * rest_excluded * films


def _distinct(patients: NDArray[np.int64]) -> int:
    """Count patients; one with films in and outside a group is counted in both."""
    return int(np.count_nonzero(np.bincount(patients)))


def _chance(counts: Sequence[int]) -> float:
    """Return the chance of so many hits or more in the first part (Fisher's exact test).

    Args:
        counts: hits and all of the first part, hits and all of the second.
    """
    hits, of, rest_hits, rest_of = counts
    return float(stats.hypergeom.sf(hits - 1, of + rest_of, hits + rest_hits, of))


def _judged(one: Comparison, adjusted: float | None, limits: Limits) -> Comparison:
    if adjusted is None:
        return one
    counts = (one.excluded, one.films, one.rest_excluded, one.rest_films)
    enough = one.excluded >= limits.least_excluded
    blocks = adjusted < limits.level and enough and _more_often(counts, limits.ratio)
    finding = Comparability.LOSES_TOO_MUCH if blocks else one.finding
    return replace(one, adjusted=adjusted, finding=finding)


def _urgency(one: Comparison) -> tuple[int, float, float]:
    first = (Comparability.LOSES_TOO_MUCH, Comparability.LOST_MOST)
    place = first.index(one.finding) if one.finding in first else len(first)
    return place, 2.0 if one.adjusted is None else one.adjusted, -(one.rate.value or 0.0)


def _percent(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.1%}"
    return f"{value}, 95 % interval {figure.low:.1%} to {figure.high:.1%}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
