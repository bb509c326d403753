"""Is the film mirrored, so that the patient's left stands where the right should be?

The question is hard, and a film that looks mirrored may be right: with dextrocardia or situs
inversus it was taken so. So a person always decides.
"""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.pixel_change import PixelChange
from backend.base.core.task_kinds import ChangedSelf

TASK = DetectorTask(
    name="mirror",
    question="Are left and right swapped?",
    labels=("as_taken", "mirrored"),
    expected_label="as_taken",
    title="left and right",
    label_words={
        "as_taken": "not mirrored",
        "mirrored": "mirrored: left and right swapped",
    },
    kind=ChangedSelf(made_by={"as_taken": PixelChange(), "mirrored": PixelChange(mirror=True)}),
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
    review_only=True,
    seen_on_thumbnail=False,
)
