"""The pool of films that a review batch is chosen from, and the batch itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.labels import Slice


@dataclass(frozen=True, slots=True)
class ReportWord:
    """The label that a film's report gives."""

    label: str
    rule: str
    """The report rule that gives the label."""
    confidence: float
    """Confidence of the rule, 0 to 1."""
    agreed: float | None = None
    """Probability of the label by heads that did not learn from it, 0 to 1; None where the
    prediction itself comes from such a head."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One film of a review batch."""

    radiograph_id: str
    slice: Slice
    reason: str
    inclusion: float | None = None
    """The chance of a film to be drawn, 0 to 1; None where a score picked it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A review batch: ranked films, the most urgent first, then drawn films in draw order."""

    picks: Sequence[Pick]
    drawn_from: int
    """Number of unseen films that the ranked picks left; the audit was drawn from them."""

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
    """Shape (films,): share of the archive's films that are less strange, 0 to 1."""
    labels: tuple[str, ...]
    expected_label: str
    label_words: Mapping[str, str] = field(default_factory=dict)
    """Label -> its name for people, used in reasons; a missing label is shown as it is."""
    reports: Mapping[str, ReportWord] = field(default_factory=dict)
    """Radiograph id -> the label of its report, for films with a report."""
    copy_groups: Sequence[int] | None = None
    """One number per film; films with the same number show nearly the same picture. None: unknown.
    """
    owed: Sequence[str] = ()
    """Ids of films that were drawn earlier and wait nowhere; they are picked first."""
    features: NDArray[np.float32] | None = None
    """Shape (films, width), of the frozen network; strategies that spread picks out need them."""
    looked_features: NDArray[np.float32] | None = None
    """Shape (films, width): features of the films that somebody looked at already."""
    members: NDArray[np.float64] | None = None
    """Shape (members, films, labels): probabilities by each member of an ensemble; strategies of
    disagreement need them."""

    @property
    def bad_probability(self) -> NDArray[np.float64]:
        """Shape (films,): probability of any label but the expected one."""
        return np.asarray(1.0 - self.probabilities[:, self.labels.index(self.expected_label)])
