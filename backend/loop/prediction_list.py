"""Predictions and ranking as tables for people and for other programs."""

from pathlib import Path

import pandas as pd

from backend.adapters.catalogue import films
from backend.adapters.files import write_atomically
from backend.adapters.predictions import load_predictions
from backend.adapters.registry import require_published
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.ranking import Pick


def write_predictions(workspace: Workspace, task: DetectorTask, out: Path) -> tuple[int, str]:
    """Write one row per film of the archive that the published version has seen.

    Returns:
        How many rows, and the model version.

    Raises:
        NothingPublishedError: the detector task has no published model version.
    """
    version = require_published(workspace.database, task.name)
    table = load_predictions(workspace.predictions, task.name, version)
    archive = pd.DataFrame(
        [(film.radiograph_id, film.path) for film in films(workspace.database)],
        columns=["radiograph_id", "path"],
    )
    frame = archive.merge(table.frame, on="radiograph_id", how="inner", validate="one_to_one")
    frame["model_version"] = version
    write_atomically(out, frame.to_csv(index=False).encode())
    return len(frame), version


def write_ranking(workspace: Workspace, picks: list[Pick], out: Path) -> None:
    """Write a review batch, one row per film, most urgent first."""
    paths = {film.radiograph_id: film.path for film in films(workspace.database)}
    rows = [
        (rank, pick.radiograph_id, paths[pick.radiograph_id], pick.slice.value, pick.reason)
        for rank, pick in enumerate(picks, start=1)
    ]
    columns = ["rank", "radiograph_id", "path", "slice", "reason"]
    write_atomically(out, pd.DataFrame(rows, columns=columns).to_csv(index=False).encode())
