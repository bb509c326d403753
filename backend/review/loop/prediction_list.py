"""Predictions and ranking as tables for people and for other programs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.film_names import film_names
from backend.archive.core.film import Film
from backend.base.adapters.csv_table import csv_bytes
from backend.base.adapters.files import write_atomically
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import require_published
from backend.labels.core.box import SIDES
from backend.review.core.ranking.pool import Pick


def write_predictions(
    engine: Engine, predictions: Path, task: DetectorTask, out: Path, *, paths: bool = False
) -> tuple[int, str]:
    """Write one row per film of the archive that the published version has seen.

    Boxes are written as `<label>_left` and so on, in pixels of the film as it is shown.

    Args:
        engine: the database.
        predictions: the folder of the versions' predictions.
        task: the detector task.
        out: the CSV file to write.
        paths: fill the column `path`, see `shown_names`.

    Returns:
        How many rows, and the model version.

    Raises:
        NothingPublishedError: the detector task has no published model version.
    """
    version = require_published(engine, task)
    table = load_predictions(predictions, task.name, version)
    archive_films = films(engine)
    names = film_names(engine, paths=True) if paths else {}
    archive = pd.DataFrame(
        [(film.radiograph_id, _first(names, film.radiograph_id)) for film in archive_films],
        columns=["radiograph_id", "path"],
    )
    frame = archive.merge(table.frame, on="radiograph_id", how="inner", validate="one_to_one")
    if task.answer is AnswerKind.BOX:
        frame = _in_pixels(frame, task, {film.radiograph_id: film for film in archive_films})
    frame["model_version"] = version
    write_atomically(out, csv_bytes([str(name) for name in frame], frame.itertuples(index=False)))
    return len(frame), version


def _in_pixels(
    frame: pd.DataFrame, task: DetectorTask, archive: Mapping[str, Film]
) -> pd.DataFrame:
    films_of_rows = [archive[film] for film in frame["radiograph_id"]]
    across = np.array([film.width_px for film in films_of_rows])
    down = np.array([film.height_px for film in films_of_rows])
    frame = frame.drop(columns="predicted")
    for label in task.labels:
        for side, length in zip(SIDES, (across, down, across, down), strict=True):
            frame[f"{label}_{side}"] = (frame[f"{label}_{side}"] * length).round(1)
    return frame


def _first(names: Mapping[str, Sequence[str]], film: str) -> str:
    return names[film][0] if film in names else ""


def write_ranking(engine: Engine, picks: list[Pick], out: Path, *, paths: bool = False) -> None:
    """Write a review batch, one row per film, most urgent first; see `write_predictions`."""
    names = film_names(engine, paths=True) if paths else {}
    rows = [
        (rank, pick.radiograph_id, _first(names, pick.radiograph_id), pick.slice.value, pick.reason)
        for rank, pick in enumerate(picks, start=1)
    ]
    columns = ["rank", "radiograph_id", "path", "slice", "reason"]
    write_atomically(out, csv_bytes(columns, rows))
