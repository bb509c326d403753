"""How sure a label from a report is, from counts of how often a reader agreed.

The counts are made by `benchmarks/report_mining.py` and lie beside the lexicon. A rule with few
hits is drawn towards what is known of a rule nobody has seen at work:

    confidence = (right + PRIOR x unseen) / (hits + PRIOR)

`unseen` is the lower 95 % limit (Clopper-Pearson) of the share of rules seen that were right in at
least nine of ten hits: another rule of the same lexicon is taken for one more draw of those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PRIOR = 5
"""As many hits as the knowledge about rules in general is worth."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Measured shares by status and rule."""

    rules: Mapping[str, float]
    """`status rule` -> share right, drawn towards `unseen`."""
    unseen: float
    """For a rule that was never seen at work; 0 where nothing was measured."""
    absent: Mapping[str, float]
    """Status of a report -> share without metal in it, lower 95 % limit."""

    def of(self, status: str, rule: str) -> float:
        """Return how sure a hit of this rule with this status is."""
        return self.rules.get(f"{status} {rule}", self.unseen)

    def of_absent(self, status: str) -> float:
        """Return how sure it is that a report with this status has no metal implant."""
        return self.absent.get(status, min(self.absent.values(), default=0.0))


def confidence_from(data: Mapping[str, Any]) -> Confidence:
    """Return the confidence described in a lexicon: counts for rules, shares for silence."""
    unseen = float(data.get("unseen", 0.0))
    rules = {
        f"{status} {rule}": shrunken(right, hits, towards=unseen)
        for status, counts in data.get("rules", {}).items()
        for rule, (right, hits) in counts.items()
    }
    absent = {status: float(share) for status, share in data.get("absent", {}).items()}
    return Confidence(rules, unseen, absent)


def shrunken(right: int, hits: int, *, towards: float) -> float:
    """Return the share that is right, drawn towards what is known without these hits.

    >>> shrunken(5, 5, towards=0.8)
    0.9
    """
    return (right + PRIOR * towards) / (hits + PRIOR)
