"""Where are the hip joints?"""

from backend.base.core.detector_task import Augmentation, DetectorTask, Thresholds
from backend.base.core.task_kinds import DrawnBoxes
from backend.phantoms.core.hip_region import LABELS

_LEFT, _RIGHT = LABELS

TASK = DetectorTask(
    name="hip_box",
    question="Draw a box around each hip joint: from above the socket to the neck of the femur.",
    labels=LABELS,
    expected_label=_LEFT,
    title="hip joints",
    label_words={_LEFT: "hip on the picture's left", _RIGHT: "hip on the picture's right"},
    kind=DrawnBoxes(
        mirrored_label={_LEFT: _RIGHT, _RIGHT: _LEFT},
        label_safe=frozenset(Augmentation),
    ),
    thresholds=Thresholds(review_below=0.70, accept_at=0.95),
)
