"""Films with boxes, to train a box detector on and to judge it on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import SealTerms
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.loop.training.chosen_films import ChosenFilms, open_and_sealed
from backend.labels.core.box import Boxes, box_rows
from backend.labels.core.labels import Verdict

FEWEST_FILMS = 6
"""With a box of a label, of two or more patients: cross-fitted heads learn from five of them."""


@dataclass(frozen=True, slots=True)
class BoxedFilms(ChosenFilms):
    """Films with the boxes that were drawn on them."""

    boxes: Boxes
    """Shape (films, labels, 4); NaN where a film has no such box."""

    @property
    def size_px(self) -> NDArray[np.int64]:
        """Shape (films, 2): width and height."""
        sizes = [(film.width_px, film.height_px) for film in self.films]
        return np.array(sizes, dtype=np.int64).reshape(-1, 2)

    def without(self, left_out: Collection[str]) -> "BoxedFilms":
        """Return the films but those of these radiograph ids."""
        keep = [n for n, film in enumerate(self.films) if film.radiograph_id not in left_out]
        return BoxedFilms([self.films[place] for place in keep], self.boxes[keep])

    def joined(self, other: "BoxedFilms") -> "BoxedFilms":
        """Return the films of both."""
        return BoxedFilms([*self.films, *other.films], np.concatenate([self.boxes, other.boxes]))


def boxed_films(
    engine: Engine, terms: SealTerms, task: DetectorTask, known: Mapping[str, Verdict]
) -> tuple[BoxedFilms, BoxedFilms]:
    """Return the films to learn from, and those of sealed patients to judge on.

    Films on which a reviewer drew no box are left out.

    Raises:
        NotEnoughFilmsError: a label has too few boxes outside the sealed set.
    """
    archive = films(engine)
    seal = seal_of(engine, terms, archive)
    drawn = [
        film
        for film in archive
        if film.radiograph_id in known and known[film.radiograph_id].decided_by.boxes
    ]
    training, sealed = open_and_sealed(drawn, seal)
    found = _with_boxes(training, task, known)
    _check_enough(found, task)
    return found, _with_boxes(sealed, task, known)


def _with_boxes(
    films: Sequence[Film], task: DetectorTask, known: Mapping[str, Verdict]
) -> BoxedFilms:
    rows = [box_rows(known[film.radiograph_id].decided_by.boxes, task.labels) for film in films]
    return BoxedFilms(films, np.reshape(rows, (-1, len(task.labels), 4)))


def _check_enough(training: BoxedFilms, task: DetectorTask) -> None:
    there = ~np.isnan(training.boxes).any(axis=-1)
    counts = dict(zip(task.labels, there.sum(axis=0).tolist(), strict=True))
    if min(counts.values()) < FEWEST_FILMS or len(set(training.patients)) < 2:
        came = ", ".join(f"{count} {label}" for label, count in counts.items())
        raise NotEnoughFilmsError(
            f"expected {FEWEST_FILMS} boxes of each label of {task.name}, on films of two or more "
            f"patients outside the sealed set, got {came}; draw more with `radsieve push "
            f"{task.name}`, or give boxes with `--labels`"
        )
