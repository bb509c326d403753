"""Share a batch out between its slices, by the yields of earlier batches.

The audit is drawn at random and is the only evidence of the bad films left; ranked looks find bad
films. While ranked looks still find some, a quarter of the batch is enough for the audit; once they
do not, most looks should be drawn (measured in docs/ranking.md).

Two kinds of ranked looks, outliers and those by the model, share the rest in proportion to their
measured yields, smoothed by a few prior looks. This was chosen over drawing shares at random
(Thompson sampling) because the same history gives the same shares, which a person can recalculate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.labels.core.labels import Slice

BY_MODEL = (Slice.LIKELY, Slice.UNCERTAIN, Slice.CONFLICT)
"""Slices of films that a detector's prediction picks."""
RANKED = (*BY_MODEL, Slice.OUTLIER)
DRY_YIELD = 0.02
"""Yield at or below which ranked looks are no better than the audit."""
FEWEST_LOOKS = 50
"""With fewer ranked looks, a yield of 2 % cannot be distinguished from one of 6 %."""
PRIOR_LOOKS = 10.0
"""Prior looks of each kind, which smooth the measured yields."""
PRIOR_FOUND = {"outlier": 0.2, "model": 0.8}
"""Bad films among the prior looks: without history, outliers and model share 1 to 4."""
MEMORY = 0.5
"""Each batch counts half as much as the next one: a model learns, and outliers run out."""
LEAST_OUTLIERS, MOST_OUTLIERS = 0.05, 0.5
"""Limits of the outliers' share: a slice without looks has no yield, and would never recover."""


@dataclass(frozen=True, slots=True)
class SliceYield:
    """Looks and finds of one slice of one batch."""

    looked: int
    found: int
    """Number of films that the look called bad."""


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of the next batch."""

    audit: float
    """Share of the batch that is drawn at random, 0 to 1."""
    outliers: float
    """Share of the ranked films that are outliers, 0 to 1."""


BatchYields = Mapping[Slice, SliceYield]


def adapted_shares(
    history: Sequence[BatchYields], *, audit_share: float, dry_audit_share: float
) -> Shares:
    """Return the shares of the next batch.

    Args:
        history: yields by slice of each batch, the first batch first; a slice without looks may be
            left out.
        audit_share: share of the audit while ranked looks find bad films; the least share.
        dry_audit_share: share of the audit once ranked looks yield `DRY_YIELD` or less.

    >>> dry = [{Slice.LIKELY: SliceYield(looked=100, found=1)}]
    >>> adapted_shares(dry, audit_share=0.5, dry_audit_share=0.8).audit
    0.8
    """
    audit = max(audit_share, dry_audit_share) if _is_dry(history) else audit_share
    return Shares(audit=audit, outliers=_outlier_share(history))


def _is_dry(history: Sequence[BatchYields]) -> bool:
    """Whether the last `FEWEST_LOOKS` or more ranked looks yielded `DRY_YIELD` or less."""
    looked = found = 0
    for batch in reversed(history):
        looked += sum(batch[name].looked for name in RANKED if name in batch)
        found += sum(batch[name].found for name in RANKED if name in batch)
        if looked >= FEWEST_LOOKS:
            return found <= DRY_YIELD * looked
    return False


def _outlier_share(history: Sequence[BatchYields]) -> float:
    by_outliers = _smoothed_yield(history, (Slice.OUTLIER,), PRIOR_FOUND["outlier"])
    by_model = _smoothed_yield(history, BY_MODEL, PRIOR_FOUND["model"])
    share = by_outliers / (by_outliers + by_model)
    return float(np.clip(share, LEAST_OUTLIERS, MOST_OUTLIERS))


def _smoothed_yield(
    history: Sequence[BatchYields], slices: Sequence[Slice], prior_found: float
) -> float:
    looked, found = PRIOR_LOOKS, prior_found
    for age, batch in enumerate(reversed(history)):
        for name in slices:
            if name in batch:
                looked += MEMORY**age * batch[name].looked
                found += MEMORY**age * batch[name].found
    return found / looked
