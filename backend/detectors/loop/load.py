"""Read a model version from disk and make a detector of it."""

import importlib
from pathlib import Path

from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.versions.model_folder import read_version


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
    # Kinds judge their versions against the one in use, so they import this file.
    kinds = importlib.import_module("backend.detectors.loop.kinds")
    detector: Detector = kinds.kind_of_version(model_version).load(saved, device)
    return detector
