"""Are black and white swapped, as in a photographic negative?"""

from backend.base.core.detector_task import Augmentation, DetectorTask, Thresholds
from backend.base.core.pixel_change import PixelChange
from backend.base.core.task_kinds import MadeLabels

TASK = DetectorTask(
    name="inversion",
    question="Are black and white swapped?",
    labels=("normal", "inverted"),
    expected_label="normal",
    title="black and white",
    label_words={
        "normal": "not inverted",
        "inverted": "black and white swapped",
    },
    kind=MadeLabels(
        made_by={"normal": PixelChange(), "inverted": PixelChange(invert=True)},
        label_safe=frozenset(Augmentation),
    ),
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
