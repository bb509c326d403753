"""Does cleaning cost some group of patients more of its films than the rest?

Each group is compared with all films outside it: its exclusion rate and that of the rest with exact
intervals, their ratio and difference, and the chance of so many exclusions in it if exclusions fell
on all films alike (Fisher's exact test, one-sided: losing more). Films of one patient are alike, so
the same is asked of patients that lost any film, and the larger chance counts. All comparisons are
adjusted together by Holm's step-down method, which holds whatever their dependence (S. Holm, A
simple sequentially rejective multiple test procedure, Scand J Statist 1979; 6: 65-70).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from backend.export.core.bias_causes import Cause, JudgedFilms, causes_of
from backend.export.core.bias_comparison import (
    Comparability,
    Comparison,
    Exclusions,
    Limits,
    compare,
    judged,
)
from backend.export.core.bias_groups import Attribute, GroupName, compared_groups

ANY_DETECTOR = "any detector"
_SENTENCE_WORDS = 4
_STANDING_OUT = (Comparability.LOSES_TOO_MUCH, Comparability.LOST_MOST)


@dataclass(frozen=True, slots=True)
class BiasReport:
    """All comparisons, those that matter first."""

    comparisons: Sequence[Comparison]
    limits: Limits
    causes: Sequence[Cause] = field(default_factory=list)
    """What stands out, each cause once; those that block come first."""

    @property
    def blocking(self) -> list[Comparison]:
        """Groups that lose too much."""
        return [one for one in self.comparisons if one.finding is Comparability.LOSES_TOO_MUCH]

    @property
    def blocking_causes(self) -> list[Cause]:
        """Why groups lose too much, each cause once."""
        blocks = Comparability.LOSES_TOO_MUCH
        return [cause for cause in self.causes if cause.lead.finding is blocks]

    @property
    def lost_untested(self) -> list[Comparison]:
        """Groups that lost all or most of their films and are too small to test."""
        return [one for one in self.comparisons if one.finding is Comparability.LOST_MOST]

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "blocks": len(self.blocking),
            "causes": [cause.sentence() for cause in self.causes],
            "limits": asdict(self.limits),
            "groups": [comparison.as_json() for comparison in self.comparisons],
        }


def bias_report(
    attributes: Sequence[Attribute],
    exclusions: Sequence[Exclusions],
    patients: Sequence[str],
    limits: Limits,
) -> BiasReport:
    """Compare every group with the rest, for each detector task and for all of them together.

    Args:
        attributes: by which films are grouped.
        exclusions: of each detector task; those that took out nothing are passed over.
        patients: one per film.
        limits: a group that is beyond them loses too much.
    """
    _, patient_of_film = np.unique(np.asarray(patients, dtype=np.str_), return_inverse=True)
    compared = [
        JudgedFilms(compare(one, films, patient_of_film, limits), films, one.excluded)
        for films in compared_groups(attributes)
        for one in [*exclusions, *_together(exclusions, films.names)]
        if one.excluded.any()
    ]
    found = sorted(_adjusted(compared, limits), key=lambda one: _urgency(one.comparison))
    standing_out = [one for one in found if one.comparison.finding in _STANDING_OUT]
    causes = causes_of(standing_out, patient_of_film, limits)
    return BiasReport([one.comparison for one in found], limits, causes)


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


def is_sentence(reason: str) -> bool:
    """Whether a reason is more than a word of consent, so that somebody can judge it later.

    >>> is_sentence("ok"), is_sentence("ok ok ok ok"), is_sentence("films of a children's ward")
    (False, False, True)
    """
    words = {word.lower() for word in reason.split() if any(map(str.isalpha, word))}
    return len(words) >= _SENTENCE_WORDS


def _adjusted(compared: Sequence[JudgedFilms], limits: Limits) -> Iterator[JudgedFilms]:
    chances = [one.comparison.chance for one in compared]
    adjusted = iter(holm([chance for chance in chances if chance is not None]))
    for one, chance in zip(compared, chances, strict=True):
        own = None if chance is None else next(adjusted)
        yield replace(one, comparison=judged(one.comparison, own, limits))


def _together(exclusions: Sequence[Exclusions], names: Sequence[GroupName]) -> list[Exclusions]:
    """Return what detector tasks exclude together, without those meant to tell this group."""
    counted = [
        one
        for one in exclusions
        if not one.is_policy and not one.is_meant_for(names) and one.excluded.any()
    ]
    if len(counted) < 2:
        return []
    return [Exclusions(ANY_DETECTOR, np.any([one.excluded for one in counted], axis=0))]


def _urgency(one: Comparison) -> tuple[int, float, float]:
    found = one.finding in _STANDING_OUT
    place = _STANDING_OUT.index(one.finding) if found else len(_STANDING_OUT)
    return place, 2.0 if one.adjusted is None else one.adjusted, -(one.rate.value or 0.0)
