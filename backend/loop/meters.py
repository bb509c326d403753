"""How the reviewing for a detector task goes, from what is on record."""

import numpy as np

from backend.adapters.answer_store import standing_answers
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.core import review_meters as core
from backend.core.look import Outcome
from backend.core.review_meters import ReviewMeters, Uncounted
from backend.loop.looks import looks

# The interval of kappa is read from draws: the same answers give the same interval.
_SEED = 19690323


def review_meters(workspace: Workspace, task: DetectorTask) -> ReviewMeters:
    """Return the meters of a detector task."""
    uncounted = [
        Uncounted(answer.reviewer, answer.annotation_updated_at, answer.outcome)
        for answer in standing_answers(workspace.database, task.name, outcome=None)
        if answer.outcome is not Outcome.COUNTED
    ]
    return core.review_meters(
        looks(workspace, task),
        uncounted,
        task.expected_label,
        rng=np.random.default_rng(_SEED),
    )
