"""Films drawn at random, and when each film was first looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.annotation_labels import ReviewSpan
from backend.review.core.item import DrawRecord
from backend.review.loop.looks import joint_first_looks
from backend.review.loop.review_record import ReviewRecord


def first_looks(record: ReviewRecord, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for a task, alone or among others.

    Answers that were changed or taken back do not count.
    """
    own = record.first_reviews.get(task.name, {})
    joint = joint_first_looks(record.answered, task)
    return {**own, **{film: min(at, own.get(film, at)) for film, at in joint.items()}}


def draws_for(
    record: ReviewRecord, task: DetectorTask, first_looked: Mapping[str, str]
) -> list[DrawRecord]:
    """Return the draws that count for a task, in the order drawn.

    Args:
        record: what is on record of the task.
        task: the detector task.
        first_looked: see `first_looks`.
    """
    items = [] if task.sums_up else record.answered.joint_items
    covering = {item.item_key: item for item in items if task.name in (item.covered or {})}
    joint = {
        name: [span for span in record.spans if span.detector_task == name]
        for name in dict.fromkeys(item.detector_task for item in items)
    }
    alone = [span for span in record.spans if span.detector_task == task.name]
    covered = (span for spans in joint.values() for span in spans if span.item_key in covering)
    closing = [*alone, *covered]
    own = [drawn for drawn in record.draws if drawn.detector_task == task.name]
    counting = [_with_closed(drawn, first_looked, closing) for drawn in own]
    batches = {item.batch_id for item in covering.values()}
    counting += [
        _for_part(drawn, first_looked, joint[drawn.detector_task], alone)
        for drawn in record.draws
        if drawn.detector_task in joint and drawn.batch_id in batches
    ]
    return sorted(counting, key=lambda drawn: drawn.batch_id)


def _with_closed(
    drawn: DrawRecord, first_looked: Mapping[str, str], spans: Sequence[ReviewSpan]
) -> DrawRecord:
    """Set aside films with a label at the time of the draw that was withdrawn since."""
    closed = _looked_then(spans, drawn.created_at) - looked_before(first_looked, drawn)
    return replace(drawn, set_aside=sorted(closed.union(drawn.set_aside)))


def _for_part(
    drawn: DrawRecord,
    first_looked: Mapping[str, str],
    joint: Sequence[ReviewSpan],
    alone: Sequence[ReviewSpan],
) -> DrawRecord:
    """Return a joint draw as one from the films that a task had not looked at.

    What the task had looked at stays out when that answer is changed later: who knew the draw could
    otherwise change answers, and so choose which known films count as drawn.

    Args:
        drawn: the joint draw.
        first_looked: when each film was first looked at for the task.
        joint: of all joint looks, whether they answered the task or not.
        alone: of looks at the task alone.
    """
    looked = looked_before(first_looked, drawn)
    in_joint, in_own = (_looked_then(spans, drawn.created_at) for spans in (joint, alone))
    before = (looked | in_own).difference(drawn.gone or ())
    closed = in_joint.union(drawn.ranked, drawn.set_aside)
    return replace(
        drawn,
        drawn_from=drawn.drawn_from - len(before - closed),
        drawn=[film for film in drawn.drawn if film not in before],
        set_aside=sorted(((in_joint | in_own) - looked).union(drawn.set_aside)),
    )


def looked_before(first_looked: Mapping[str, str], drawn: DrawRecord) -> set[str]:
    """Return the films that had been looked at when a batch was drawn."""
    return {film for film, at in first_looked.items() if at < drawn.created_at}


def _looked_then(spans: Sequence[ReviewSpan], moment: str) -> set[str]:
    """Return the films that a reviewer's label stood for at a moment."""
    return {span.radiograph_id for span in spans if span.covers(moment)}
