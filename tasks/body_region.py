"""Which part of the body does the film show?"""

from backend.base.core.detector_task import DetectorTask, Subject, Thresholds
from backend.base.core.task_kinds import LearntFromAnswers

TASK = DetectorTask(
    name="body_region",
    question="Which part of the body is this?",
    labels=("chest", "abdomen", "pelvis", "hand", "knee", "spine", "other"),
    expected_label="chest",
    title="body region",
    label_words={
        "chest": "chest",
        "abdomen": "abdomen",
        "pelvis": "pelvis",
        "hand": "hand",
        "knee": "knee",
        "spine": "spine",
        "other": "another part of the body",
    },
    kind=LearntFromAnswers(catch_all="other"),
    subject=Subject.PART_OF_BODY,
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
    report_hints={
        "chest radiograph": "chest",
        "chest x ray": "chest",
        "portable chest": "chest",
        "abdominal radiograph": "abdomen",
        "kub": "abdomen",
        "ap pelvis": "pelvis",
        "pelvis radiograph": "pelvis",
        "left hand": "hand",
        "right hand": "hand",
        "left knee": "knee",
        "right knee": "knee",
        "lumbar spine": "spine",
        "cervical spine": "spine",
        "thoracic spine": "spine",
    },
)
