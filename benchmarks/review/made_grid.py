"""An archive of any number of made films in seconds: a database, thumbnails and predictions.

No film is on the disk, and the thumbnails of phantoms repeat: enough for the grid, which reads
nothing else. Ages, sexes and views are made up.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore
from backend.base.adapters.database import files, radiographs
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.phantoms.core.chest import chest_phantom
from tasks import detector_task

_AT = "2026-01-01T00:00:00.000000+00:00"


def made_archive(root: Path, count: int, *, distinct: int = 200, seed: int = 3) -> Workspace:
    """Return a workspace of so many films, of which `distinct` thumbnails are drawn.

    The thumbnails of the first films are drawn, and then of some 2,000 more, evenly spread. The
    file is sparse between them: that takes no room on the disk, and the films there are black.
    """
    workspace, rng = Workspace.open_or_make(root), np.random.default_rng(seed)
    _write_thumbnails(workspace, count, distinct, rng)
    ids = [f"{number:020x}" for number in rng.permutation(count)]
    with workspace.database.begin() as connection:
        connection.execute(insert(radiographs), [_film(ids[row], row, rng) for row in range(count)])
        connection.execute(insert(files), [_file(film) for film in ids])
    _predict(workspace, ids, rng)
    return workspace


def _write_thumbnails(
    workspace: Workspace, count: int, distinct: int, rng: np.random.Generator
) -> None:
    store = ThumbnailStore(workspace.thumbnails)
    drawn = [_phantom(rng) for _ in range(min(distinct, count))]
    for row, thumbnail in enumerate(drawn):
        store.write(row, thumbnail)
    # So the grid shows a phantom here and there, wherever one scrolls to.
    for row in range(distinct, count, max(1, count // 2000)):
        store.write(row, drawn[row % len(drawn)])
    with workspace.thumbnails.open("r+b") as file:
        file.truncate(count * THUMBNAIL_PX**2)


def _phantom(rng: np.random.Generator) -> NDArray[np.uint8]:
    film = np.asarray(chest_phantom(rng, THUMBNAIL_PX), np.float32)
    square = cv2.resize(film, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    return (square * 255).astype(np.uint8)


def _film(film: str, row: int, rng: np.random.Generator) -> dict[str, object]:
    return {
        "radiograph_id": film,
        "thumbnail_row": row,
        "width_px": int(rng.integers(1800, 3000)),
        "height_px": int(rng.integers(1800, 3000)),
        "file_format": "PNG",
        "normalisation": [],
        "dicom_tags": {},
        "patient_key": film,
        "patient_source": "film",
        "age_years": None if row % 9 == 0 else float(rng.integers(0, 95)),
        "sex": (None, "F", "M")[row % 3],
        "view_position": (None, "PA", "AP", "LATERAL")[row % 4],
        "indexed_at": _AT,
        "study_key": None,
        "coloured_share": 0.0,
        "white_is_zero": False,
    }


def _file(film: str) -> dict[str, object]:
    return {
        "path": f"/made/{film}.png",
        "radiograph_id": film,
        "size_bytes": 1,
        "modified_ns": 1,
        "problem": None,
        "indexed_at": _AT,
    }


def _predict(workspace: Workspace, ids: list[str], rng: np.random.Generator) -> None:
    task = detector_task("rotation")
    sure = rng.normal(0, 1.3, (len(ids), len(task.labels)))
    sure[:, 0] += 5
    sure[rng.random(len(ids)) < 0.02, 1] += 9
    shares = (np.exp(sure) / np.exp(sure).sum(axis=1, keepdims=True)).astype(np.float32)
    file = PredictionFile(workspace.predictions, task.name, "made")
    file.write_part(ids, task.labels, shares)
    file.join()
    register_version(workspace.database, task.name, "made", reviewer_labels=0, judgement={})
    record_publication(workspace.database, task.name, "made", reason="made")
