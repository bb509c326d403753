"""What a review batch is chosen from, and what it consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.labels import Slice


@dataclass(frozen=True, slots=True)
class ReportWord:
    """What the report of a film says of it."""

    label: str
    rule: str
    confidence: float
    """0 to 1."""
    agreed: float | None = None
    """How probable its label is to heads that had not learnt from it, 0 to 1; None where the
    prediction is one of them."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One film of a review batch."""

    radiograph_id: str
    slice: Slice
    reason: str
    inclusion: float | None = None
    """Of a film drawn at random, the chance it had, 0 to 1; None where a score decided."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A review batch: ranked films, most urgent first, then drawn ones, in the order drawn."""

    picks: Sequence[Pick]
    drawn_from: int
    """How many films nobody had looked at the ranked picks left; the audit was drawn from them."""

    def of(self, slice_: Slice) -> list[str]:
        """Return the radiograph ids of one slice, in order."""
        return [pick.radiograph_id for pick in self.picks if pick.slice is slice_]


@dataclass(frozen=True, slots=True)
class Pool:
    """The films that may be picked: those nobody has looked at yet."""

    radiograph_ids: Sequence[str]
    patients: Sequence[str]
    probabilities: NDArray[np.float64]
    """Shape (films, labels); NaN where there is no prediction."""
    outlyingness: NDArray[np.float64]
    """Shape (films,), 0 to 1: the share of the archive that is less strange."""
    labels: tuple[str, ...]
    expected_label: str
    label_words: Mapping[str, str] = field(default_factory=dict)
    """What people call the labels, for the reasons; a label that is missing stands for itself."""
    reports: Mapping[str, ReportWord] = field(default_factory=dict)
    """Radiograph id -> what its report says, of films that have one."""
    copy_groups: Sequence[int] | None = None
    """Films with the same number show nearly the same picture; None: not known."""
    owed: Sequence[str] = ()
    """Films that were drawn earlier and wait nowhere: they come first, whatever else is asked."""
    features: NDArray[np.float32] | None = None
    """Shape (films, width): of the frozen network; needed by strategies that spread picks out."""
    looked_features: NDArray[np.float32] | None = None
    """Shape (films, width): of the films that somebody looked at already."""
    members: NDArray[np.float64] | None = None
    """Shape (members, films, labels): of an ensemble; needed by strategies of disagreement."""

    @property
    def bad_probability(self) -> NDArray[np.float64]:
        """Shape (films,): probability of anything but the expected label."""
        return np.asarray(1.0 - self.probabilities[:, self.labels.index(self.expected_label)])
