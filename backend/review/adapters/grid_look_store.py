"""Looks given in the grid: answer, label and item of every film in one transaction, or nothing."""

from sqlalchemy import Engine, select

from backend.base.adapters.database import answers, items, labels
from backend.base.adapters.recorder import Recorder
from backend.base.core.chunks import in_chunks
from backend.labels.adapters.label_ledger import DELETED, NewLabel, insert_labels, withdraw_labels
from backend.labels.adapters.ledger_store import recorded
from backend.review.adapters.answer_store import add_answer, take_back_answer
from backend.review.adapters.batch_store import add_batch
from backend.review.core.grid_look import (
    NO_PROJECT,
    GridAnswer,
    grid_annotation,
    grid_answers,
    grid_item_key,
    grid_items,
    grid_label,
)
from backend.review.core.item import BatchFacts

_CHUNK = 500


def record_grid_answer(engine: Engine, answer: GridAnswer, model_version: str) -> int:
    """Store what a reviewer said of films in the grid; return the number of its batch.

    The batch has no picks: nobody chose what to show, and nothing was drawn.
    """
    task, films = answer.detector_task, list(answer.suggested)
    with recorded(engine) as recorder:
        known = _known_items(recorder, [grid_item_key(task, film) for film in films])
        fresh = [film for film in films if grid_item_key(task, film) not in known]
        batch_id = add_batch(
            recorder,
            BatchFacts(task, model_version, seed=0),
            (),
            lambda number: grid_items(answer, fresh, number),
        )
        for stored in grid_answers(answer, batch_id):
            add_answer(recorder, stored)
        new = [
            NewLabel(
                grid_label(answer, film), grid_annotation(task, film, batch_id), answer.given_at
            )
            for film in films
        ]
        insert_labels(recorder, new)
    return batch_id


def take_back_grid_answer(engine: Engine, batch_id: int, reviewer: str) -> int:
    """Withdraw what a reviewer said in a batch of the grid; return of how many films.

    What stood before stands again; a second call withdraws nothing.
    """
    with recorded(engine) as recorder:
        annotations = _standing_annotations(recorder, batch_id, reviewer)
        for annotation in annotations:
            take_back_answer(recorder, annotation, "it was taken back in the grid")
        for chunk in in_chunks(annotations, _CHUNK):
            standing = (
                select(labels)
                .where(labels.c.annotation.in_(chunk))
                .where(labels.c.withdrawn_at.is_(None))
                .order_by(labels.c.id)
            )
            withdraw_labels(recorder, recorder.connection.execute(standing).all(), DELETED)
    return len(annotations)


def _known_items(recorder: Recorder, keys: list[str]) -> set[str]:
    known: set[str] = set()
    for chunk in in_chunks(keys, _CHUNK):
        query = select(items.c.item_key).where(
            items.c.project_id == NO_PROJECT, items.c.item_key.in_(chunk)
        )
        known.update(recorder.connection.execute(query).scalars())
    return known


def _standing_annotations(recorder: Recorder, batch_id: int, reviewer: str) -> list[str]:
    query = (
        select(answers.c.annotation)
        .where(answers.c.project_id == NO_PROJECT)
        .where(answers.c.annotation.endswith(f"/{batch_id}"))
        .where(answers.c.reviewer == reviewer)
        .where(answers.c.withdrawn_at.is_(None))
        .order_by(answers.c.id)
    )
    return list(recorder.connection.execute(query).scalars())
