"""Looks at films that were asked about for several detector tasks at once."""

from collections.abc import Iterator

from backend.adapters.annotation_labels import annotation_labels
from backend.adapters.answer_store import Answer, standing_answers
from backend.adapters.batch_store import SINGLE, Item, joint_items
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import covered_by, detectors_of
from backend.core.look import denial, denied_label
from backend.detectors.adapters.versions.registry import published_parts
from backend.labels.adapters.label_store import first_reviewed


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
) -> Iterator[tuple[Answer, Item, dict[str, str]]]:
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


def _flagged(answer: Answer, item: Item) -> set[str]:
    if item.kind == SINGLE:
        return set()
    return {
        film
        for film, called in answer.called.items()
        if denied_label(called) is not None and film not in item.checks
    }
