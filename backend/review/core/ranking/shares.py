"""How a batch is shared out between the slices, by what earlier batches found.

The audit is drawn at random and is the only evidence of what is left; ranked looks find bad films
and take them out. While ranked looks still find something, a quarter for the audit is enough; once
they do not, most looks should be drawn (measured: docs/ranking.md).

Between the two kinds of ranked looks the share goes by their measured yields, as a ratio smoothed
by a few looks of prior experience. It was chosen over drawing shares at random (Thompson sampling)
because the same history then gives the same shares, which a person can check with a calculator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.labels.core.labels import Slice

BY_MODEL = (Slice.LIKELY, Slice.UNCERTAIN, Slice.CONFLICT)
"""Slices that a detector's prediction brings into the batch."""
RANKED = (*BY_MODEL, Slice.OUTLIER)
DRY_YIELD = 0.02
"""Ranked looks that find no more than this have become no better than the audit."""
FEWEST_LOOKS = 50
"""With fewer ranked looks nobody can tell a yield of 2 % from one of 6 %."""
PRIOR_LOOKS = 10.0
PRIOR_FOUND = {"outlier": 0.2, "model": 0.8}
"""Of PRIOR_LOOKS looks each: they make the shares of a batch without history, 1 to 4."""
MEMORY = 0.5
"""Each batch counts half as much as the one after it: a model learns, and outliers run out."""
LEAST_OUTLIERS, MOST_OUTLIERS = 0.05, 0.5
"""Neither kind of ranked look may starve: what is not looked at has no yield to come back by."""


@dataclass(frozen=True, slots=True)
class SliceYield:
    """What became of the films of one slice of one batch."""

    looked: int
    found: int
    """Called bad by the look."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How the next batch is put together."""

    audit: float
    """0 to 1, of the batch."""
    outliers: float
    """0 to 1, of the ranked films."""


BatchYields = Mapping[Slice, SliceYield]


def adapted_shares(
    history: Sequence[BatchYields], *, audit_share: float, dry_audit_share: float
) -> Shares:
    """Return the shares of the next batch.

    Args:
        history: per batch, the first one first; slices without a look may be left out.
        audit_share: from the start, and never less.
        dry_audit_share: once ranked looks find `DRY_YIELD` or less.

    >>> dry = [{Slice.LIKELY: SliceYield(looked=100, found=1)}]
    >>> adapted_shares(dry, audit_share=0.5, dry_audit_share=0.8).audit
    0.8
    """
    audit = max(audit_share, dry_audit_share) if _is_dry(history) else audit_share
    return Shares(audit=audit, outliers=_outlier_share(history))


def _is_dry(history: Sequence[BatchYields]) -> bool:
    """Whether the last ranked looks, of as many batches as it takes to tell, found next to none."""
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
