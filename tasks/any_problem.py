"""Is anything wrong with the film? One look answers for every detector task that it can.

Nothing is learnt for it: what the published detectors say together is what it predicts.
"""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.task_kinds import SumOfTasks

TASK = DetectorTask(
    name="any_problem",
    question="Is anything wrong with this film?",
    labels=("fine", "problem"),
    expected_label="fine",
    kind=SumOfTasks(),
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
