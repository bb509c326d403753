"""The rows that a review of detector tasks left in the database, read once and passed on.

The number of database statements depends neither on how many tasks are read together nor on how
much was looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.labels.adapters.label_store import first_reviews, standing_labels
from backend.labels.core.labels import Label, by_detector_task
from backend.review.adapters.annotation_labels import (
    AnnotationLabel,
    ReviewSpan,
    annotation_labels,
    review_spans,
)
from backend.review.adapters.answer_store import called_since, standing_answers
from backend.review.adapters.batch_store import BatchPicks, all_picks, draws, review_items
from backend.review.core.item import DrawRecord, Item, StoredAnswer


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """What reviewers answered for some detector tasks, and for all joint items.

    A joint item asks for several detector tasks at once.
    """

    items: Sequence[Item]
    """Of these tasks, and all joint ones, in the order planned."""
    answers: Sequence[StoredAnswer]
    """To those items: the answers that stand and count, in the order recorded."""
    called_since: Mapping[str, Mapping[str, str]]
    """See `answer_store.called_since`."""
    picks: BatchPicks
    """Of the batches of these tasks and of joint ones."""
    labels_given: Sequence[AnnotationLabel]
    """The standing labels that the answers gave; read only where there are joint items."""

    @property
    def joint_items(self) -> list[Item]:
        """All items that ask for several detector tasks at once."""
        return [item for item in self.items if item.covered is not None]

    @property
    def joint_tasks(self) -> list[str]:
        """The names of the tasks that joint items were made for."""
        return _joint_tasks(self.items)


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """All that is on record of the review of some detector tasks."""

    answered: AnswerRecord
    labels: Mapping[str, Sequence[Label]]
    """Detector task -> its labels that stand; of parts of these tasks as well."""
    first_reviews: Mapping[str, Mapping[str, str]]
    """See `label_store.first_reviews`; of parts of these tasks as well."""
    spans: Sequence[ReviewSpan]
    """Of the labels that reviewers gave for these tasks and for joint ones."""
    draws: Sequence[DrawRecord]
    """Of these tasks and of joint ones, in the order drawn."""


def read_answers(engine: Engine, *tasks: DetectorTask) -> AnswerRecord:
    """Return what reviewers answered for these detector tasks, alone or among others."""
    names = [task.name for task in tasks]
    items = review_items(engine, *names)
    joint = _joint_tasks(items)
    asked = dict.fromkeys([*names, *joint])
    return AnswerRecord(
        items=items,
        answers=standing_answers(engine, *asked),
        called_since=called_since(engine, *names),
        picks=all_picks(engine, *asked),
        labels_given=annotation_labels(engine, *asked) if joint else (),
    )


def read_review(engine: Engine, *tasks: DetectorTask) -> ReviewRecord:
    """Return all that is on record of the review of these detector tasks."""
    answered = read_answers(engine, *tasks)
    asked = dict.fromkeys([*(task.name for task in tasks), *answered.joint_tasks])
    labelled = dict.fromkeys(part.name for task in tasks for part in (task, *task.parts))
    return ReviewRecord(
        answered=answered,
        labels=by_detector_task(standing_labels(engine, *labelled)),
        first_reviews=first_reviews(engine, *labelled),
        spans=review_spans(engine, *asked),
        draws=draws(engine, *asked, chosen=answered.picks),
    )


def _joint_tasks(items: Iterable[Item]) -> list[str]:
    return list(dict.fromkeys(item.detector_task for item in items if item.covered is not None))
