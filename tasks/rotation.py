"""Is the radiograph turned by 90, 180 or 270 degrees (counter-clockwise)?"""

from backend.base.core.detector_task import Augmentation, DetectorTask, Thresholds
from backend.base.core.pixel_change import PixelChange
from backend.base.core.task_kinds import MadeLabels

TASK = DetectorTask(
    name="rotation",
    question="Which way up is this radiograph?",
    labels=("upright", "turned_90", "turned_180", "turned_270"),
    expected_label="upright",
    title="orientation",
    label_words={
        "upright": "upright",
        "turned_90": "turned to the left",
        "turned_180": "upside down",
        "turned_270": "turned to the right",
    },
    # Each arrow shows where the head points.
    label_signs={"upright": "↑", "turned_90": "←", "turned_180": "↓", "turned_270": "→"},
    kind=MadeLabels(
        made_by={
            "upright": PixelChange(),
            "turned_90": PixelChange(turns_ccw=1),
            "turned_180": PixelChange(turns_ccw=2),
            "turned_270": PixelChange(turns_ccw=3),
        },
        label_safe=frozenset(Augmentation) - {Augmentation.FLIP_LEFT_RIGHT},
    ),
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
