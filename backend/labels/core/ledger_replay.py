"""What stood at a row of the ledger, replayed from its beginning."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource, reviewer_and_rule
from backend.labels.core.ledger import Event, EventKind, LedgerRow, canonical

TELLS_OF_LABELS = (EventKind.LABEL, EventKind.WITHDRAWN)
_IF_SET = ("denied", "confidence", "annotation")
_SIDES = ("left", "top", "width", "height")


def label_facts(row: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return what the ledger keeps of a label; never the sentence of a report.

    Args:
        row: of the table `labels`.
        drawn: what the label's boxes are called, and their four sides as shares of the film.
    """
    names = ("label", "source", "reviewer", "answered_at")
    facts = {"label_id": row["id"]} | {name: row[name] for name in names}
    facts |= {name: row[name] for name in _IF_SET if row[name] not in (None, False)}
    if drawn:
        facts["boxes"] = [[one["label"], *(one[side] for side in _SIDES)] for one in drawn]
    return facts


def standing_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Return the rows of labels that were not withdrawn, in the order in which they were added.

    Args:
        rows: of labels and withdrawals, in order.
    """
    found: dict[int, LedgerRow] = {}
    for row in rows:
        if row.kind == EventKind.LABEL:
            found[row.facts["label_id"]] = row
        elif row.kind == EventKind.WITHDRAWN:
            found.pop(row.facts["label_id"], None)
    return list(found.values())


def labels_by_task(rows: Iterable[LedgerRow]) -> dict[str, list[Label]]:
    """Return the labels that rows tell of, by detector task, in order."""
    found: dict[str, list[Label]] = {}
    for row in rows:
        label = _label(row)
        found.setdefault(label.detector_task, []).append(label)
    return found


def standing_digest(labels: Iterable[Event | LedgerRow]) -> str:
    """Return SHA-256, in hex, of labels; two sets of the same labels, in order, have the same."""
    digest = hashlib.sha256()
    for one in labels:
        facts = {name: value for name, value in one.facts.items() if name not in _ABOUT_THE_ROW}
        digest.update(canonical([one.detector_task, one.radiograph_id, facts]).encode() + b"\n")
    return digest.hexdigest()


_ABOUT_THE_ROW = ("run", "carried_over")


def _label(row: LedgerRow) -> Label:
    facts = row.facts
    source = LabelSource(facts["source"])
    reviewer, rule = reviewer_and_rule(source, facts["reviewer"])
    return Label(
        radiograph_id=str(row.radiograph_id),
        detector_task=str(row.detector_task),
        label=facts["label"],
        source=source,
        answered_at=facts["answered_at"],
        denied=facts.get("denied", False),
        confidence=facts.get("confidence", 1.0),
        boxes=tuple(LabelledBox(name, Box(*sides)) for name, *sides in facts.get("boxes", ())),
        reviewer=reviewer,
        rule=rule,
    )
