"""Decide whether a film that arrives is accepted, corrected, excluded, or shown to a person.

Orientation is judged first, because every other detector learnt from films in the right
orientation. A film that is surely turned or inverted is corrected, and all detectors judge the
corrected film: the correction stands only when that film passes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.core.header_tags import tag_finding
from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.augment import merged_change


class GateDecision(StrEnum):
    """What the gate does with a film that arrives."""

    ACCEPT = "accept"
    CORRECT = "correct"
    EXCLUDE = "exclude"
    REVIEW = "review"


class Standing(StrEnum):
    """How sure one detector is that a film is fine or bad."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    SURELY_BAD = "surely bad"


@dataclass(frozen=True, slots=True)
class Opinion:
    """The prediction of one detector for one film."""

    task: DetectorTask
    label: str
    probability: float
    """Probability of that label, 0 to 1; 1.0 where a rule decided."""
    p_bad: float
    """Probability of anything but the expected label."""
    model_version: str
    tag: str | None = None
    """The end of the grey scale that is white by the film's header, see `polarity_tag`."""
    basis: str = ""
    """For a rule: the measure and the cut-off that its check compares, in words."""

    @property
    def standing(self) -> Standing:
        """Whether the film passes, fails surely, or has to be looked at.

        A film that resembles no label is never surely bad. A `review_only` detector sends to review
        only the films that it is sure are bad: its doubts would concern about every tenth film. A
        rule does the same for a label that is a suspicion and no policy.
        """
        limits, expected = self.task.thresholds, self.task.expected_label
        surely_bad = self.label != expected and self.p_bad >= limits.accept_at
        rule = self.task.rule
        if self.task.review_only or (rule and not rule.is_policy(self.label)):
            return Standing.DOUBTFUL if surely_bad else Standing.FINE
        if self.label == expected and self.probability >= limits.review_below:
            return Standing.FINE
        known = self.label != self.task.catch_all
        return Standing.SURELY_BAD if surely_bad and known else Standing.DOUBTFUL

    @property
    def is_mendable(self) -> bool:
        """Whether the film surely has this label, and a change of pixels puts it right."""
        sure = self.probability >= self.task.thresholds.accept_at
        return self.standing is Standing.SURELY_BAD and self.task.has_made_labels and sure

    @property
    def reason(self) -> str:
        """The opinion in words, e.g. `rotation: turned_90, 0.998 (tiny-0123456789ab)`.

        A rule gives no probability: a person looks at the films that it suspects.
        """
        if rule := self.task.rule:
            ground = "by policy" if rule.is_policy(self.label) else "suspected: for a person to see"
            return f"{self.task.name}: {self.label}, {ground} ({self.basis or 'a rule'})"
        finding = tag_finding(self.task, self.label, self.tag) or self.label
        return f"{self.task.name}: {finding}, {self.probability:.3f} ({self.model_version})"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The gate's decision on one film, with its reasons."""

    verdict: GateDecision
    reasons: tuple[str, ...]
    """Empty for an accepted film."""
    correction: PixelChange | None = None
    """The change of pixels that puts the film right; only with `correct`."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values; whoever applies the correction mirrors, then turns, then inverts."""
        return {
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "correction": asdict(self.correction) if self.correction else None,
        }


def opinion_of(
    task: DetectorTask,
    probabilities: NDArray[np.floating],
    model_version: str,
    *,
    tag: str | None = None,
) -> Opinion:
    """Return a detector's opinion from its probabilities, shape (labels,).

    Args:
        task: the detector task.
        probabilities: in the order of the task's labels.
        model_version: the detector's version.
        tag: the end of the grey scale that is white by the film's header, see `polarity_tag`.
    """
    best = int(probabilities.argmax())
    p_bad = 1.0 - float(probabilities[task.labels.index(task.expected_label)])
    return Opinion(task, task.labels[best], float(probabilities[best]), p_bad, model_version, tag)


def correction_for(opinions: Iterable[Opinion]) -> PixelChange:
    """Return the change of pixels that puts the film right, as far as that is sure and possible."""
    made = [opinion.task.made_by[opinion.label] for opinion in opinions if opinion.is_mendable]
    return merged_change(made).inverse() if made else UNCHANGED


def decide(
    first: Sequence[Opinion], corrected: Sequence[Opinion], correction: PixelChange
) -> GateAnswer:
    """Return the gate's decision, with its reasons.

    Args:
        first: the detectors' opinions of the film as it came.
        corrected: their opinions of the corrected film; equal to `first` where nothing was
            corrected.
        correction: the change of pixels between the two films.
    """
    mended = tuple(opinion.reason for opinion in first if opinion.is_mendable)
    objections = [opinion for opinion in corrected if opinion.standing is not Standing.FINE]
    reasons = mended + tuple(_after(opinion, correction) for opinion in objections)
    if any(_blocks(opinion) for opinion in objections):
        return GateAnswer(GateDecision.REVIEW, reasons)
    if any(opinion.standing is Standing.SURELY_BAD for opinion in objections):
        return GateAnswer(GateDecision.EXCLUDE, reasons)
    if objections:
        return GateAnswer(GateDecision.REVIEW, reasons)
    if correction != UNCHANGED:
        return GateAnswer(GateDecision.CORRECT, reasons, correction)
    return GateAnswer(GateDecision.ACCEPT, ())


def _blocks(opinion: Opinion) -> bool:
    """Whether the film's orientation or polarity is in doubt: no other detector is then trusted."""
    return opinion.task.has_made_labels and not opinion.task.review_only


def _after(opinion: Opinion, correction: PixelChange) -> str:
    when = "" if correction == UNCHANGED else " after the correction"
    return f"{opinion.reason}{when}"
