"""The order of items in the queue of all detector tasks.

Second looks come first: until then a flagged film counts neither as bad nor as fine. Next come
sheets that answer all tasks with one look, then sheets of one task, and last single items, which
cost the most time per film.
"""

from backend.base.core.detector_task import DetectorTask
from backend.review.core.item import SHEET
from backend.review.core.look import Purpose

_AGAIN, _JOINT, _ONE_TASK, _ALONE = range(4)
_TIERS = 4
_LATER_LOOKS = (Purpose.SECOND, Purpose.SETTLE)


def queue_score(task: DetectorTask, kind: str, purpose: Purpose, confidence: float) -> float:
    """Return an item's place in the queue, 0 to 1; the lowest comes first.

    Args:
        task: the detector task that the item asks for.
        kind: `SHEET` or `SINGLE`.
        purpose: why the item exists.
        confidence: of the pre-annotation, 0 to 1; among items of the same kind the least sure
            comes first.
    """
    if purpose in _LATER_LOOKS:
        tier = _AGAIN
    elif kind != SHEET:
        tier = _ALONE
    else:
        tier = _JOINT if task.sums_up else _ONE_TASK
    return round((tier + min(max(confidence, 0.0), 0.9999)) / _TIERS, 6)
