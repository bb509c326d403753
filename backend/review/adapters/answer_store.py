"""What reviewers answered, item by item: added and withdrawn, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from backend.base.adapters.database import answers, utc_now
from backend.base.adapters.recorder import Recorder
from backend.base.core.ledger import Event, EventKind
from backend.review.core.answer_order import StateOrder, StoredState, order_of_state, seen_since
from backend.review.core.item import StoredAnswer
from backend.review.core.look import Call, LookOutcome

_NOT = "not "
"""How the database and the ledger write that a film does not have a label: `not LABEL`."""
_TOLD = (
    "annotation",
    "annotation_updated_at",
    "reviewer",
    "lead_time_s",
    "outcome",
    "shown",
    "called",
    "suggested",
)
"""What the ledger keeps of an answer."""
GONE = "it was deleted in Label Studio"


@dataclass(frozen=True, slots=True)
class Read:
    """When the reading began that saw a state, and when it is stored; see the table `pulls`."""

    begun: int | None = None
    """None: it was no pull that read it."""
    moment: int | None = None


def keep_answer(recorder: Recorder, answer: StoredAnswer, read: Read) -> StateOrder:
    """Store a state of an annotation in an open transaction, unless something later is stored."""
    stored = _last_state(recorder.connection, answer.annotation)
    is_what = order_of_state(answer.annotation_updated_at, answer.outcome, stored, read.begun)
    if is_what is StateOrder.NEW:
        take_back_answer(recorder, answer.annotation, "it was edited", moment=read.moment)
        add_answer(recorder, answer, moment=read.moment)
    return is_what


def _last_state(connection: Connection, annotation: str) -> StoredState | None:
    row = connection.execute(
        select(answers)
        .where(answers.c.annotation == annotation)
        .order_by(answers.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    is_withdrawn = row.withdrawn_at is not None
    outcome = LookOutcome(row.outcome)
    return StoredState(row.annotation_updated_at, outcome, is_withdrawn, row.moment or 0)


def add_answer(recorder: Recorder, answer: StoredAnswer, *, moment: int | None = None) -> None:
    """Store an answer that is not known yet, in an open transaction."""
    row = _row(answer) | {"moment": moment}
    recorder.insert(answers, [row])
    told = {name: row[name] for name in _TOLD}
    recorder.add([Event(EventKind.ANSWER, told, answer.detector_task)])


def withdraw_missing(recorder: Recorder, annotation: str, read: Read) -> bool:
    """Withdraw an annotation that a reading did not see; return False if it was stored since."""
    stored = _last_state(recorder.connection, annotation)
    if stored is not None and not seen_since(stored, read.begun):
        return False
    take_back_answer(recorder, annotation, GONE, moment=read.moment)
    return True


def is_answered(recorder: Recorder, item_key: str, project_id: int) -> bool:
    """Return whether an answer to an item stands and counts."""
    query = (
        select(answers.c.id)
        .where(answers.c.item_key == item_key)
        .where(answers.c.project_id == project_id)
        .where(answers.c.outcome == LookOutcome.COUNTED.value)
        .where(answers.c.withdrawn_at.is_(None))
        .limit(1)
    )
    return recorder.connection.execute(query).first() is not None


def standing_answers(
    engine: Engine, *detector_tasks: str, outcome: LookOutcome | None = LookOutcome.COUNTED
) -> list[StoredAnswer]:
    """Return the answers that stand, in the order recorded.

    Args:
        engine: the database.
        detector_tasks: whose items they answer.
        outcome: only those; None: all of them.
    """
    query = (
        select(answers)
        .where(answers.c.detector_task.in_(detector_tasks))
        .where(answers.c.withdrawn_at.is_(None))
        .order_by(answers.c.id)
    )
    if outcome is not None:
        query = query.where(answers.c.outcome == outcome.value)
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    return [_answer(row) for row in rows]


def answer_count(engine: Engine) -> int:
    """Return how many answers of all detector tasks stand and were counted."""
    counted = answers.c.outcome == LookOutcome.COUNTED.value
    query = select(func.count()).where(counted, answers.c.withdrawn_at.is_(None))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def answers_taken_back(engine: Engine, *detector_tasks: str) -> list[tuple[str, str]]:
    """Return item key and detector task of each annotation that counted once and is gone.

    An answer that was edited stands as it is now; it is none of these.

    Args:
        engine: the database.
        detector_tasks: whose items they answered.
    """
    counted = (
        answers.c.detector_task.in_(detector_tasks),
        answers.c.outcome == LookOutcome.COUNTED.value,
    )
    standing = select(answers.c.annotation).where(*counted, answers.c.withdrawn_at.is_(None))
    query = (
        select(answers.c.item_key, answers.c.detector_task)
        .where(*counted, answers.c.annotation.not_in(standing))
        .group_by(answers.c.annotation, answers.c.item_key, answers.c.detector_task)
        .order_by(func.min(answers.c.id))
    )
    with engine.connect() as connection:
        return [(key, task) for key, task in connection.execute(query)]


def called_since(engine: Engine, *detector_tasks: str) -> dict[str, dict[str, str]]:
    """Return when an edited answer first called each film what it calls the film now.

    A reviewer who flags one more film of a sheet has not looked at its other films again.

    Returns:
        By annotation, shown id -> UTC, ISO 8601; nothing of answers that were never edited.
    """
    counted = (
        answers.c.detector_task.in_(detector_tasks),
        answers.c.outcome == LookOutcome.COUNTED.value,
    )
    edited = (
        select(answers.c.annotation)
        .where(*counted)
        .group_by(answers.c.annotation)
        .having(func.count() > 1)
    )
    states = (
        select(answers.c.annotation, answers.c.annotation_updated_at, answers.c.called)
        .where(*counted, answers.c.annotation.in_(edited))
        .order_by(answers.c.id)
    )
    said: dict[str, Mapping[str, str]] = {}
    since: dict[str, dict[str, str]] = {}
    with engine.connect() as connection:
        for annotation, updated_at, called in connection.execute(states):
            before, times = said.get(annotation, {}), since.get(annotation, {})
            since[annotation] = {
                shown: times[shown] if before.get(shown) == label else updated_at
                for shown, label in called.items()
            }
            said[annotation] = called
    return since


def take_back_answer(
    recorder: Recorder, annotation: str, why: str, *, moment: int | None = None
) -> None:
    """Withdraw what stands of an annotation, in an open transaction."""
    standing = (
        select(answers.c.id, answers.c.detector_task, answers.c.shown)
        .where(answers.c.annotation == annotation)
        .where(answers.c.outcome == LookOutcome.COUNTED.value)
        .where(answers.c.withdrawn_at.is_(None))
        .order_by(answers.c.id)
    )
    for row in recorder.connection.execute(standing).all():
        this = answers.c.id == row.id
        with recorder.changing(answers, this) as connection:
            gone = {"withdrawn_at": utc_now(), "moment": moment}
            connection.execute(update(answers).where(this).values(gone))
        facts = {"annotation": annotation, "why": why, "shown": row.shown}
        recorder.add([Event(EventKind.ANSWER_WITHDRAWN, facts, row.detector_task)])


def _row(answer: StoredAnswer) -> dict[str, object]:
    row = {name: getattr(answer, name) for name in StoredAnswer.__dataclass_fields__}
    return row | {
        "outcome": answer.outcome.value,
        "shown": list(answer.shown),
        "called": _words(answer.called),
        "suggested": None if answer.suggested is None else _words(answer.suggested),
        "recorded_at": utc_now(),
    }


def _answer(row: Mapping[str, Any]) -> StoredAnswer:
    values = {name: row[name] for name in StoredAnswer.__dataclass_fields__}
    values["outcome"] = LookOutcome(str(values["outcome"]))
    values |= {name: row[name] and _calls(row[name]) for name in ("called", "suggested")}
    return StoredAnswer(**values)


def _words(calls: Mapping[str, Call]) -> dict[str, str]:
    return {shown: f"{_NOT * call.denied}{call.label}" for shown, call in calls.items()}


def _calls(words: Mapping[str, str]) -> dict[str, Call]:
    return {shown: _call(said) for shown, said in words.items()}


@cache  # there are as many as there are labels
def _call(words: str) -> Call:
    """Return what is written as `LABEL` or `not LABEL`.

    >>> _call("not upright") == Call("upright", denied=True), _call("upright") == Call("upright")
    (True, True)
    """
    return Call(words.removeprefix(_NOT), denied=words.startswith(_NOT))
