"""Labels added and withdrawn, each with its row in the ledger."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row

from backend.base.adapters.database import boxes, labels, utc_now
from backend.base.adapters.recorder import Recorder
from backend.base.core.ledger import Event, EventKind
from backend.labels.core.labels import Label
from backend.labels.core.ledger_replay import LabelFacts

EDITED = "the answer was edited"
DELETED = "the answer was deleted"
NOT_SAID_AGAIN = "its source says it no more"


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label to be stored, with the state of the annotation that it was read from, if any."""

    label: Label
    annotation: str | None = None
    annotation_updated_at: str | None = None


def insert_labels(recorder: Recorder, new: Sequence[NewLabel], *, run: int | None = None) -> None:
    """Store labels in the order given, which is also that of their rows in the ledger.

    Args:
        recorder: the open transaction.
        new: the labels.
        run: the row of the ledger that tells what gave these labels.
    """
    if not new:
        return
    now = utc_now()
    # In the order of the rows: nobody else adds labels meanwhile.
    ids = recorder.insert(labels, [_row(given, now) for given in new])
    drawn = [
        {"label_id": id_, "label": box.label} | asdict(box.box)
        for id_, given in zip(ids, new, strict=True)
        for box in given.label.boxes
    ]
    recorder.insert(boxes, drawn)
    about = {} if run is None else {"run": run}
    recorder.add(
        Event(
            EventKind.LABEL,
            _facts(given, id_).as_json() | about,
            given.label.detector_task,
            given.label.radiograph_id,
        )
        for id_, given in zip(ids, new, strict=True)
    )


def _row(new: NewLabel, now: str) -> dict[str, object]:
    """Return a row of the table `labels`, without an id."""
    label = new.label
    return {
        "radiograph_id": label.radiograph_id,
        "detector_task": label.detector_task,
        "label": label.label,
        "denied": label.denied,
        "source": label.source.value,
        "confidence": _confidence(label),
        "evidence": label.evidence or None,
        "reviewer": label.given_by,
        "answered_at": label.answered_at,
        "recorded_at": now,
        "annotation": new.annotation,
        "annotation_updated_at": new.annotation_updated_at,
    }


def _facts(new: NewLabel, label_id: int) -> LabelFacts:
    label = new.label
    return LabelFacts(
        label_id=label_id,
        label=label.label,
        source=label.source.value,
        given_by=label.given_by,
        answered_at=label.answered_at,
        denied=label.denied,
        confidence=_confidence(label),
        annotation=new.annotation,
        boxes=label.boxes,
    )


def _confidence(label: Label) -> float | None:
    return None if label.confidence == 1 else label.confidence


def withdraw_labels(
    recorder: Recorder, rows: Sequence[Row[Any]], why: str, *, run: int | None = None
) -> None:
    """Withdraw labels; their rows stay.

    Args:
        recorder: the open transaction.
        rows: of the table `labels`.
        why: one of the reasons above.
        run: the row of the ledger that tells what withdrew them.
    """
    if not rows:
        return
    recorder.update_each(labels, {"withdrawn_at": utc_now()}, {row.id: {} for row in rows})
    about = {"why": why} | ({} if run is None else {"run": run})
    recorder.add(
        Event(
            EventKind.WITHDRAWN,
            {"label_id": row.id, "label": row.label, "source": row.source, **about},
            row.detector_task,
            row.radiograph_id,
        )
        for row in rows
    )
