"""Every look at a film that counts, from the answers on record."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Engine

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.joint_question import covered_by
from backend.review.adapters.answer_store import standing_answers
from backend.review.adapters.batch_store import BatchPicks
from backend.review.core import meters as core
from backend.review.core.item import SINGLE, Item, StoredAnswer
from backend.review.core.look import Call, Look, LookOutcome, Purpose
from backend.review.core.meters import ReviewMeters, Uncounted
from backend.review.core.second_look import settled_bad
from backend.review.loop.review_record import AnswerRecord, read_answers


def covered_now(
    task: DetectorTask, published: Iterable[str], answered: Iterable[str]
) -> dict[str, str] | None:
    """Return what a joint item that is made now answers; None of a task that does not sum up.

    It covers the detector tasks in use whose labels a thumbnail shows.

    Args:
        task: the detector task.
        published: names of its parts that have a published version; they are in use.
        answered: names of its parts that a reviewer has answered for; they are in use, too.
    """
    return covered_by(task, {*published, *answered}) if task.sums_up else None


def joint_first_looks(record: AnswerRecord, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for this task among others.

    That is so whether or not the look said what is wrong with it.
    """
    if task.sums_up:
        return {}
    asked = {
        item.item_key: item.detector_task
        for item in record.joint_items
        if task.name in (item.covered or {})
    }
    joint, first = set(asked.values()), dict[str, str]()
    for label in record.labels_given:
        if label.detector_task in joint and label.item_key in asked:
            at = first.get(label.radiograph_id, label.recorded_at)
            first[label.radiograph_id] = min(at, label.recorded_at)
    return first


def joint_waiting(record: AnswerRecord, task: DetectorTask) -> set[str]:
    """Return the films that wait for a look at this task among others."""
    return {
        film
        for item in record.joint_items
        if item.closed_at is None and task.name in (item.covered or {})
        for film in item.radiograph_ids
    }


def joint_calls(
    record: AnswerRecord, task: DetectorTask
) -> Iterator[tuple[StoredAnswer, Item, dict[str, Call]]]:
    """Yield the answers to joint items, and what they call which films for this detector task.

    A film that was flagged on a sheet is called nothing until somebody names what is wrong with it;
    the sheet has then called it bad for the task that was named, and for no other.
    """
    items = {item.item_key: item for item in record.joint_items}
    by_annotation: dict[str, dict[str, Call]] = {}
    named: set[str] = set()
    flagged = Call(task.expected_label, denied=True)
    for label in record.labels_given:
        if label.detector_task == task.name and label.item_key in items:
            by_annotation.setdefault(label.annotation, {})[label.radiograph_id] = Call(label.label)
            if label.label != task.expected_label:
                named.add(label.radiograph_id)
    for joint in record.joint_tasks:
        for answer in record.answers if joint != task.name else ():
            if answer.detector_task == joint and answer.item_key in items:
                item = items[answer.item_key]
                calls = dict(by_annotation.get(answer.annotation, {}))
                calls |= dict.fromkeys(_flagged(answer, item) & named, flagged)
                yield answer, item, calls


def _flagged(answer: StoredAnswer, item: Item) -> set[str]:
    if item.kind == SINGLE:
        return set()
    return {
        film for film, called in answer.called.items() if called.denied and film not in item.checks
    }


def looks(engine: Engine, task: DetectorTask) -> list[Look]:
    """Read the answers for a detector task and return `looks_on_record`."""
    return looks_on_record(read_answers(engine, task), task)


def looks_on_record(record: AnswerRecord, task: DetectorTask) -> list[Look]:
    """Return the looks of a detector task, films whose answer was known among them.

    A look that was meant for several detector tasks is one for each of them that it answered; what
    it called the film is then a label of this task, and films whose answer was known are left out.
    """
    items = {item.item_key: item for item in record.items if item.detector_task == task.name}
    answered = [
        (answer, items[answer.item_key], answer.called)
        for answer in record.answers
        if answer.detector_task == task.name and answer.item_key in items
    ]
    own = [
        _narrowed(look, task)
        for answer, item, called in answered
        for look in _looks_of(
            answer, item, called, record.picks, record.called_since.get(answer.annotation, {})
        )
    ]
    others = [
        _as_part(look, task)
        for answer, item, called in joint_calls(record, task)
        for look in _looks_of(answer, item, called, record.picks, {})
    ]
    return sorted([*own, *others], key=lambda look: look.answered_at) if others else own


def films_settled_bad(record: AnswerRecord, tasks: Iterable[DetectorTask]) -> dict[str, list[str]]:
    """Return by detector task the films that two looks called bad, sorted; see `settled_bad`.

    Tasks whose answer is a box are left out.
    """
    settled = {
        task.name: settled_bad(
            (look for look in looks_on_record(record, task) if not look.check), task.expected_label
        )
        for task in tasks
        if task.answer is AnswerKind.CHOICE
    }
    return {name: sorted(films) for name, films in settled.items()}


def _narrowed(look: Look, task: DetectorTask) -> Look:
    """Return a look in which a denied label, of two, is a call of the other, suggested or said.

    A film whose answer was known keeps what its sheet said: its tick is worked out from that.
    """
    if look.check:
        return look
    suggested = look.suggested and look.suggested.among(task.labels)
    return replace(look, called=look.called.among(task.labels), suggested=suggested)


def _as_part(look: Look, task: DetectorTask) -> Look:
    """Return a joint look as one for this task.

    A film that was not ticked was suggested as expected; of one that was, nothing was suggested.
    """
    unticked = look.suggested is not None and not look.suggested.denied
    return replace(look, suggested=Call(task.expected_label) if unticked else None)


def _looks_of(
    answer: StoredAnswer,
    item: Item,
    called: Mapping[str, Call],
    picks: BatchPicks,
    called_at: Mapping[str, str],
) -> Iterator[Look]:
    pace = None if answer.lead_time_s is None else answer.lead_time_s / max(1, len(answer.shown))
    for shown_id in (shown for shown in answer.shown if shown in called):
        check = item.checks.get(shown_id)
        film = check.radiograph_id if check else shown_id
        slice_, _ = picks.get(item.batch_id, {}).get(film, ("", ""))
        first = item.purpose is Purpose.FIRST and not check
        yield Look(
            radiograph_id=film,
            item_key=item.item_key,
            reviewer=answer.reviewer,
            answered_at=answer.annotation_updated_at,
            called=called[shown_id],
            suggested=(answer.suggested or {}).get(shown_id),
            purpose=item.purpose,
            slice=slice_ if first else "",
            batch_id=item.batch_id,
            seconds=pace,
            check=check,
            called_at=called_at.get(shown_id, ""),
        )


# The interval of kappa is read from draws: the same answers give the same interval.
_SEED = 19690323


def review_meters(engine: Engine, task: DetectorTask) -> ReviewMeters:
    """Return the meters of a detector task."""
    return meters_by_task(engine, [task])[task.name]


def meters_by_task(engine: Engine, tasks: Collection[DetectorTask]) -> dict[str, ReviewMeters]:
    """Return the meters of several detector tasks by name; the answers are read once for all."""
    record = read_answers(engine, *tasks)
    answers = standing_answers(engine, *(task.name for task in tasks), outcome=None)
    return {task.name: _meters(record, answers, task) for task in tasks}


def _meters(
    record: AnswerRecord, answers: Sequence[StoredAnswer], task: DetectorTask
) -> ReviewMeters:
    uncounted = [
        Uncounted(answer.reviewer, answer.annotation_updated_at, answer.outcome)
        for answer in answers
        if answer.detector_task == task.name and answer.outcome is not LookOutcome.COUNTED
    ]
    return core.review_meters(
        looks_on_record(record, task),
        uncounted,
        task.expected_label,
        rng=np.random.default_rng(_SEED),
    )
