"""Labels in the database: added and withdrawn, never overwritten."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    bindparam,
    func,
    select,
)

from backend.base.adapters.database import batches, boxes, labels, picks
from backend.base.adapters.recorder import Recorder
from backend.base.core.ledger import Event, EventKind, Facts
from backend.labels.adapters.label_ledger import (
    DELETED,
    EDITED,
    NOT_SAID_AGAIN,
    NewLabel,
    insert_labels,
    withdraw_labels,
)
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import DRAWN_AT_RANDOM, Label, LabelSource, reviewer_and_rule


@dataclass(frozen=True, slots=True)
class AnnotationVersion:
    """The annotation in Label Studio that labels were read from, and its state."""

    annotation: str
    """`project/annotation id`."""
    updated_at: str


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """A label and whether it still stands."""

    label: Label
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """How the labels of a rule or of reports differ from the last time."""

    added: int
    withdrawn: int


def count_reviewed(engine: Engine) -> int:
    """Count the films that a standing label of a reviewer speaks of."""
    query = (
        select(func.count(labels.c.radiograph_id.distinct()))
        .where(labels.c.source == LabelSource.REVIEWER.value)
        .where(labels.c.withdrawn_at.is_(None))
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def put_annotation(recorder: Recorder, origin: AnnotationVersion, new: Sequence[Label]) -> None:
    """Make `new` the labels of an annotation in an open transaction, whatever stood.

    A label that the earlier state gave as well keeps its time: a reviewer who edits one film of a
    sheet has not looked at the other films again.
    """
    standing = _of_annotation(recorder, origin.annotation)
    if any(row.annotation_updated_at != origin.updated_at for row in standing) or not standing:
        withdraw_labels(recorder, standing, EDITED)
        _insert(recorder, list(_with_former_times(new, standing)), origin=origin)


def replace_labels(
    engine: Engine,
    detector_task: str,
    source: LabelSource,
    new: Sequence[Label],
    *,
    facts: Facts | None = None,
) -> LabelChanges:
    """Make `new` the standing labels of a source; one that it gave before and gives again stays.

    Of those that stay, the evidence becomes that of `new`; the ledger keeps no evidence.

    Args:
        engine: the database.
        detector_task: whose labels they are.
        source: RULE or REPORT, of which a film has one label at most.
        new: all labels of that source.
        facts: what the ledger should keep of how they came about, as plain values.
    """
    wanted = {label.radiograph_id: label for label in new}
    standing = (
        select(labels)
        .where(labels.c.detector_task == detector_task)
        .where(labels.c.source == source.value)
        .where(labels.c.withdrawn_at.is_(None))
    )
    with recorded(engine) as recorder:
        stale, worded = [], {}
        for row in recorder.connection.execute(standing).all():
            again = wanted.get(row.radiograph_id)
            if again is not None and _says_the_same(row, again):
                del wanted[row.radiograph_id]
                if (row.evidence or "") != again.evidence:
                    worded[row.id] = {"words": again.evidence or None}
            else:
                stale.append(row)
        recorder.update_each(labels, {"evidence": bindparam("words")}, worded)
        changes = LabelChanges(len(wanted), len(stale))
        about = {"source": source.value, **asdict(changes), **(facts or {})}
        run = recorder.add([Event(EventKind.LABELLING, about, detector_task)])
        withdraw_labels(recorder, stale, NOT_SAID_AGAIN, run=run)
        _insert(recorder, list(wanted.values()), run=run)
    return changes


def _says_the_same(row: Row[Any], label: Label) -> bool:
    sure = 1.0 if row.confidence is None else row.confidence
    return (row.label, row.reviewer, sure) == (label.label, label.given_by, label.confidence)


def take_back_labels(recorder: Recorder, annotation: str) -> int:
    """Withdraw the labels of an annotation that is gone; return how many there were."""
    rows = _of_annotation(recorder, annotation)
    withdraw_labels(recorder, rows, DELETED)
    return len(rows)


def live_annotations(engine: Engine, detector_task: str) -> set[str]:
    """Return the annotations whose labels stand."""
    query = (
        select(labels.c.annotation)
        .where(labels.c.detector_task == detector_task)
        .where(labels.c.annotation.is_not(None))
        .where(labels.c.withdrawn_at.is_(None))
        .distinct()
    )
    with engine.connect() as connection:
        return {row.annotation for row in connection.execute(query)}


def standing_labels(
    engine: Engine, *detector_tasks: str, source: LabelSource | None = None
) -> list[Label]:
    """Return the labels of detector tasks that were not withdrawn, in the order recorded.

    Args:
        engine: the database.
        detector_tasks: whose labels they are.
        source: only those that come from there; None: all.
    """
    of_tasks = labels.c.detector_task.in_(detector_tasks)
    standing: list[ColumnElement[bool]] = [of_tasks, labels.c.withdrawn_at.is_(None)]
    if source is not None:
        standing.append(labels.c.source == source.value)
    with engine.connect() as connection:
        return [record.label for record in _read(connection, *standing)]


def first_reviews(engine: Engine, *detector_tasks: str) -> dict[str, dict[str, str]]:
    """Return when the first standing reviewer label of each film was recorded (UTC, ISO 8601).

    Returns:
        Detector task -> radiograph id -> time; films without a reviewer's label are left out.
    """
    task, film = labels.c.detector_task, labels.c.radiograph_id
    query = (
        select(task, film, func.min(labels.c.recorded_at))
        .where(task.in_(detector_tasks))
        .where(labels.c.source == LabelSource.REVIEWER.value)
        .where(labels.c.withdrawn_at.is_(None))
        .group_by(task, film)
    )
    first: dict[str, dict[str, str]] = {}
    with engine.connect() as connection:
        for name, radiograph_id, recorded_at in connection.execute(query):
            first.setdefault(name, {})[radiograph_id] = recorded_at
    return first


def report_evidence(engine: Engine, detector_task: str, radiograph_id: str) -> str:
    """Return the words that the report label of a film was read from, empty where none are kept."""
    query = (
        select(labels.c.evidence)
        .where(labels.c.detector_task == detector_task)
        .where(labels.c.radiograph_id == radiograph_id)
        .where(labels.c.source == LabelSource.REPORT.value)
        .where(labels.c.withdrawn_at.is_(None))
        .order_by(labels.c.id.desc())
    )
    with engine.connect() as connection:
        return connection.execute(query).scalars().first() or ""


def label_history(engine: Engine, detector_task: str, radiograph_id: str) -> list[LabelRecord]:
    """Return every label that a film ever had for a detector task, in the order recorded."""
    of_film = labels.c.detector_task == detector_task, labels.c.radiograph_id == radiograph_id
    with engine.connect() as connection:
        return _read(connection, *of_film)


def _of_annotation(recorder: Recorder, annotation: str) -> Sequence[Row[Any]]:
    """Return the labels of an annotation that stand."""
    standing = (
        select(labels)
        .where(labels.c.annotation == annotation)
        .where(labels.c.withdrawn_at.is_(None))
        .order_by(labels.c.id)
    )
    return recorder.connection.execute(standing).all()


def _with_former_times(new: Sequence[Label], standing: Sequence[Row[Any]]) -> Iterator[Label]:
    since = {_call(row): row.answered_at for row in standing}
    for label in new:
        former = None if label.boxes else since.get(_call(label))
        yield replace(label, answered_at=former) if former else label


def _call(label: Label | Row[Any]) -> tuple[str, str, str, bool]:
    return label.radiograph_id, label.detector_task, label.label, label.denied


def _insert(
    recorder: Recorder,
    new: Sequence[Label],
    *,
    origin: AnnotationVersion | None = None,
    run: int | None = None,
) -> None:
    state = (origin.annotation, origin.updated_at) if origin else (None, None)
    insert_labels(recorder, [NewLabel(label, *state) for label in new], run=run)


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[LabelRecord]:
    drawn: dict[int, list[LabelledBox]] = {}
    for row in connection.execute(
        select(boxes).join(labels).where(*conditions).order_by(boxes.c.id)
    ):
        box = Box(row.left, row.top, row.width, row.height)
        drawn.setdefault(row.label_id, []).append(LabelledBox(row.label, box))
    rows = connection.execute(select(labels).where(*conditions).order_by(labels.c.id))
    return [LabelRecord(_label(row, drawn.get(row.id, ())), row.withdrawn_at) for row in rows]


def _label(row: Row[Any], drawn: Sequence[LabelledBox]) -> Label:
    source = LabelSource(row.source)
    reviewer, rule = reviewer_and_rule(source, row.reviewer)
    return Label(
        radiograph_id=row.radiograph_id,
        detector_task=row.detector_task,
        label=row.label,
        source=source,
        answered_at=row.answered_at,
        denied=row.denied,
        boxes=tuple(drawn),
        confidence=1.0 if row.confidence is None else row.confidence,
        evidence=row.evidence or "",
        reviewer=reviewer,
        rule=rule,
    )


def drawn_films(engine: Engine, detector_task: str) -> set[str]:
    """Return the films that came into their first batch by chance alone."""
    query = (
        select(picks.c.radiograph_id, picks.c.slice)
        .join(batches, batches.c.batch_id == picks.c.batch_id)
        .where(batches.c.detector_task == detector_task)
        .order_by(picks.c.batch_id.desc())
    )
    with engine.connect() as connection:
        # The first batch comes last, and so it is the one that stays.
        first = {row.radiograph_id: row.slice for row in connection.execute(query)}
    return {film for film, name in first.items() if name in DRAWN_AT_RANDOM}
