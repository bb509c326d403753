"""Whether a film that arrives is accepted, corrected, excluded, or shown to a person.

Orientation comes first, since every other detector learnt from films that lie as they should. A
film that is surely turned or inverted is put right, and all detectors are asked again about the
result: a correction stands only when the corrected film passes.
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
    """What to do with the film."""

    ACCEPT = "accept"
    CORRECT = "correct"
    EXCLUDE = "exclude"
    REVIEW = "review"


class Standing(StrEnum):
    """What one detector makes of a film."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    SURELY_BAD = "surely bad"


@dataclass(frozen=True, slots=True)
class Opinion:
    """The prediction of one detector for one film."""

    task: DetectorTask
    label: str
    probability: float
    """Of that label; 1.0 where a rule decided."""
    p_bad: float
    """Probability of anything but the expected label."""
    model_version: str
    tag: str | None = None
    """Which end of the grey scale is white by the film's header, see `polarity_tag`."""
    basis: str = ""
    """Of a rule: what its check compares with which cut-off, in words."""

    @property
    def standing(self) -> Standing:
        """Whether the film passes, fails surely, or has to be looked at.

        What no label is like is never surely bad. A detector that is too unsure for more sends to
        review what it is sure of, and nothing else: its doubts would be about every tenth film. So
        does a rule, for what is no policy.
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
        """Whether the exact label is sure and a change of pixels mends it."""
        sure = self.probability >= self.task.thresholds.accept_at
        return self.standing is Standing.SURELY_BAD and self.task.has_made_labels and sure

    @property
    def reason(self) -> str:
        """Say it in words, e.g. `rotation: turned_90, 0.998 (tiny-0123456789ab)`.

        A rule gives no probability: what it suspects is for a person to look at.
        """
        if rule := self.task.rule:
            what = "by policy" if rule.is_policy(self.label) else "suspected: for a person to see"
            return f"{self.task.name}: {self.label}, {what} ({self.basis or 'a rule'})"
        finding = tag_finding(self.task, self.label, self.tag) or self.label
        return f"{self.task.name}: {finding}, {self.probability:.3f} ({self.model_version})"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The verdict on one film."""

    verdict: GateDecision
    reasons: tuple[str, ...]
    """Empty for an accepted film."""
    correction: PixelChange | None = None
    """What puts the film right; only with `correct`."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values; the correction is applied as mirror, then turn, then invert."""
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
        task: the detector's.
        probabilities: in the order of the task's labels.
        model_version: of the detector.
        tag: what the film's header says of black and white, see `polarity_tag`.
    """
    best = int(probabilities.argmax())
    p_bad = 1.0 - float(probabilities[task.labels.index(task.expected_label)])
    return Opinion(task, task.labels[best], float(probabilities[best]), p_bad, model_version, tag)


def correction_for(opinions: Iterable[Opinion]) -> PixelChange:
    """Return the change that puts right what is surely wrong and can be mended."""
    made = [each.task.made_by[each.label] for each in opinions if each.is_mendable]
    return merged_change(made).inverse() if made else UNCHANGED


def decide(
    first: Sequence[Opinion], corrected: Sequence[Opinion], correction: PixelChange
) -> GateAnswer:
    """Return the verdict.

    Args:
        first: what the detectors say of the film as it came.
        corrected: what they say of the corrected film; the same as `first` where nothing was
            corrected.
        correction: the change between the two.
    """
    mended = tuple(each.reason for each in first if each.is_mendable)
    left = [each for each in corrected if each.standing is not Standing.FINE]
    reasons = mended + tuple(_after(each, correction) for each in left)
    if any(_blocks(each) for each in left):
        return GateAnswer(GateDecision.REVIEW, reasons)
    if any(each.standing is Standing.SURELY_BAD for each in left):
        return GateAnswer(GateDecision.EXCLUDE, reasons)
    if left:
        return GateAnswer(GateDecision.REVIEW, reasons)
    if correction != UNCHANGED:
        return GateAnswer(GateDecision.CORRECT, reasons, correction)
    return GateAnswer(GateDecision.ACCEPT, ())


def _blocks(opinion: Opinion) -> bool:
    """Whether it is in doubt which way the film lies, so that no other detector can be trusted."""
    return opinion.task.has_made_labels and not opinion.task.review_only


def _after(opinion: Opinion, correction: PixelChange) -> str:
    when = "" if correction == UNCHANGED else " after the correction"
    return f"{opinion.reason}{when}"
