"""Read a model version from disk and make a detector of it."""

import logging
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.versions.model_folder import read_version
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.kinds import kind_of_version

logger = logging.getLogger(__name__)


def load_detector(models: Path, model_version: str, device: str) -> Detector:
    """Read a version from disk; nothing that can run code is read.

    Args:
        models: the folder of the versions.
        model_version: its name.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        UnknownModelVersionError: there is no such version, or its files were altered.
    """
    saved = read_version(models, model_version)
    return kind_of_version(model_version).load(saved, device)


def load_in_use(engine: Engine, files: DetectorFiles, task: DetectorTask) -> Detector | None:
    """Return the version in use; None where there is none, or none that can be read."""
    version = published_version(engine, task.name)
    if version is None:
        return None
    try:
        return load_detector(files.models, version, files.device)
    except UnknownModelVersionError as error:
        logger.warning("the version in use cannot be judged against: %s", error)
        return None
