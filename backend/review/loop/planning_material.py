"""What the next items of a detector task are planned from, read once at one moment."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import version_in_use
from backend.detectors.loop.film_predictions import PredictionSource, prediction_source
from backend.review.loop.review_state import ReviewState, read_state


@dataclass(frozen=True, slots=True)
class PlanningMaterial:
    """The review of a detector task as it stands, and where its films are measured and predicted.

    Batches are ranked from it, and follow-ups planned.
    """

    task: DetectorTask
    state: ReviewState
    model_version: str
    """In use for the task."""
    settings: Settings
    predictions: PredictionSource
    measures: Path
    """The folder of the films' measures, see `MeasureStore`."""
    sketches: Path
    """The file of the thumbnails' sketches, see `read_sketches`."""

    @property
    def database(self) -> Engine:
        """The database that all of it was read from."""
        return self.predictions.database


def planning_material(workspace: Workspace, task: DetectorTask) -> PlanningMaterial:
    """Read what the next items of a detector task are planned from.

    Raises:
        NothingPublishedError: the detector task has no published model version.
    """
    engine = workspace.database
    version = version_in_use(engine, task)
    return PlanningMaterial(
        task=task,
        state=read_state(engine, task),
        model_version=version,
        settings=workspace.settings,
        predictions=prediction_source(workspace),
        measures=workspace.measures,
        sketches=workspace.sketches,
    )
