"""Labels added and withdrawn, each with its row in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from backend.base.adapters.database import boxes, labels, utc_now
from backend.labels.adapters.ledger_store import Recorder
from backend.labels.core.labels import Label
from backend.labels.core.ledger import Event, EventKind
from backend.labels.core.ledger_replay import label_facts

EDITED = "the answer was edited"
DELETED = "the answer was deleted"
NOT_SAID_AGAIN = "its source says it no more"


def insert_labels(
    recorder: Recorder,
    new: Sequence[Label],
    rows: Sequence[Mapping[str, Any]],
    *,
    run: int | None = None,
) -> None:
    """Store labels in the order given, which is also that of their rows in the ledger.

    Args:
        recorder: the open transaction.
        new: the labels.
        rows: of the table `labels`, one for each; without an id.
        run: the row of the ledger that tells what gave these labels.
    """
    if not new:
        return
    ids = _insert(recorder.connection, rows)
    drawn = [
        [{"label_id": id_, "label": one.label} | asdict(one.box) for one in label.boxes]
        for id_, label in zip(ids, new, strict=True)
    ]
    if flat := [box for some in drawn for box in some]:
        recorder.connection.execute(insert(boxes), flat)
    about = {} if run is None else {"run": run}
    recorder.add(
        Event(
            EventKind.LABEL,
            label_facts({**row, "id": id_}, some) | about,
            row["detector_task"],
            row["radiograph_id"],
        )
        for id_, row, some in zip(ids, rows, drawn, strict=True)
    )


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Return the new ids in the order of the rows; nobody else adds labels meanwhile.

    Asking each INSERT for its id would send the rows one by one.
    """
    last = connection.execute(select(func.max(labels.c.id))).scalar() or 0
    connection.execute(insert(labels), list(rows))
    new = select(labels.c.id).where(labels.c.id > last).order_by(labels.c.id)
    return connection.execute(new).scalars().all()


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
    gone = update(labels).where(labels.c.id == bindparam("stale_id"))
    stale = [{"stale_id": row.id} for row in rows]
    recorder.connection.execute(gone.values(withdrawn_at=utc_now()), stale)
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
