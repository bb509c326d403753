"""Labels of films with their source, and the verdict on a film that follows from its labels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.base.core.detector_task import DetectorTask
from backend.labels.core.box import LabelledBox


class Slice(StrEnum):
    """Why a film is in the batch."""

    LIKELY = "likely"
    UNCERTAIN = "uncertain"
    OUTLIER = "outlier"
    AUDIT = "audit"
    CONFLICT = "conflict"
    """Report and pixels disagree."""
    FOLLOW_UP = "follow_up"
    """Somebody looked already, and somebody has to look again."""
    REPORT_AUDIT = "report_audit"
    """Drawn at random from films with a report, to see how far reports can be believed."""
    AGAIN = "again"
    """Drawn for an earlier audit, and nobody has looked at it: until then it counts as bad."""
    CHOSEN = "chosen"
    """A person sent it to review from the grid; never a random draw."""


DRAWN_AT_RANDOM = frozenset({Slice.AUDIT, Slice.REPORT_AUDIT})


class LabelSource(StrEnum):
    """Where a label comes from."""

    SYNTHETIC = "SYNTHETIC"
    REPORT = "REPORT"
    RULE = "RULE"
    REVIEWER = "REVIEWER"


GIVEN_BY_RULES = frozenset({LabelSource.RULE, LabelSource.REPORT})
"""Sources whose labels a rule gives, and no person."""

_TRUST = {
    LabelSource.SYNTHETIC: 0,
    LabelSource.REPORT: 1,
    LabelSource.RULE: 2,
    LabelSource.REVIEWER: 3,
}


@dataclass(frozen=True, slots=True)
class Label:
    """One answer about one film.

    `denied` turns it round: the film is known *not* to have this label. That is all that a click on
    a contact sheet says when a detector task has more than two labels.
    """

    radiograph_id: str
    detector_task: str
    label: str
    source: LabelSource
    answered_at: str
    """UTC, ISO 8601; later answers of the same source replace earlier ones."""
    reviewer: str = ""
    """A pseudonym; empty where the person is not known, and for a label that a rule gave."""
    denied: bool = False
    boxes: tuple[LabelledBox, ...] = ()
    """What was drawn, for a task whose answer is a box; `label` is then the expected one, because
    a film is not bad for what is around its boxes."""
    confidence: float = 1.0
    """How sure the source is of this answer, 0 to 1; less sure answers teach less."""
    evidence: str = field(default="", compare=False, repr=False)
    """The scrubbed sentence of a report that it was read from; the same answer with other words is
    the same answer. Never logged."""
    rule: str = ""
    """The rule that gave the label, of a source in `GIVEN_BY_RULES`; empty for a person's label."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence must be from 0 to 1, got {self.confidence}")
        wrong = "reviewer" if self.source in GIVEN_BY_RULES else "rule"
        if getattr(self, wrong):
            raise ValueError(
                f"expected a label of source {self.source} without a {wrong}, "
                f"got {wrong}={getattr(self, wrong)!r}"
            )

    @property
    def given_by(self) -> str:
        """The reviewer or the rule: the database, the ledger and the lists call both `reviewer`."""
        return self.rule or self.reviewer


def reviewer_and_rule(source: LabelSource, given_by: str) -> tuple[str, str]:
    """Return the two fields of a `Label` that `Label.given_by` was made from; one is empty.

    >>> reviewer_and_rule(LabelSource.REPORT, "rod.any")
    ('', 'rod.any')
    >>> reviewer_and_rule(LabelSource.REVIEWER, "user 7")
    ('user 7', '')
    """
    return ("", given_by) if source in GIVEN_BY_RULES else (given_by, "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The label of a film that follows from all its labels for one detector task."""

    radiograph_id: str
    detector_task: str
    label: str | None
    """None where it is only known which labels the film does *not* have."""
    denied: frozenset[str]
    decided_by: Label
    """The label that decided: its source, reviewer and time go into the exclusion list."""

    def is_decided(self, task: DetectorTask) -> bool:
        """Whether a person or a policy has decided, see `decides`."""
        return decides(self.decided_by, task)

    def is_bad(self, task: DetectorTask) -> bool:
        """Whether the film is known not to have the expected label."""
        if self.label is not None:
            return self.label != task.expected_label
        return task.expected_label in self.denied

    @property
    def needs_exact_class(self) -> bool:
        """Whether it is only known which labels the film does not have."""
        return self.label is None


def by_detector_task(labels: Iterable[Label]) -> dict[str, list[Label]]:
    """Return the labels of each detector task that has any, in the order given."""
    by_task: dict[str, list[Label]] = {}
    for label in labels:
        by_task.setdefault(label.detector_task, []).append(label)
    return by_task


def is_suspicion(label: Label, task: DetectorTask) -> bool:
    """Return whether a rule gave the label, and a person still has to look at the film.

    That goes by what the rule is today, also for a label that an earlier version stored.
    """
    by_its_rule = label.source is LabelSource.RULE and task.rule is not None
    return by_its_rule and not _is_policy(label, task)


def decides(label: Label, task: DetectorTask) -> bool:
    """Return whether a label decides about a film: a reviewer gave it, or a policy.

    A report only suggests, and so does a rule on pixels.
    """
    return label.source is LabelSource.REVIEWER or _is_policy(label, task)


def _is_policy(label: Label, task: DetectorTask) -> bool:
    return label.source is LabelSource.RULE and task.leaves_out(label.label)


def verdicts(labels: Iterable[Label], task: DetectorTask) -> dict[str, Verdict]:
    """Return one verdict per film, by radiograph id.

    A reviewer outweighs a policy, and a policy a report; within the best source the latest answer
    wins. Denials add up until a plain answer replaces them; when they leave one label, that is the
    answer. A suspicion of a rule is no verdict at all.

    Raises:
        ValueError: a label of another detector task is among them.
    """
    by_film: dict[str, list[Label]] = {}
    for label in labels:
        if label.detector_task != task.name:
            raise ValueError(f"expected labels of {task.name!r}, got {label.detector_task!r}")
        if not is_suspicion(label, task):
            by_film.setdefault(label.radiograph_id, []).append(label)
    return {film: _verdict(film_labels, task) for film, film_labels in by_film.items()}


def _verdict(film_labels: list[Label], task: DetectorTask) -> Verdict:
    best = max(_TRUST[label.source] for label in film_labels)
    trusted = [label for label in film_labels if _TRUST[label.source] == best]
    answer: str | None = None
    denied: set[str] = set()
    for label in sorted(trusted, key=lambda each: each.answered_at):
        if not label.denied:
            answer, denied = label.label, set()
        elif label.label == answer:
            answer, denied = None, {label.label}
        elif answer is None:
            denied.add(label.label)
        decided_by = label
    left = [label for label in task.labels if label not in denied]
    if answer is None and len(left) == 1:
        answer = left[0]
    return Verdict(decided_by.radiograph_id, task.name, answer, frozenset(denied), decided_by)


def count_by_label(found: Mapping[str, Verdict], task: DetectorTask) -> dict[str, int]:
    """Count verdicts per label, in the task's order; undecided films are left out."""
    return {
        label: sum(verdict.label == label for verdict in found.values()) for label in task.labels
    }


def annotation_name(item_key: str, annotation_id: int) -> str:
    """Return the name of an annotation: the key of the item it answers, and its own number."""
    return f"{item_key}/{annotation_id}"


def answered_item(annotation: str) -> str:
    """Return the key of the item that an annotation answers; empty where it answers none.

    >>> answered_item(annotation_name("3-0123abcd", 17)), answered_item("")
    ('3-0123abcd', '')
    """
    return annotation.rpartition("/")[0]
