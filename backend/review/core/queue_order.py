"""The one queue of all detector tasks: which item comes before which.

An archive gains most from what settles films that somebody flagged: until then they count neither
as bad nor as fine. Next come sheets that answer for all tasks with one look, then sheets that ask
for one task, and last films that are looked at alone, the dearest of all.
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
        confidence: of the pre-annotation, 0 to 1; among items of the same rank the least sure one
            comes first.
    """
    if purpose in _LATER_LOOKS:
        tier = _AGAIN
    elif kind != SHEET:
        tier = _ALONE
    else:
        tier = _JOINT if task.sums_up else _ONE_TASK
    return round((tier + min(max(confidence, 0.0), 0.9999)) / _TIERS, 6)
