"""Films drawn at random, and the first look at each film."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.labels.adapters.label_store import first_reviewed
from backend.review.adapters.annotation_labels import ReviewSpan, review_spans
from backend.review.adapters.batch_store import draws, joint_items
from backend.review.core.item import DrawRecord
from backend.review.loop.looks import joint_first_looks


def first_looks(workspace: Workspace, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for a task, alone or among others.

    Answers that were changed or taken back do not count.
    """
    own = first_reviewed(workspace.database, task.name)
    joint = joint_first_looks(workspace, task)
    return own | {film: min(at, own.get(film, at)) for film, at in joint.items()}


def draws_for(
    workspace: Workspace, task: DetectorTask, first_looked: Mapping[str, str]
) -> list[DrawRecord]:
    """Return the draws that count for a task, in the order drawn.

    Args:
        workspace: the archive.
        task: the detector task.
        first_looked: see `first_looks`.
    """
    engine = workspace.database
    items = [] if task.sums_up else joint_items(engine)
    covering = {item.item_key: item for item in items if task.name in (item.covered or {})}
    joint = {
        name: review_spans(engine, name)
        for name in dict.fromkeys(item.detector_task for item in items)
    }
    closing = [
        *review_spans(engine, task.name),
        *(one for spans in joint.values() for one in spans if one.item_key in covering),
    ]
    found = [_with_closed(one, first_looked, closing) for one in draws(engine, task.name)]
    batches = {item.batch_id for item in covering.values()}
    for name, spans in joint.items():
        mine = [drawn for drawn in draws(engine, name) if drawn.batch_id in batches]
        found += [_for_part(drawn, first_looked, spans) for drawn in mine]
    return sorted(found, key=lambda drawn: drawn.batch_id)


def _with_closed(
    drawn: DrawRecord, first_looked: Mapping[str, str], spans: Sequence[ReviewSpan]
) -> DrawRecord:
    """Set aside what had been looked at when a batch was drawn, and counts as looked at later."""
    closed = _looked_then(spans, drawn.created_at) - _before(first_looked, drawn)
    return replace(drawn, set_aside=sorted(closed.union(drawn.set_aside)))


def _for_part(
    drawn: DrawRecord, first_looked: Mapping[str, str], spans: Sequence[ReviewSpan]
) -> DrawRecord:
    """Return a joint draw as one from the films that a task had not looked at.

    Args:
        drawn: the joint draw.
        first_looked: when each film was first looked at for the task.
        spans: of all joint looks, whether they answered the task or not.
    """
    before = _before(first_looked, drawn).difference(drawn.gone or ())
    closed = _looked_then(spans, drawn.created_at).union(drawn.ranked, drawn.set_aside)
    part = replace(
        drawn,
        drawn_from=drawn.drawn_from - len(before - closed),
        drawn=[film for film in drawn.drawn if film not in before],
    )
    return _with_closed(part, first_looked, spans)


def _before(first_looked: Mapping[str, str], drawn: DrawRecord) -> set[str]:
    return {film for film, at in first_looked.items() if at < drawn.created_at}


def _looked_then(spans: Sequence[ReviewSpan], moment: str) -> set[str]:
    return {span.radiograph_id for span in spans if span.covers(moment)}
