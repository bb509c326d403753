"""Looks that a reviewer gives in the grid: their items, answers, labels and names.

In the grid a reviewer sees the predictions and earlier answers of a film. So two looks in the grid
are never independent: for each detector task a film has one item there, and two looks on the same
item do not confirm each other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.labels.core.labels import Label, LabelSource, annotation_name
from backend.review.core.item import SINGLE, Item, StoredAnswer
from backend.review.core.look import Call, LookOutcome, Purpose

NO_PROJECT = 0
"""Project number of an item that is not in Label Studio."""
MOST_FILMS = 500
"""The most films that can be labelled at once."""
_REVIEWER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class GridAnswer:
    """One label that one reviewer gave to films in the grid at one moment."""

    detector_task: str
    label: str
    suggested: Mapping[str, str | None]
    """Radiograph id -> the predicted label; None without a prediction."""
    reviewer: str
    """A pseudonym, as `grid_reviewer` returns it."""
    given_at: str
    """UTC, ISO 8601."""
    seconds: float
    """Seconds in which the reviewer looked at all these films."""


def grid_reviewer(name: str) -> str | None:
    """Return the pseudonym to record; None where the name is not allowed.

    >>> grid_reviewer("R2"), grid_reviewer("Dr. Who"), grid_reviewer("")
    ('grid:R2', None, None)
    """
    return f"grid:{name}" if _REVIEWER.fullmatch(name) else None


def grid_item_key(detector_task: str, radiograph_id: str) -> str:
    """Return the key of a film's only grid item for a detector task."""
    return f"grid-{detector_task}-{radiograph_id}"


def grid_annotation(detector_task: str, radiograph_id: str, batch_id: int) -> str:
    """Return the name of a film's annotation in a batch of the grid."""
    return annotation_name(grid_item_key(detector_task, radiograph_id), batch_id)


def grid_items(answer: GridAnswer, films: Iterable[str], batch_id: int) -> list[Item]:
    """Return closed grid items for films that have none yet."""
    return [
        Item(
            item_key=grid_item_key(answer.detector_task, film),
            project_id=NO_PROJECT,
            batch_id=batch_id,
            position=position,
            detector_task=answer.detector_task,
            kind=SINGLE,
            shown_label="",
            radiograph_ids=(film,),
            closed_at=answer.given_at,
            purpose=Purpose.CHOSEN,
        )
        for position, film in enumerate(films)
    ]


def grid_answers(answer: GridAnswer, batch_id: int) -> list[StoredAnswer]:
    """Return one answer per film; the reviewer's time is shared equally among them."""
    task = answer.detector_task
    return [
        StoredAnswer(
            item_key=grid_item_key(task, film),
            project_id=NO_PROJECT,
            detector_task=task,
            annotation=grid_annotation(task, film, batch_id),
            annotation_updated_at=answer.given_at,
            reviewer=answer.reviewer,
            lead_time_s=answer.seconds / len(answer.suggested),
            outcome=LookOutcome.COUNTED,
            shown=(film,),
            called={film: Call(answer.label)},
            suggested=None if suggested is None else {film: Call(suggested)},
        )
        for film, suggested in answer.suggested.items()
    ]


def grid_label(answer: GridAnswer, film: str) -> Label:
    """Return the label that a film gets from a grid answer."""
    return Label(
        film,
        answer.detector_task,
        answer.label,
        LabelSource.REVIEWER,
        answer.given_at,
        answer.reviewer,
    )
