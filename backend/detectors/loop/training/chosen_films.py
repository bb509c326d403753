"""Labelled films, split into those to learn from and the sealed ones to judge on."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.archive.core.film import Film
from backend.archive.core.seal import Seal


@dataclass(frozen=True, slots=True)
class ChosenFilms:
    """Films to learn from or to judge on; who inherits adds what was answered."""

    films: Sequence[Film]

    def __len__(self) -> int:
        return len(self.films)

    @property
    def radiograph_ids(self) -> list[str]:
        """Radiograph ids."""
        return [film.radiograph_id for film in self.films]

    @property
    def rows(self) -> list[int]:
        """Thumbnail rows."""
        return [film.thumbnail_row for film in self.films]

    @property
    def patients(self) -> list[str]:
        """Patient keys."""
        return [film.patient_key for film in self.films]


def open_and_sealed(films: Sequence[Film], seal: Seal) -> tuple[list[Film], list[Film]]:
    """Return the films to learn from and those to judge on.

    No sealed film is learnt from, and only films of patients whose films are all sealed judge.
    """
    learnt_from = [film for film in films if film.radiograph_id not in seal.films]
    return learnt_from, [film for film in films if film.patient_key in seal.patients]
