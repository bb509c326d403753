"""Where the review of a detector task stands: worked out once, then passed on as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import detectors_of, nameable_parts, rules_of
from backend.labels.core.labels import Label, Verdict, verdicts
from backend.labels.loop.known_problems import called_bad
from backend.review.core.item import DrawRecord, Item
from backend.review.core.look import Look
from backend.review.loop.draws import draws_for, first_looks
from backend.review.loop.looks import joint_waiting, looks_on_record
from backend.review.loop.review_record import ReviewRecord, read_review


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Where the review of one detector task stands at one moment."""

    looks: Sequence[Look]
    """Every look that counts, at films whose answer was known as well."""
    first_looked: Mapping[str, str]
    """By radiograph id, when it was first looked at for the task, alone or among others."""
    draws: Sequence[DrawRecord]
    """The random draws that count for the task, in the order drawn."""
    labels: Sequence[Label]
    """The labels that stand, of every source."""
    verdicts: Mapping[str, Verdict]
    """By radiograph id, what those labels amount to."""
    items: Sequence[Item]
    """All items ever planned for the task."""
    joint_waiting: frozenset[str]
    """Films that wait on an item that asks for this task among others."""
    ruled_bad: frozenset[str]
    """Of a task that sums up: films that a policy among its parts calls bad."""
    reviewed_bad: frozenset[str]
    """Of a task that sums up: films that a reviewer calls bad for one of its parts."""
    parts_answered: frozenset[str]
    """Of a task that sums up: the parts that a reviewer has answered for."""

    @property
    def own_looks(self) -> list[Look]:
        """The looks without those at films whose answer was known."""
        return [look for look in self.looks if not look.check]

    @property
    def open_items(self) -> list[Item]:
        """The items that wait for a reviewer."""
        return [item for item in self.items if item.closed_at is None]

    @property
    def waiting(self) -> set[str]:
        """Films that wait for a reviewer, asked for this task alone or among others."""
        asked = {film for item in self.open_items for film in item.radiograph_ids}
        return asked.union(self.joint_waiting)

    @property
    def not_to_ask(self) -> set[str]:
        """Films that wait for a reviewer, and those that need none: their problem is known."""
        return self.waiting.union(self.ruled_bad, self.reviewed_bad)


def read_state(engine: Engine, task: DetectorTask) -> ReviewState:
    """Read where the review of a detector task stands now."""
    return state_on_record(read_review(engine, task), task)


def state_on_record(record: ReviewRecord, task: DetectorTask) -> ReviewState:
    """Return where the review of a detector task stands, by a record that was read for it."""
    labels, first = record.labels.get(task.name, ()), first_looks(record, task)
    return ReviewState(
        looks=looks_on_record(record.answered, task),
        first_looked=first,
        draws=draws_for(record, task, first),
        labels=labels,
        verdicts=verdicts(labels, task),
        items=[item for item in record.answered.items if item.detector_task == task.name],
        joint_waiting=frozenset(joint_waiting(record.answered, task)),
        ruled_bad=_called_bad(record, rules_of(task)),
        reviewed_bad=_called_bad(record, nameable_parts(task)),
        parts_answered=frozenset(
            part.name for part in detectors_of(task) if part.name in record.first_reviews
        ),
    )


def _called_bad(record: ReviewRecord, parts: Sequence[DetectorTask]) -> frozenset[str]:
    return frozenset(
        film for part in parts for film in called_bad(record.labels.get(part.name, ()), part)
    )
