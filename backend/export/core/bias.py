"""Does cleaning cost some group of patients more of its films than the rest?

Each group is compared with all films outside it: both exclusion rates with exact intervals, their
ratio and difference, and the p-value of the group's exclusions if exclusions fell on all films
alike (Fisher's exact test, one-sided: losing more). Films of one patient are alike, so patients
that lost any film are tested in the same way, and the larger p-value counts. All comparisons are
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
    """All comparisons of groups with the rest, the most urgent first."""

    comparisons: Sequence[Comparison]
    limits: Limits
    causes: Sequence[Cause] = field(default_factory=list)
    """Causes of all conspicuous losses, each once; those that block an export come first."""

    @property
    def blocking(self) -> list[Comparison]:
        """Comparisons of groups that lose too much."""
        return self._with_finding(Comparability.LOSES_TOO_MUCH)

    @property
    def blocking_causes(self) -> list[Cause]:
        """Causes whose leading group loses too much, each once."""
        blocks = Comparability.LOSES_TOO_MUCH
        return [cause for cause in self.causes if cause.lead.finding is blocks]

    @property
    def lost_untested(self) -> list[Comparison]:
        """Comparisons of groups that lost all or most of their films and are too small to test."""
        return self._with_finding(Comparability.LOST_MOST)

    def _with_finding(self, finding: Comparability) -> list[Comparison]:
        return [comparison for comparison in self.comparisons if comparison.finding is finding]

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
        attributes: the attributes by which films are grouped.
        exclusions: the exclusions of each detector task; a task without any is left out.
        patients: one per film.
        limits: a group that is beyond them loses too much.
    """
    _, patient_of_film = np.unique(np.asarray(patients, dtype=np.str_), return_inverse=True)
    compared = [
        JudgedFilms(compare(of_task, films, patient_of_film, limits), films, of_task.excluded)
        for films in compared_groups(attributes)
        for of_task in [*exclusions, *_together(exclusions, films.names)]
        if of_task.excluded.any()
    ]
    groups = sorted(_adjusted(compared, limits), key=lambda group: _urgency(group.comparison))
    standing_out = [group for group in groups if group.comparison.finding in _STANDING_OUT]
    causes = causes_of(standing_out, patient_of_film, limits)
    return BiasReport([group.comparison for group in groups], limits, causes)


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the number of tests, by Holm's step-down method.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not chances:
        return []
    # Imported here: it brings pandas along, which takes half a second to load.
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    return [float(adjusted) for adjusted in multipletests(chances, method="holm")[1]]


def is_sentence(reason: str) -> bool:
    """Whether a reason has enough different words for somebody to judge it later.

    >>> is_sentence("ok"), is_sentence("ok ok ok ok"), is_sentence("films of a children's ward")
    (False, False, True)
    """
    words = {word.lower() for word in reason.split() if any(map(str.isalpha, word))}
    return len(words) >= _SENTENCE_WORDS


def _adjusted(compared: Sequence[JudgedFilms], limits: Limits) -> Iterator[JudgedFilms]:
    chances = [group.comparison.chance for group in compared]
    adjusted = iter(holm([chance for chance in chances if chance is not None]))
    for group, chance in zip(compared, chances, strict=True):
        own = None if chance is None else next(adjusted)
        yield replace(group, comparison=judged(group.comparison, own, limits))


def _together(exclusions: Sequence[Exclusions], names: Sequence[GroupName]) -> list[Exclusions]:
    """Return the exclusions of all detector tasks as one; empty where fewer than two tasks count.

    Policies do not count, nor do tasks that are meant to distinguish this group.
    """
    counted = [
        of_task
        for of_task in exclusions
        if not of_task.is_policy and not of_task.is_meant_for(names) and of_task.excluded.any()
    ]
    if len(counted) < 2:
        return []
    return [Exclusions(ANY_DETECTOR, np.any([of_task.excluded for of_task in counted], axis=0))]


def _urgency(comparison: Comparison) -> tuple[int, float, float]:
    """Return a key to sort comparisons by, the most urgent first."""
    stands_out = comparison.finding in _STANDING_OUT
    kind = _STANDING_OUT.index(comparison.finding) if stands_out else len(_STANDING_OUT)
    p_value = 2.0 if comparison.adjusted is None else comparison.adjusted
    return kind, p_value, -(comparison.rate.value or 0.0)
