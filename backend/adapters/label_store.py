"""Labels in the database: added and withdrawn, never overwritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from backend.adapters.database import labels, utc_now
from backend.core.labels import Label, LabelSource


@dataclass(frozen=True, slots=True)
class AnnotationVersion:
    """Which state of which Label Studio annotation labels were read from."""

    annotation: str
    """`project/annotation id`."""
    updated_at: str


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """A label and whether it still stands."""

    label: Label
    withdrawn_at: str | None


def add_labels(engine: Engine, new: Iterable[Label]) -> int:
    """Store labels that came from elsewhere than Label Studio; known ones are not stored twice."""
    with engine.begin() as connection:
        known = {_label(row) for row in connection.execute(select(labels))}
        fresh = [label for label in new if label not in known]
        _insert(connection, fresh, origin=None)
    return len(fresh)


def replace_annotation(engine: Engine, origin: AnnotationVersion, new: Sequence[Label]) -> bool:
    """Make `new` the labels of an annotation; return False if this state was read before."""
    with engine.begin() as connection:
        seen = connection.execute(
            select(labels.c.id)
            .where(labels.c.annotation == origin.annotation)
            .where(labels.c.annotation_updated_at == origin.updated_at)
            .where(labels.c.withdrawn_at.is_(None))
            .limit(1)
        ).first()
        if seen:
            return False
        _withdraw(connection, origin.annotation)
        _insert(connection, new, origin)
    return True


def withdraw_annotation(engine: Engine, annotation: str) -> int:
    """Withdraw the labels of an annotation that is gone; return how many there were."""
    with engine.begin() as connection:
        return _withdraw(connection, annotation)


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


def standing_labels(engine: Engine, detector_task: str) -> list[Label]:
    """Return the labels of a detector task that were not withdrawn, in the order recorded."""
    query = (
        select(labels)
        .where(labels.c.detector_task == detector_task)
        .where(labels.c.withdrawn_at.is_(None))
        .order_by(labels.c.id)
    )
    with engine.connect() as connection:
        return [_label(row) for row in connection.execute(query)]


def label_history(engine: Engine, detector_task: str, radiograph_id: str) -> list[LabelRecord]:
    """Return every label a film ever had for a detector task, in the order recorded."""
    query = (
        select(labels)
        .where(labels.c.detector_task == detector_task)
        .where(labels.c.radiograph_id == radiograph_id)
        .order_by(labels.c.id)
    )
    with engine.connect() as connection:
        return [LabelRecord(_label(row), row.withdrawn_at) for row in connection.execute(query)]


def _withdraw(connection: Connection, annotation: str) -> int:
    result = connection.execute(
        update(labels)
        .where(labels.c.annotation == annotation)
        .where(labels.c.withdrawn_at.is_(None))
        .values(withdrawn_at=utc_now())
    )
    return result.rowcount


def _insert(connection: Connection, new: Sequence[Label], origin: AnnotationVersion | None) -> None:
    now = utc_now()
    rows = [
        {
            "radiograph_id": label.radiograph_id,
            "detector_task": label.detector_task,
            "label": label.label,
            "denied": label.denied,
            "source": label.source.value,
            "reviewer": label.reviewer,
            "answered_at": label.answered_at,
            "recorded_at": now,
            "annotation": origin and origin.annotation,
            "annotation_updated_at": origin and origin.updated_at,
        }
        for label in new
    ]
    if rows:
        connection.execute(insert(labels), rows)


def _label(row: object) -> Label:
    names = ("radiograph_id", "detector_task", "label", "answered_at", "reviewer", "denied")
    values = {name: getattr(row, name) for name in names}
    return Label(source=LabelSource(getattr(row, "source")), **values)  # noqa: B009
