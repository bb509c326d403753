"""What a model version predicts for films: read from its stored predictions, else computed."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore
from backend.base.adapters.database import radiographs
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import LabelStudioError, RadsieveError, UnreadableFilmError
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.loop.film_predictions import PredictionSource, prediction_source
from backend.detectors.loop.load import load_detector
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.unseen_image import ImageSources, read_unseen_image
from backend.review.loop.studio.connect import open_label_studio

logger = logging.getLogger(__name__)

DEADLINE_S = 60.0
"""Label Studio gives a prediction request 100 s; after this no more images are fetched."""
FILMS_AT_ONCE = 256
"""16 MiB of thumbnails."""

Thing = TypeVar("Thing")
Thumbnail = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
"""One film's, shape (labels,); of boxes (labels, 5), see `detectors.core.boxes.answer`."""


class FilmOracle:
    """Keeps, for each detector task, the model version in use; safe to share between threads."""

    def __init__(self, source: PredictionSource, image_sources: Callable[[], ImageSources]) -> None:
        """Take where predictions and images are; nothing is loaded until it is first needed.

        Args:
            source: of predictions.
            image_sources: asked at every request for films that are not indexed.
        """
        self._source, self._image_sources = source, image_sources
        self._tables: _Latest[PredictionTable] = _Latest()
        self._detectors: _Latest[Detector] = _Latest()

    def known(
        self, task_name: str, model_version: str, radiograph_ids: Sequence[str]
    ) -> dict[str, Probabilities]:
        """Return probabilities by radiograph id; films that are not indexed are left out."""
        known = self._swept(task_name, model_version, radiograph_ids)
        missing = [film for film in radiograph_ids if film not in known]
        try:
            for chunk in in_chunks(missing, FILMS_AT_ONCE):
                known |= self._computed(task_name, model_version, chunk)
        except RadsieveError as error:
            logger.error(
                "%s: no prediction for some of %d films: %s", task_name, len(missing), error
            )
        return known

    def unseen(
        self, task_name: str, model_version: str, images: Sequence[str]
    ) -> dict[str, Probabilities | RadsieveError]:
        """Return by image its probabilities, or why there are none.

        Args:
            task_name: the detector task.
            model_version: which of its versions is asked.
            images: where the images are, as `read_unseen_image` takes them.
        """
        if not images:
            return {}
        sources, end = self._image_sources(), time.monotonic() + DEADLINE_S
        answers: dict[str, Probabilities | RadsieveError] = {}
        for chunk in in_chunks(images, FILMS_AT_ONCE):
            read = [_thumbnail(image, sources, end) for image in chunk]
            answers |= zip(chunk, self._asked(task_name, model_version, read), strict=True)
        return answers

    def _asked(
        self, task_name: str, model_version: str, read: Sequence[Thumbnail | RadsieveError]
    ) -> list[Probabilities | RadsieveError]:
        thumbnails = [image for image in read if not isinstance(image, RadsieveError)]
        if not thumbnails:
            return [image for image in read if isinstance(image, RadsieveError)]
        try:
            detector = self._detector(task_name, model_version)
        except RadsieveError as error:
            return [error] * len(read)
        rows = iter(detector.probabilities(np.stack(thumbnails))[task_name])
        return [image if isinstance(image, RadsieveError) else next(rows) for image in read]

    def _swept(
        self, task_name: str, model_version: str, radiograph_ids: Sequence[str]
    ) -> dict[str, Probabilities]:
        table = self._table(task_name, model_version)
        if table is None:
            return {}
        rows = table.answers(radiograph_ids)
        is_there = ~np.isnan(rows).any(axis=tuple(range(1, rows.ndim)))
        return {radiograph_ids[index]: rows[index] for index in np.flatnonzero(is_there)}

    def _computed(
        self, task_name: str, model_version: str, radiograph_ids: Sequence[str]
    ) -> dict[str, Probabilities]:
        rows = self._thumbnail_rows(radiograph_ids)
        if not rows:
            return {}
        thumbnails = ThumbnailStore(self._source.files.thumbnails).read(list(rows.values()))
        probabilities = self._detector(task_name, model_version).probabilities(thumbnails)
        return dict(zip(rows, probabilities[task_name], strict=True))

    def _thumbnail_rows(self, radiograph_ids: Sequence[str]) -> dict[str, int]:
        columns = radiographs.c.radiograph_id, radiographs.c.thumbnail_row
        query = select(*columns).where(columns[0].in_(radiograph_ids))
        with self._source.database.connect() as connection:
            return {film: row for film, row in connection.execute(query)}

    def _table(self, task_name: str, model_version: str) -> PredictionTable | None:
        file = PredictionFile(self._source.files.predictions, task_name, model_version)
        try:
            written = file.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        return self._tables.get(task_name, (model_version, written), file.load)

    def _detector(self, task_name: str, model_version: str) -> Detector:
        models, device = self._source.files.models, self._source.files.device
        return self._detectors.get(
            task_name, model_version, lambda: load_detector(models, model_version, device)
        )


def film_oracle(workspace: Workspace) -> FilmOracle:
    """Return what answers for the films of a workspace, and for images that are not indexed."""
    return FilmOracle(prediction_source(workspace), partial(_image_sources, workspace))


def _image_sources(workspace: Workspace) -> ImageSources:
    """Return where images of films that are not indexed may be fetched from."""
    settings = workspace.settings
    return ImageSources(
        served=workspace.review.parent,
        folders=settings.image_folders,
        hosts=frozenset(settings.image_hosts),
        studio=_studio(workspace.root, settings),
    )


def _studio(root: Path, settings: Settings) -> LabelStudio | None:
    try:
        return open_label_studio(root, settings)
    except LabelStudioError as error:
        logger.warning("images are not asked of Label Studio: %s", error)
        return None


class _Latest(Generic[Thing]):
    """Remembers one thing per name until its state changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Hashable, Thing]] = {}

    def get(self, name: str, state: Hashable, load: Callable[[], Thing]) -> Thing:
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept[0] != state:
                kept = self._kept[name] = (state, load())
            return kept[1]


def _thumbnail(image: str, sources: ImageSources, end: float) -> Thumbnail | RadsieveError:
    if time.monotonic() > end:
        return UnreadableFilmError(f"not read: the request took longer than {DEADLINE_S:.0f} s")
    try:
        content = read_unseen_image(image, sources)
        return thumbnail_of(read_film(content, "", at_least_px=THUMBNAIL_PX))
    except UnreadableFilmError as error:
        return error
