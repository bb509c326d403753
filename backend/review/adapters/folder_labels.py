"""Labels read from folders of films: a whole round at once, or nothing of it."""

from dataclasses import dataclass

from sqlalchemy import Engine, select

from backend.base.adapters.database import labels
from backend.labels.adapters.label_ledger import EDITED, NewLabel, insert_labels, withdraw_labels
from backend.labels.adapters.ledger_store import recorded
from backend.review.core.folder_review import FolderAnswers, annotation_prefix, state_digest


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What reading a round has changed."""

    added: int
    withdrawn: int
    already: int
    """Labels that had been read before and stand."""


def replace_round(engine: Engine, round_id: str, answers: FolderAnswers) -> FolderChanges:
    """Make a round's answers its standing labels, in one transaction; rows are never removed.

    Call it in turn: two readings of the same round at the same time would both add its labels.

    Args:
        engine: the database.
        round_id: the round's.
        answers: all it says.
    """
    standing = (
        select(labels)
        .where(labels.c.annotation.startswith(annotation_prefix(round_id), autoescape=True))
        .where(labels.c.withdrawn_at.is_(None))
    )
    with recorded(engine) as recorder:
        rows = recorder.connection.execute(standing).all()
        kept = {
            row.annotation
            for row in rows
            if _stands(row.annotation, row.annotation_updated_at, answers)
        }
        stale = [row for row in rows if row.annotation not in kept]
        fresh = {name: label for name, label in answers.labels.items() if name not in kept}
        withdraw_labels(recorder, stale, EDITED)
        new = [NewLabel(label, name, state_digest(label.label)) for name, label in fresh.items()]
        insert_labels(recorder, new)
    return FolderChanges(len(fresh), len(stale), len(kept))


def _stands(name: str, state: str, answers: FolderAnswers) -> bool:
    label = answers.labels.get(name)
    answered = state_digest(label.label) if label else answers.unmoved.get(name)
    return name in answers.silent or state == answered
