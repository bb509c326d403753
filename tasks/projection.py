"""From which side was the film taken?"""

from backend.base.core.detector_task import DetectorTask, Subject, Thresholds
from backend.base.core.task_kinds import LearntFromAnswers

TASK = DetectorTask(
    name="projection",
    question="Is this a frontal film?",
    labels=("frontal", "lateral", "other"),
    expected_label="frontal",
    title="view",
    label_words={
        "frontal": "frontal view",
        "lateral": "lateral view",
        "other": "another view",
    },
    kind=LearntFromAnswers(catch_all="other"),
    subject=Subject.VIEW,
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
    # Only phrases about a single film: "PA and lateral" describes both films of an examination.
    report_hints={
        "lateral view only": "lateral",
        "single lateral": "lateral",
        "single frontal": "frontal",
        "single pa": "frontal",
        "single ap": "frontal",
        "frontal view only": "frontal",
        "portable ap": "frontal",
        "ap portable": "frontal",
        "decubitus": "other",
        "oblique": "other",
    },
)
