"""Every look at a film that counted, in the order recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import covered_by, detectors_of
from backend.detectors.adapters.versions.registry import published_parts
from backend.labels.adapters.label_store import first_reviewed
from backend.review.adapters.annotation_labels import annotation_labels
from backend.review.adapters.answer_store import called_since, standing_answers
from backend.review.adapters.batch_store import batch_picks, joint_items, task_items
from backend.review.core import meters as core
from backend.review.core.item import SINGLE, Item, StoredAnswer
from backend.review.core.look import Look, LookOutcome, Purpose, denial, denied_label
from backend.review.core.meters import ReviewMeters, Uncounted


def covered_now(workspace: Workspace, task: DetectorTask) -> dict[str, str] | None:
    """Return what a joint item that is made now answers; None of a task that does not sum up.

    It covers the detector tasks in use whose labels a thumbnail shows. One is in use once a version
    of it is published, or a reviewer has answered for it.
    """
    if not task.sums_up:
        return None
    engine = workspace.database
    published = published_parts(engine, task)
    begun = {part.name for part in detectors_of(task) if first_reviewed(engine, part.name)}
    return covered_by(task, {*published, *begun})


def joint_first_looks(workspace: Workspace, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for this task among others.

    That is so whether or not the look said what is wrong with it.
    """
    if task.sums_up:
        return {}
    engine = workspace.database
    asked = {
        item.item_key: item.detector_task
        for item in joint_items(engine)
        if task.name in (item.covered or {})
    }
    first: dict[str, str] = {}
    for joint in dict.fromkeys(asked.values()):
        for label in annotation_labels(engine, joint):
            if label.item_key in asked:
                at = first.get(label.radiograph_id, label.recorded_at)
                first[label.radiograph_id] = min(at, label.recorded_at)
    return first


def joint_waiting(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films that wait for a look at this task among others."""
    return {
        film
        for item in joint_items(workspace.database)
        if item.closed_at is None and task.name in (item.covered or {})
        for film in item.radiograph_ids
    }


def joint_calls(
    workspace: Workspace, task: DetectorTask
) -> Iterator[tuple[StoredAnswer, Item, dict[str, str]]]:
    """Yield the answers to joint items, and what they call which films for this detector task.

    A film that was flagged on a sheet is called nothing until somebody names what is wrong with it;
    the sheet has then called it bad for the task that was named, and for no other.
    """
    engine = workspace.database
    items = {item.item_key: item for item in joint_items(engine)}
    by_annotation: dict[str, dict[str, str]] = {}
    named: set[str] = set()
    for label in annotation_labels(engine, task.name) if items else ():
        if label.item_key in items:
            by_annotation.setdefault(label.annotation, {})[label.radiograph_id] = label.label
            if label.label != task.expected_label:
                named.add(label.radiograph_id)
    for joint in dict.fromkeys(item.detector_task for item in items.values()):
        for answer in standing_answers(engine, joint) if joint != task.name else ():
            if answer.item_key in items:
                item = items[answer.item_key]
                calls = dict(by_annotation.get(answer.annotation, {}))
                calls |= dict.fromkeys(_flagged(answer, item) & named, denial(task.expected_label))
                yield answer, item, calls


def _flagged(answer: StoredAnswer, item: Item) -> set[str]:
    if item.kind == SINGLE:
        return set()
    return {
        film
        for film, called in answer.called.items()
        if denied_label(called) is not None and film not in item.checks
    }


def looks(workspace: Workspace, task: DetectorTask) -> list[Look]:
    """Return the looks of a detector task, films whose answer was known among them.

    A look that was meant for several detector tasks is one for each of them that it answered; what
    it called the film is then a label of this task, and films whose answer was known are left out.
    """
    engine = workspace.database
    items = {item.item_key: item for item in task_items(engine, task.name)}
    answered = [
        (one, items[one.item_key], one.called)
        for one in standing_answers(engine, task.name)
        if one.item_key in items
    ]
    joint = list(joint_calls(workspace, task))
    batches = dict.fromkeys(item.batch_id for _, item, _ in (*answered, *joint))
    picks = {batch: batch_picks(engine, batch) for batch in batches}
    since = called_since(engine, task.name)
    own = [
        look
        for one in answered
        for look in _looks_of(*one, picks, since.get(one[0].annotation, {}))
    ]
    others = [_as_part(look, task) for one in joint for look in _looks_of(*one, picks, {})]
    return sorted([*own, *others], key=lambda look: look.answered_at) if others else own


def _as_part(look: Look, task: DetectorTask) -> Look:
    """Return a joint look as one for this task.

    A film that was not ticked was suggested as expected; of one that was, nothing was suggested.
    """
    unticked = look.suggested is not None and denied_label(look.suggested) is None
    return replace(look, suggested=task.expected_label if unticked else None)


def _looks_of(
    answer: StoredAnswer,
    item: Item,
    called: Mapping[str, str],
    picks: dict[int, dict[str, tuple[str, str]]],
    called_at: Mapping[str, str],
) -> Iterator[Look]:
    pace = None if answer.lead_time_s is None else answer.lead_time_s / max(1, len(answer.shown))
    for shown_id in (one for one in answer.shown if one in called):
        check = item.checks.get(shown_id)
        film = check.radiograph_id if check else shown_id
        slice_, _ = picks[item.batch_id].get(film, ("", ""))
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


def review_meters(workspace: Workspace, task: DetectorTask) -> ReviewMeters:
    """Return the meters of a detector task."""
    uncounted = [
        Uncounted(answer.reviewer, answer.annotation_updated_at, answer.outcome)
        for answer in standing_answers(workspace.database, task.name, outcome=None)
        if answer.outcome is not LookOutcome.COUNTED
    ]
    return core.review_meters(
        looks(workspace, task),
        uncounted,
        task.expected_label,
        rng=np.random.default_rng(_SEED),
    )
