"""Labels by the annotation that gave them, and when they stood."""

from dataclasses import dataclass

from sqlalchemy import Engine, select

from backend.base.adapters.database import labels
from backend.labels.core.labels import LabelSource, answered_item


@dataclass(frozen=True, slots=True)
class AnnotationLabel:
    """A standing label that an annotation gave."""

    detector_task: str
    annotation: str
    """`item key/annotation id`."""
    radiograph_id: str
    label: str
    denied: bool
    recorded_at: str
    """UTC, ISO 8601."""

    @property
    def item_key(self) -> str:
        """Of the item that was answered."""
        return answered_item(self.annotation)


@dataclass(frozen=True, slots=True)
class ReviewSpan:
    """The time in which a reviewer's label of a film stood; UTC, ISO 8601."""

    detector_task: str
    radiograph_id: str
    annotation: str | None
    recorded_at: str
    withdrawn_at: str | None

    @property
    def item_key(self) -> str:
        """Of the item that was answered; empty where the label came from elsewhere."""
        return answered_item(self.annotation or "")

    def covers(self, moment: str) -> bool:
        """Whether the label stood at a moment."""
        return self.recorded_at < moment and (self.withdrawn_at or moment) >= moment


def review_spans(engine: Engine, *detector_tasks: str) -> list[ReviewSpan]:
    """Return every reviewer label that these detector tasks ever had, withdrawn or not."""
    columns = [labels.c[name] for name in ReviewSpan.__dataclass_fields__]
    query = (
        select(*columns)
        .where(labels.c.detector_task.in_(detector_tasks))
        .where(labels.c.source == LabelSource.REVIEWER.value)
        .order_by(labels.c.id)
    )
    with engine.connect() as connection:
        return [ReviewSpan(**row._mapping) for row in connection.execute(query)]


def annotation_labels(engine: Engine, *detector_tasks: str) -> list[AnnotationLabel]:
    """Return the standing labels of these detector tasks that came from Label Studio, in order."""
    columns = [labels.c[name] for name in AnnotationLabel.__dataclass_fields__]
    query = (
        select(*columns)
        .where(labels.c.detector_task.in_(detector_tasks))
        .where(labels.c.annotation.is_not(None))
        .where(labels.c.withdrawn_at.is_(None))
        .order_by(labels.c.id)
    )
    with engine.connect() as connection:
        return [AnnotationLabel(**row._mapping) for row in connection.execute(query)]
