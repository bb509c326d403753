"""What a model version says about films: looked up where it was swept, computed where not."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.adapters.film_reader import read_film, thumbnail_of
from backend.adapters.label_studio import LabelStudio
from backend.adapters.model_store import Detector, load_detector
from backend.adapters.predictions import PredictionFile, PredictionTable
from backend.adapters.thumbnail_store import THUMBNAIL_PX
from backend.adapters.unseen_image import ImageSources, read_unseen_image
from backend.adapters.workspace import Workspace
from backend.core.chunks import in_chunks
from backend.core.detector_task import DetectorTask
from backend.core.errors import LabelStudioError, RadsieveError, UnreadableFilmError
from backend.loop.connect import open_label_studio
from backend.loop.film_predictions import film_probabilities

logger = logging.getLogger(__name__)

DEADLINE_S = 60.0
"""Label Studio gives a prediction request 100 s; after this no more images are fetched."""
BATCH_IMAGES = 64

Thing = TypeVar("Thing")
Thumbnail = NDArray[np.uint8]
Probabilities = NDArray[np.float32]


class FilmOracle:
    """Keeps, for each detector task, the model version in use; safe to share between threads."""

    def __init__(self, workspace: Workspace) -> None:
        """Name the workspace; tables and networks are loaded when they are first needed."""
        self._workspace = workspace
        self._tables: _Latest[PredictionTable] = _Latest()
        self._detectors: _Latest[Detector] = _Latest()

    def known(
        self, task: DetectorTask, model_version: str, radiograph_ids: Sequence[str]
    ) -> Probabilities:
        """Return shape (films, labels); a film we know nothing of gets a row of NaN."""
        table = self._table(task.name, model_version)
        if table is None:
            return self._computed(task, model_version, radiograph_ids)
        found = table.probabilities(radiograph_ids).copy()
        missing = np.flatnonzero(np.isnan(found).any(axis=1))
        if len(missing):
            ids = [radiograph_ids[index] for index in missing]
            found[missing] = self._computed(task, model_version, ids)
        return found

    def unseen(
        self, task: DetectorTask, model_version: str, images: Sequence[str]
    ) -> list[Probabilities | RadsieveError]:
        """Return per image its probabilities, shape (labels,), or why there are none.

        Args:
            task: the detector task.
            model_version: which of its versions is asked.
            images: where the images are, as `read_unseen_image` takes them.
        """
        if not images:
            return []
        sources, end = self._sources(), time.monotonic() + DEADLINE_S
        answers: list[Probabilities | RadsieveError] = []
        for some in in_chunks(images, BATCH_IMAGES):
            read = [_thumbnail(image, sources, end) for image in some]
            answers += self._asked(task.name, model_version, read)
        return answers

    def _asked(
        self, task_name: str, model_version: str, read: Sequence[Thumbnail | RadsieveError]
    ) -> list[Probabilities | RadsieveError]:
        thumbnails = [one for one in read if not isinstance(one, RadsieveError)]
        if not thumbnails:
            return [one for one in read if isinstance(one, RadsieveError)]
        try:
            detector = self._detector(task_name, model_version)
        except RadsieveError as error:
            return [error] * len(read)
        found = iter(detector.probabilities(np.stack(thumbnails))[task_name])
        return [one if isinstance(one, RadsieveError) else next(found) for one in read]

    def _computed(
        self, task: DetectorTask, model_version: str, radiograph_ids: Sequence[str]
    ) -> Probabilities:
        try:
            return film_probabilities(self._workspace, task, model_version, radiograph_ids)
        except RadsieveError as error:
            logger.error(
                "%s: no predictions for %d films: %s", task.name, len(radiograph_ids), error
            )
            return np.full((len(radiograph_ids), len(task.labels)), np.nan, np.float32)

    def _table(self, task_name: str, model_version: str) -> PredictionTable | None:
        file = PredictionFile(self._workspace.predictions, task_name, model_version)
        try:
            written = file.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        return self._tables.get(task_name, (model_version, written), file.load)

    def _detector(self, task_name: str, model_version: str) -> Detector:
        models, device = self._workspace.models, self._workspace.settings.device
        return self._detectors.get(
            task_name, model_version, lambda: load_detector(models, model_version, device)
        )

    def _sources(self) -> ImageSources:
        settings = self._workspace.settings
        return ImageSources(
            served=self._workspace.review.parent,
            folders=settings.image_folders,
            hosts=frozenset(settings.image_hosts),
            studio=self._studio(),
        )

    def _studio(self) -> LabelStudio | None:
        try:
            return open_label_studio(self._workspace)
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
