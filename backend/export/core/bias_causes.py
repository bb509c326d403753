"""Group comparisons that stand out for the same reason, so that a person looks at each reason once.

Films of children may all be of one ward, of one machine and without a sex: each of these groups
then loses too much. The comparison with the smallest p-value leads. Another comparison is its
consequence where it no longer stands out among films that agree in belonging to the leading groups
or not: the exact test is made over all such strata (a sum of hypergeometric counts, as in the exact
conditional test of Mantel and Haenszel).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.base.core.words import listed
from backend.export.core.bias_comparison import (
    LEAST_LOST,
    Comparability,
    Comparison,
    Counts,
    Limits,
    films_and_patients,
)
from backend.export.core.bias_groups import ComparedGroup

_FEW = 2
"""The most consequences that a sentence names."""
_NEVER = 1e-15
"""Counts less likely than this are left out of a distribution."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A comparison that stands out, and the comparisons that it explains."""

    lead: Comparison
    same: Sequence[Comparison] = ()
    """Comparisons of the same films by other detectors, or of groups that the lead explains."""

    def sentence(self, of_lead: str = "") -> str:
        """Return the cause as a sentence.

        Args:
            of_lead: words to add after the lead's own.
        """
        name = self.lead.named
        tasks = [explained.called for explained in self.same if explained.named == name]
        groups = dict.fromkeys(
            explained.named for explained in self.same if explained.named != name
        )
        parts = [f"{self.lead.sentence()}{of_lead}"]
        if tasks:
            parts.append(f"so {'does' if len(tasks) == 1 else 'do'} {listed(tasks)}")
        if groups:
            parts.append(f"this explains the losses with {_first_few(list(groups))}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFilms:
    """A comparison, with the films that it compares."""

    comparison: Comparison
    films: ComparedGroup
    excluded: NDArray[np.bool_]
    """Shape (films,): whether a film is excluded."""


def causes_of(
    standing_out: Sequence[JudgedFilms], patient_of_film: NDArray[np.int64], limits: Limits
) -> list[Cause]:
    """Group comparisons by cause, in the order given; the first of a cause leads.

    Args:
        standing_out: groups that lose too much, the most urgent first, then those that lost most.
        patient_of_film: shape (films,): a number for each patient, from zero.
        limits: a comparison that is beyond them within the strata has a cause of its own.
    """
    leads: list[JudgedFilms] = []
    same: list[list[Comparison]] = []
    for group in standing_out:
        if _stands_alone(group, leads, patient_of_film, limits):
            leads.append(group)
            same.append([])
        else:
            overlap = [int((lead.films.inside & group.films.inside).sum()) for lead in leads]
            same[int(np.argmax(overlap))].append(group.comparison)
    return [Cause(lead.comparison, others) for lead, others in zip(leads, same, strict=True)]


def chance_in_strata(tables: Sequence[Counts]) -> float:
    """Return the p-value of the hits in the group, summed over all strata.

    Under the hypothesis, the hits of each stratum fall on all of its films alike. With one stratum
    this is Fisher's exact test.

    Args:
        tables: for each stratum, hits and films of the group, then of the rest.

    >>> round(chance_in_strata([(3, 3, 1, 5)]), 4) == round(4 / 56, 4)
    True
    """
    spread, hits_in_all = np.ones(1), 0
    for hits, of, rest_hits, rest_of in tables:
        counts = np.arange(min(of, hits + rest_hits) + 1)
        likely = stats.hypergeom.pmf(counts, of + rest_of, hits + rest_hits, of)
        first = int(np.argmax(likely > _NEVER))
        last = len(likely) - int(np.argmax(likely[::-1] > _NEVER))
        spread = np.convolve(spread, likely[first:last])
        hits_in_all += hits - first
    return float(min(1.0, spread[max(0, hits_in_all) :].sum()))


def _stands_alone(
    group: JudgedFilms,
    leads: Sequence[JudgedFilms],
    patient_of_film: NDArray[np.int64],
    limits: Limits,
) -> bool:
    if not leads:
        return True
    if group.comparison.finding is Comparability.LOST_MOST:
        explained = np.any([lead.films.inside for lead in leads], axis=0)
        return int((group.films.inside & group.excluded & ~explained).sum()) >= LEAST_LOST
    tables = [
        films_and_patients(part, group.excluded, patient_of_film) for part in _strata(group, leads)
    ]
    if not tables:
        return False
    films, patients = zip(*tables, strict=True)
    enough = sum(counts[0] for counts in films) >= limits.least_excluded
    chance = max(chance_in_strata(films), chance_in_strata(patients))
    return enough and chance < limits.level and _loses_more(films, limits.ratio)


def _loses_more(tables: Sequence[Counts], ratio: float) -> bool:
    """Whether Mantel and Haenszel's ratio of rates over all strata is above `ratio`."""
    own = sum(hits * rest / (of + rest) for hits, of, _, rest in tables)
    others = sum(rest_hits * of / (of + rest) for _, of, rest_hits, rest in tables)
    return own > ratio * others


def _strata(group: JudgedFilms, leads: Sequence[JudgedFilms]) -> Iterator[ComparedGroup]:
    """Yield the part of a comparison in each stratum that has films of the group and of the rest.

    The films of a stratum belong to the same leading groups.
    """
    belongs = np.stack([lead.films.inside for lead in leads])
    for pattern in np.unique(belongs, axis=1).T:
        alike = (belongs == pattern[:, None]).all(axis=0)
        inside, rest = group.films.inside & alike, group.films.rest & alike
        if inside.any() and rest.any():
            yield replace(group.films, inside=inside, rest=rest)


def _first_few(words: Sequence[str]) -> str:
    more = len(words) - _FEW
    return listed([*words[:_FEW], *([f"{more} other groups"] if more > 0 else [])])
