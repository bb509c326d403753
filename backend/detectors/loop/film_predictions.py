"""Predictions for a few films, read from the sweep, or computed where the sweep lacks them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import DetectorFiles, Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.joint_question import (
    detectors_of,
    joint_probabilities,
    suspected_problems,
    suspecting_rules,
)
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import (
    COLD_START,
    published_parts,
    published_version,
)
from backend.labels.core.box import SIDES
from backend.labels.loop.known_problems import ruled_bad


@dataclass(frozen=True, slots=True)
class PredictionSource:
    """Where predictions for films are read, and what computes those that are missing."""

    database: Engine
    files: DetectorFiles


def prediction_source(workspace: Workspace) -> PredictionSource:
    """Return where the predictions for the films of a workspace come from."""
    return PredictionSource(workspace.database, workspace.detector_files)


_Ask = Callable[[PredictionSource, DetectorTask, str, Sequence[str]], NDArray[np.float32]]


def film_probabilities(
    source: PredictionSource, task: DetectorTask, model_version: str, radiograph_ids: Sequence[str]
) -> NDArray[np.float32]:
    """Return shape (films, labels); a film that is not in the index gets a row of NaN.

    Where the answer is a box, the shape is (films, labels, 5), as in
    `detectors.core.boxes.answer`. A detector that has not learnt anything yet gives NaN for every
    film, and a rule for films that it was not applied to. A task that sums up others always gives
    what the published versions of its parts say.

    Args:
        source: where predictions are, and what computes them.
        task: the detector task.
        model_version: which of its versions is asked; it need not have swept the archive.
        radiograph_ids: the films, in the order wanted.
    """
    if task.sums_up:
        return _joint(source, task, radiograph_ids, film_probabilities)
    probabilities = _from_sweep(source, task, model_version, radiograph_ids)
    if model_version == COLD_START or task.rule is not None:
        return probabilities
    missing = np.flatnonzero(np.isnan(probabilities).any(axis=tuple(range(1, probabilities.ndim))))
    if not len(missing):
        return probabilities
    rows = {film.radiograph_id: film.thumbnail_row for film in films(source.database)}
    askable = [int(index) for index in missing if radiograph_ids[index] in rows]
    if askable:
        asked = [rows[radiograph_ids[index]] for index in askable]
        probabilities[askable] = _from_network(source, task, model_version, asked)
    return probabilities


def swept_joint(
    source: PredictionSource, task: DetectorTask, radiograph_ids: Sequence[str]
) -> NDArray[np.float32]:
    """Combine the stored predictions of a task's parts; no network is run.

    Shape (films, labels); a film that no part has swept gets NaN.
    """
    return _joint(source, task, radiograph_ids, _from_sweep)


def suspected_of(
    source: PredictionSource, task: DetectorTask, radiograph_ids: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return by film what the parts of a task that sums up suspect, as `suspected_problems`."""
    answers = _parts_say(source, task, radiograph_ids, film_probabilities)
    for rule in suspecting_rules(task):
        version = published_version(source.database, rule.name)
        if version:
            answers.append((rule, film_probabilities(source, rule, version, radiograph_ids)))
    return {film: suspected_problems(answers, place) for place, film in enumerate(radiograph_ids)}


def _parts_say(
    source: PredictionSource, task: DetectorTask, radiograph_ids: Sequence[str], ask: _Ask
) -> list[tuple[DetectorTask, NDArray[np.float32]]]:
    parts = {part.name: part for part in detectors_of(task)}
    return [
        (parts[name], ask(source, parts[name], version, radiograph_ids))
        for name, version in published_parts(source.database, task).items()
    ]


def _joint(
    source: PredictionSource, task: DetectorTask, radiograph_ids: Sequence[str], ask: _Ask
) -> NDArray[np.float32]:
    answers = _parts_say(source, task, radiograph_ids, ask)
    by_rule = ruled_bad(source.database, task)
    ruled = np.array([film in by_rule for film in radiograph_ids], dtype=bool)
    return joint_probabilities(task, answers, ruled)


def _from_network(
    source: PredictionSource, task: DetectorTask, model_version: str, thumbnail_rows: Sequence[int]
) -> NDArray[np.float32]:
    # Only where it is needed: torch takes seconds, and hundreds of megabytes.
    from backend.detectors.adapters.detector import ArchivePixels  # noqa: PLC0415
    from backend.detectors.adapters.feature_store import FeatureStore  # noqa: PLC0415
    from backend.detectors.loop.load import load_detector  # noqa: PLC0415

    thumbnails = ThumbnailStore(source.files.thumbnails)
    features = FeatureStore(source.files.features, thumbnails, source.files.device)
    detector = load_detector(source.files.models, model_version, source.files.device)
    return detector.of_archive(ArchivePixels(thumbnails, features), thumbnail_rows)[task.name]


class FilmPredictions:
    """Predictions of one model version for the films of several items, computed once."""

    def __init__(
        self,
        source: PredictionSource,
        task: DetectorTask,
        model_version: str,
        radiograph_ids: Iterable[str],
    ) -> None:
        """Ask about all films at once; the arguments are those of `film_probabilities`."""
        ids = list(dict.fromkeys(radiograph_ids))
        rows = film_probabilities(source, task, model_version, ids)
        self.model_version = model_version
        self._by_film = dict(zip(ids, rows, strict=True))

    def of(self, radiograph_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the predictions for some of these films, as `film_probabilities` does."""
        return np.stack([self._by_film[film] for film in radiograph_ids])


def _from_sweep(
    source: PredictionSource, task: DetectorTask, model_version: str, radiograph_ids: Sequence[str]
) -> NDArray[np.float32]:
    file = PredictionFile(source.files.predictions, task.name, model_version)
    if not file.exists():
        box = (1 + len(SIDES),) if task.answer is AnswerKind.BOX else ()
        shape = (len(radiograph_ids), len(task.labels), *box)
        return np.full(shape, np.nan, dtype=np.float32)
    return file.load().answers(radiograph_ids).copy()
