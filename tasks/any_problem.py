"""Is anything wrong with the film? One answer counts for all tasks that a thumbnail can answer.

No network learns this task: its prediction combines those of the published detectors.
"""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.task_kinds import SumOfTasks

TASK = DetectorTask(
    name="any_problem",
    question="Is anything wrong with this film?",
    labels=("fine", "problem"),
    expected_label="fine",
    title="any problem",
    label_words={
        "fine": "fine",
        "problem": "a problem",
    },
    kind=SumOfTasks(),
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
