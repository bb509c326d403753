"""Put a model version into use, everywhere at once; and go back to an earlier one."""

from dataclasses import asdict

from backend.base.adapters.workspace import Workspace
from backend.base.adapters.written_files import file_sha256
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.versions.model_folder import CARD_FILE
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, versions
from backend.detectors.loop.film_predictions import PredictionSource, prediction_source
from backend.detectors.loop.sweep import sweep_versions
from backend.review.adapters.review_turn import review_turn
from backend.review.loop.studio.connect import open_label_studio
from backend.review.loop.studio.waiting_items import rebuild_waiting_items, show_version


def publish(workspace: Workspace, task: DetectorTask, model_version: str, *, reason: str) -> None:
    """Make a version the one in use: here, and in Label Studio where one is connected.

    The whole archive is predicted first, then Label Studio gets the new predictions, and it is told
    to use them last; if anything fails in between, nothing was published and the old version stays
    in use on both sides.

    Raises:
        UnknownModelVersionError: the version was never trained for this detector task.
        LabelStudioError: Label Studio is connected but not reachable.
    """
    known = [version.model_version for version in versions(workspace.database, task.name)]
    if model_version not in known:
        raise UnknownModelVersionError(
            f"{task.name} has no model version {model_version!r}; "
            f"there are: {', '.join(known) or 'none yet'}"
        )
    sweep_versions(workspace.database, workspace.detector_files, {task.name: model_version})
    source, settings = prediction_source(workspace), workspace.settings
    studio = open_label_studio(workspace.root, settings)
    with review_turn(workspace.root):
        if studio:
            rebuild_waiting_items(source, settings, task, studio)
            show_version(source, task, studio, model_version)
        facts = _facts(source, task, model_version)
        record_publication(workspace.database, task.name, model_version, reason=reason, facts=facts)


def _facts(source: PredictionSource, task: DetectorTask, model_version: str) -> dict[str, object]:
    """Return what decides about films from now on; the card holds the calibration."""
    file = PredictionFile(source.files.predictions, task.name, model_version)
    return {
        "thresholds": asdict(task.thresholds),
        "card_sha256": file_sha256(source.files.models / model_version / CARD_FILE),
        "predictions_sha256": file_sha256(file.path),
    }


def rollback(workspace: Workspace, task: DetectorTask, model_version: str) -> None:
    """Go back to an earlier version: model, threshold, predictions and Label Studio's order."""
    publish(workspace, task, model_version, reason="rolled back by hand")
