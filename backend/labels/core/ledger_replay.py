"""The labels that stood at a given row of the ledger, replayed from its first row."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from backend.base.core.ledger import Event, EventKind, Facts, LedgerRow, canonical
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource, reviewer_and_rule

TELLS_OF_LABELS = (EventKind.LABEL, EventKind.WITHDRAWN)
_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What the ledger keeps of a label; never the sentence of a report."""

    label_id: int
    """Of the row in the table `labels`."""
    label: str
    source: str
    given_by: str
    """The reviewer or the rule; the ledger calls it `reviewer`."""
    answered_at: str
    denied: bool = False
    confidence: float | None = None
    """None where the source is sure."""
    annotation: str | None = None
    """The annotation in Label Studio that it was read from, `item key/annotation id`."""
    boxes: tuple[LabelledBox, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the facts of a row of the ledger; what is not set has no key."""
        facts: dict[str, object] = {
            "label_id": self.label_id,
            "label": self.label,
            "source": self.source,
            "reviewer": self.given_by,
            "answered_at": self.answered_at,
        }
        may_be_empty = {
            "denied": self.denied,
            "annotation": self.annotation,
            "boxes": [
                [labelled.label, *(getattr(labelled.box, side) for side in _SIDES)]
                for labelled in self.boxes
            ],
        }
        if self.confidence is not None:
            facts["confidence"] = self.confidence
        # An annotation that is there but empty has its key, as in the rows of earlier versions.
        return facts | {k: v for k, v in may_be_empty.items() if v or v == ""}


def label_facts(facts: Facts) -> LabelFacts:
    """Return the facts of a row that tells of a label."""
    return LabelFacts(
        label_id=facts["label_id"],
        label=facts["label"],
        source=facts["source"],
        given_by=facts["reviewer"],
        answered_at=facts["answered_at"],
        denied=facts.get("denied", False),
        confidence=facts.get("confidence"),
        annotation=facts.get("annotation"),
        boxes=tuple(LabelledBox(name, Box(*sides)) for name, *sides in facts.get("boxes", ())),
    )


def standing_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Return the rows of labels that were not withdrawn, in the order in which they were added.

    Args:
        rows: of labels and withdrawals, in order.
    """
    standing: dict[int, LedgerRow] = {}
    for row in rows:
        if row.kind == EventKind.LABEL:
            standing[row.facts["label_id"]] = row
        elif row.kind == EventKind.WITHDRAWN:
            standing.pop(row.facts["label_id"], None)
    return list(standing.values())


def labels_by_task(rows: Iterable[LedgerRow]) -> dict[str, list[Label]]:
    """Return the labels that rows tell of, by detector task, in order."""
    by_task: dict[str, list[Label]] = {}
    for row in rows:
        label = _label(row)
        by_task.setdefault(label.detector_task, []).append(label)
    return by_task


def standing_digest(labels: Iterable[Event | LedgerRow]) -> str:
    """Return SHA-256, in hex, of labels; two sets of the same labels, in order, have the same."""
    digest = hashlib.sha256()
    for event in labels:
        facts = {name: value for name, value in event.facts.items() if name not in _ABOUT_THE_ROW}
        digest.update(canonical([event.detector_task, event.radiograph_id, facts]).encode() + b"\n")
    return digest.hexdigest()


_ABOUT_THE_ROW = ("run", "carried_over")


def _label(row: LedgerRow) -> Label:
    facts = label_facts(row.facts)
    source = LabelSource(facts.source)
    reviewer, rule = reviewer_and_rule(source, facts.given_by)
    return Label(
        radiograph_id=str(row.radiograph_id),
        detector_task=str(row.detector_task),
        label=facts.label,
        source=source,
        answered_at=facts.answered_at,
        reviewer=reviewer,
        rule=rule,
        denied=facts.denied,
        confidence=1.0 if facts.confidence is None else facts.confidence,
        boxes=facts.boxes,
    )
