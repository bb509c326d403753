"""Known-answer films, mixed in among the rest to measure how often a reviewer slips.

No detector learns from these answers. A coin decides whether the suggestion shown is right or
wrong, which measures how often reviewers accept a wrong tick and overlook a missing one (automation
bias; Goddard, Roudsari and Wyatt 2012, doi 10.1136/amiajnl-2011-000089).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.base.core.detector_task import DetectorTask
from backend.review.core.look import KnownAnswer


@dataclass(frozen=True, slots=True)
class KnownAnswerFilms:
    """The films that known-answer films are drawn from."""

    bad: Mapping[str, str]
    """Radiograph id -> label, for films that two independent looks called bad."""
    good: Sequence[str]
    """Ids of films that every look called as expected."""

    def __bool__(self) -> bool:
        return bool(self.bad or self.good)


def places_for_checks(share: float, sheet_films: int) -> int:
    """Return the number of films of a sheet that may be known-answer films.

    >>> places_for_checks(0.02, 48), places_for_checks(0.0, 48), places_for_checks(0.1, 48)
    (1, 0, 5)
    """
    return int(np.ceil(share * sheet_films))


def draw_checks(
    known: KnownAnswerFilms,
    task: DetectorTask,
    *,
    places: int,
    chance: float,
    rng: np.random.Generator,
) -> list[KnownAnswer]:
    """Draw the known-answer films of a sheet that shows the expected label; about half are bad.

    Where too few bad films are known and films of every label can be made, a good film is spoilt;
    it is then marked as made.

    Args:
        known: the films to draw from.
        task: the detector task.
        places: the most films that are drawn.
        chance: probability that a place is taken, 0 to 1.
        rng: makes all random choices.
    """
    drawn: list[KnownAnswer] = []
    taken: set[str] = set()
    for _ in range(int(rng.binomial(places, chance))):
        wants_bad = bool(rng.random() < 0.5)
        check = _bad(known, task, taken, rng) if wants_bad else _good(known, task, taken, rng)
        if check:
            drawn.append(check)
            taken.add(check.radiograph_id)
    return drawn


def _bad(
    known: KnownAnswerFilms, task: DetectorTask, taken: set[str], rng: np.random.Generator
) -> KnownAnswer | None:
    film = _one_of(sorted(set(known.bad) - taken), rng)
    if film:
        return KnownAnswer(film, known.bad[film], _coin(rng))
    film = _one_of(sorted(set(known.good) - taken), rng) if task.has_made_labels else None
    if not film:
        return None
    label = str(rng.choice([label for label in task.labels if label != task.expected_label]))
    return KnownAnswer(film, label, _coin(rng), made=True)


def _good(
    known: KnownAnswerFilms, task: DetectorTask, taken: set[str], rng: np.random.Generator
) -> KnownAnswer | None:
    film = _one_of(sorted(set(known.good) - taken), rng)
    return KnownAnswer(film, task.expected_label, _coin(rng)) if film else None


def _one_of(films: Sequence[str], rng: np.random.Generator) -> str | None:
    return films[int(rng.integers(len(films)))] if films else None


def _coin(rng: np.random.Generator) -> bool:
    return bool(rng.random() < 0.5)
