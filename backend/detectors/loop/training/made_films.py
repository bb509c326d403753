"""Films to learn from and to judge on, each corrected as its confirmed labels say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import SealTerms
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import NotEnoughFilmsError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.augment import merged_change
from backend.detectors.core.film_choice import choose_films
from backend.labels.core.labels import LabelSource, Verdict

FEWEST_FILMS = 20
FEWEST_PATIENTS = 4
MOST_SEALED_FILMS = 2000
"""Beyond this the intervals are narrow enough and judging only takes longer."""

Verdicts = Mapping[str, Mapping[str, Verdict]]
"""Detector task -> radiograph id -> verdict."""


@dataclass(frozen=True, slots=True)
class BaseFilm:
    """A film that becomes one with nothing wrong."""

    film: Film
    correction: PixelChange
    """The correction that confirmed labels ask for; an unreviewed film is not changed."""
    confirmed: bool
    """A reviewer has answered for at least one detector task of the family."""


@dataclass(frozen=True, slots=True)
class Split:
    """Base films by what they are for; no patient is in both."""

    training: Sequence[BaseFilm]
    sealed: Sequence[BaseFilm]


@dataclass(frozen=True, slots=True)
class FilmSet:
    """Films with nothing wrong, as far as is known."""

    radiograph_ids: Sequence[str]
    patients: Sequence[str]
    thumbnails: NDArray[np.uint8]
    """Shape (films, 256, 256)."""
    confirmed: NDArray[np.bool_]
    """Shape (films,)."""

    def __len__(self) -> int:
        return len(self.radiograph_ids)

    def only(self, keep: NDArray[np.bool_]) -> "FilmSet":
        """Return the films for which `keep`, shape (films,), is true."""
        chosen = np.flatnonzero(keep)
        return FilmSet(
            [self.radiograph_ids[index] for index in chosen],
            [self.patients[index] for index in chosen],
            self.thumbnails[chosen],
            self.confirmed[chosen],
        )


def split_archive(
    engine: Engine,
    terms: SealTerms,
    family: Sequence[DetectorTask],
    known: Verdicts,
    *,
    most_films: int,
) -> Split:
    """Choose the films to train on and those to judge on.

    Args:
        engine: the database.
        terms: decide which patients are sealed.
        family: the tasks that learn from these films.
        known: by task, the verdicts by radiograph id.
        most_films: at most so many are trained on.

    Raises:
        NotEnoughFilmsError: too few films or patients, or no sealed patient at all.
    """
    archive = films(engine)
    bases = [base for film in archive if (base := _base(film, family, known))]
    seal, key = seal_of(engine, terms, archive), terms.archive_key
    sealed = [base for base in bases if base.film.patient_key in seal.patients]
    training = [base for base in bases if base.film.radiograph_id not in seal.films]
    _check_enough(training, sealed)
    return Split(
        _choose(training, most_films, "train", key),
        _choose(sealed, MOST_SEALED_FILMS, "judge", key),
    )


def made_films(store: ThumbnailStore, bases: Sequence[BaseFilm]) -> FilmSet:
    """Read the films' thumbnails and put them right."""
    thumbnails = store.read([base.film.thumbnail_row for base in bases])
    for index, base in enumerate(bases):
        if base.correction != UNCHANGED:
            thumbnails[index] = base.correction.apply(thumbnails[index], white=255)
    return FilmSet(
        [base.film.radiograph_id for base in bases],
        [base.film.patient_key for base in bases],
        thumbnails,
        np.array([base.confirmed for base in bases], dtype=np.bool_),
    )


def _base(film: Film, family: Sequence[DetectorTask], known: Verdicts) -> BaseFilm | None:
    """Return None for a film that is bad but has no exact label yet."""
    changes, confirmed = [], False
    for task in family:
        verdict = known[task.name].get(film.radiograph_id)
        if verdict is None:
            continue
        if verdict.label is None and verdict.is_bad(task):
            return None
        if verdict.label is not None:
            changes.append(task.made_by[verdict.label])
            confirmed |= verdict.decided_by.source is LabelSource.REVIEWER
    return BaseFilm(film, merged_change(changes).inverse(), confirmed)


def _choose(bases: Sequence[BaseFilm], count: int, purpose: str, key: bytes) -> list[BaseFilm]:
    """Return confirmed films first, then others spread over patients; at most `count`."""
    sure = [base for base in bases if base.confirmed]
    rest = [base for base in bases if not base.confirmed]
    chosen: list[BaseFilm] = []
    for group in (sure, rest):
        names = [(base.film.radiograph_id, base.film.patient_key) for base in group]
        places = choose_films(names, count - len(chosen), purpose=purpose, archive_key=key)
        chosen += [group[place] for place in places]
    return sorted(chosen, key=lambda base: base.film.radiograph_id)


def _check_enough(training: Sequence[BaseFilm], sealed: Sequence[BaseFilm]) -> None:
    patients = {base.film.patient_key for base in (*training, *sealed)}
    count = len(training) + len(sealed)
    if count < FEWEST_FILMS or len(patients) < FEWEST_PATIENTS:
        raise NotEnoughFilmsError(
            f"expected at least {FEWEST_FILMS} films of {FEWEST_PATIENTS} patients, got {count} "
            f"films of {len(patients)}; add films with `radsieve index`"
        )
    if not sealed:
        raise NotEnoughFilmsError(
            f"none of the {len(patients)} patients fell into the sealed set, so a network could "
            "not be judged; add films of more patients with `radsieve index`, or raise "
            "`sealed_share` in radsieve.toml"
        )
    if len({base.film.patient_key for base in training}) < 2:
        raise NotEnoughFilmsError(
            f"{len(training)} films of fewer than 2 patients are left to train on; add films of "
            "more patients with `radsieve index`, or lower `sealed_share` in radsieve.toml"
        )
