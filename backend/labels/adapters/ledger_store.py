"""The ledger in the database: rows are added at its end, and never changed or removed.

Every change that the ledger tells of is made inside `recorded`, see `base.adapters.recorder`: the
chain does not fork.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, String, cast, func, or_, select

from backend.base.adapters.database import boxes, labels, ledger, publications
from backend.base.adapters.files import open_atomically
from backend.base.adapters.identity import mark_ledger
from backend.base.adapters.recorder import Recorder, recording
from backend.base.core.errors import InputFileError
from backend.base.core.ledger import (
    ChainCheck,
    Event,
    EventKind,
    Facts,
    Fault,
    LedgerRow,
    difference,
    row_text,
)
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.ledger_replay import (
    TELLS_OF_LABELS,
    LabelFacts,
    standing_digest,
    standing_rows,
)

_AT_ONCE = 5000
"""Rows in memory at a time."""
_OF_MANY = (EventKind.ANSWER, EventKind.ANSWER_WITHDRAWN, EventKind.EXPORT)
"""Rows that name many films in their facts."""


@contextmanager
def recorded(engine: Engine) -> Iterator[Recorder]:
    """Open a transaction whose changes and ledger rows are kept together, or not at all.

    A ledger that has no row yet begins here: with the labels and publications as they stand.
    """
    with recording(engine) as recorder:
        if not recorder.head.seq:
            recorder.add(_beginning(recorder.connection))
            mark_ledger(recorder.connection)
        yield recorder


def note(engine: Engine, event: Event) -> int:
    """Append one row by itself; return its number."""
    with recorded(engine) as recorder:
        return recorder.add([event])


def note_override(engine: Engine, reason: str, facts: Facts) -> int:
    """Note that a person went on with a blocked export, and why.

    Args:
        engine: the database.
        reason: in the person's own words; it is kept for ever, so no names.
        facts: what was blocked, as plain values; no patients and no paths.
    """
    return note(engine, Event(EventKind.OVERRIDE, {"reason": reason, **facts}))


def ledger_rows(
    engine: Engine, kinds: Sequence[EventKind] = (), *, until: int | None = None
) -> Iterator[LedgerRow]:
    """Yield rows in order.

    Args:
        engine: the database.
        kinds: only these; empty: all.
        until: the last row wanted; None: all.
    """
    query = select(ledger).order_by(ledger.c.seq)
    if kinds:
        query = query.where(ledger.c.kind.in_([kind.value for kind in kinds]))
    if until is not None:
        query = query.where(ledger.c.seq <= until)
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            yield LedgerRow(**row._mapping)


def row_count(engine: Engine, kind: EventKind) -> int:
    """Return how many rows tell of such an event."""
    query = select(func.count()).where(ledger.c.kind == kind.value)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def ledger_row(engine: Engine, seq: int) -> LedgerRow | None:
    """Return one row, or None where there is none."""
    with engine.connect() as connection:
        row = connection.execute(select(ledger).where(ledger.c.seq == seq)).first()
    return LedgerRow(**row._mapping) if row else None


def rows_about(engine: Engine, radiograph_id: str) -> list[LedgerRow]:
    """Return the rows that name a film, and those that tell of all films, in order.

    Rows that tell of all films are publications, overrides, and applied rules and reports that gave
    one of the film's labels.
    """
    text = cast(ledger.c.facts, String)
    for_all = [EventKind.PUBLISHED.value, EventKind.OVERRIDE.value]
    many = ledger.c.kind.in_([kind.value for kind in _OF_MANY])
    wanted = or_(
        ledger.c.radiograph_id == radiograph_id,
        ledger.c.kind.in_(for_all),
        many & text.contains(f'"{radiograph_id}"', autoescape=True),
    )
    with engine.connect() as connection:
        rows = list(connection.execute(select(ledger).where(wanted)))
        runs = {row.facts["run"] for row in rows if "run" in row.facts}
        rows += connection.execute(select(ledger).where(ledger.c.seq.in_(runs))).all()
    return sorted((LedgerRow(**row._mapping) for row in rows), key=lambda row: row.seq)


def check_ledger(engine: Engine) -> ChainCheck:
    """Read the whole ledger; return its end and its first fault."""
    check = ChainCheck()
    for _ in check.passing(ledger_rows(engine)):
        pass
    return check


def labels_that_differ(engine: Engine) -> list[int]:
    """Return the ids of labels that the ledger and the table `labels` do not agree on."""
    with engine.connect() as connection:
        here = {label.facts["label_id"]: label for label in standing_in_tables(connection)}
    there = {
        row.facts["label_id"]: row for row in standing_rows(ledger_rows(engine, TELLS_OF_LABELS))
    }
    return sorted(
        number
        for number in here.keys() | there.keys()
        if _one_digest(here.get(number)) != _one_digest(there.get(number))
    )


def _one_digest(label: Event | LedgerRow | None) -> str:
    return standing_digest([] if label is None else [label])


def write_ledger(engine: Engine, path: Path) -> None:
    """Write the ledger as JSON lines, whole or not at all."""
    with open_atomically(path) as file:
        for row in ledger_rows(engine):
            file.write(row_text(row).encode() + b"\n")


def compare_ledger(engine: Engine, path: Path) -> Fault | None:
    """Return where the ledger does not begin with a copy that was kept, or None.

    Raises:
        InputFileError: the file is no copy of a ledger.
    """
    return difference(_kept_rows(path), ledger_rows(engine))


def _kept_rows(path: Path) -> Iterator[Mapping[str, object]]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield dict(json.loads(line))
    except (OSError, ValueError, TypeError) as error:
        raise InputFileError(
            f"expected a ledger written by `radsieve ledger --out`, got {path}: {error}"
        ) from error


def _beginning(connection: Connection) -> Iterator[Event]:
    """Yield the first events of a ledger: every standing label, and the model versions in use."""
    carried = standing_in_tables(connection)
    facts = {
        "labels": len(carried),
        "labels_sha256": standing_digest(carried),
        "in_use": _in_use(connection),
    }
    yield Event(EventKind.BEGIN, facts)
    yield from carried


def standing_in_tables(connection: Connection) -> list[Event]:
    """Return the standing labels of the table `labels`, as events of the ledger."""
    drawn: dict[int, list[LabelledBox]] = {}
    for row in connection.execute(select(boxes).order_by(boxes.c.id)):
        box = Box(row.left, row.top, row.width, row.height)
        drawn.setdefault(row.label_id, []).append(LabelledBox(row.label, box))
    query = select(labels).where(labels.c.withdrawn_at.is_(None)).order_by(labels.c.id)
    return [
        Event(
            EventKind.LABEL,
            {"carried_over": True, **_facts(row, drawn.get(row.id, ())).as_json()},
            row.detector_task,
            row.radiograph_id,
        )
        for row in connection.execute(query)
    ]


def _facts(row: Row[Any], drawn: Sequence[LabelledBox]) -> LabelFacts:
    return LabelFacts(
        label_id=row.id,
        label=row.label,
        source=row.source,
        given_by=row.reviewer,
        answered_at=row.answered_at,
        denied=row.denied,
        confidence=row.confidence,
        annotation=row.annotation,
        boxes=tuple(drawn),
    )


def _in_use(connection: Connection) -> dict[str, str]:
    last = select(func.max(publications.c.id)).group_by(publications.c.detector_task)
    query = select(publications).where(publications.c.id.in_(last))
    return {row.detector_task: row.model_version for row in connection.execute(query)}
