"""Films with a label, to fit a head to and to judge it on."""

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
from backend.detectors.core.film_choice import choose_films
from backend.detectors.loop.training.chosen_films import ChosenFilms, open_and_sealed
from backend.labels.core.labels import Label, LabelSource, Verdict

FEWEST_OF_A_LABEL = 5
"""Films of a label, of two or more patients, below which a head cannot learn it."""
MOST_ASSUMED = 400
"""Most films without an answer that are assumed to have the expected label."""
MOST_SILENT = 2000
"""Films that only a report calls as expected."""
ASSUMED_WEIGHT = 0.5
_TRUST = {LabelSource.REVIEWER: 1.0, LabelSource.RULE: 1.0, LabelSource.REPORT: 0.7}


@dataclass(frozen=True, slots=True)
class AnsweredFilms(ChosenFilms):
    """Films with a label each."""

    labels: NDArray[np.int64]
    """Shape (films,), positions in the task's labels."""
    weights: NDArray[np.float64]
    """Shape (films,), 0 to 1: how much each answer is trusted."""
    assumed: NDArray[np.bool_]
    """Shape (films,): there is no answer, so the expected label is assumed."""

    def only(self, keep: NDArray[np.bool_]) -> "AnsweredFilms":
        """Return the films for which `keep`, shape (films,), is true."""
        chosen = [self.films[place] for place in np.flatnonzero(keep)]
        return AnsweredFilms(chosen, self.labels[keep], self.weights[keep], self.assumed[keep])

    def without(self, left_out: Collection[str]) -> "AnsweredFilms":
        """Return the films but those of these radiograph ids."""
        return self.only(~np.isin(self.radiograph_ids, list(left_out)))

    def joined(self, other: "AnsweredFilms") -> "AnsweredFilms":
        """Return the films of both."""
        return AnsweredFilms(
            [*self.films, *other.films],
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.assumed, other.assumed]),
        )

    def count_by_label(self, task: DetectorTask) -> dict[str, int]:
        """Return how many films of each label there are, in the task's order."""
        counts = np.bincount(self.labels, minlength=len(task.labels))
        return dict(zip(task.labels, counts.tolist(), strict=True))


def answered_films(
    engine: Engine, terms: SealTerms, task: DetectorTask, known: Mapping[str, Verdict]
) -> tuple[AnsweredFilms, AnsweredFilms]:
    """Return the films to learn from, and those of sealed patients to judge on.

    Where few films have the expected label, films without an answer are added and assumed to have
    it: most of an archive is as expected, and reviewers label what is not.

    Raises:
        NotEnoughFilmsError: fewer than two labels have enough films outside the sealed set.
    """
    archive = films(engine)
    seal, key = seal_of(engine, terms, archive), terms.archive_key
    answered = [film for film in archive if _label(known.get(film.radiograph_id)) is not None]
    open_, sealed = open_and_sealed(answered, seal)
    training = _with_labels(_without_most_silent(open_, task, known, key), task, known)
    if training.count_by_label(task)[task.expected_label] < FEWEST_OF_A_LABEL:
        silent = [film for film in archive if film.radiograph_id not in known]
        free = [film for film in silent if film.radiograph_id not in seal.films]
        training = training.joined(_assumed(free, task, key))
    _check_enough(training, task)
    return training, _with_labels(sealed, task, known)


def _without_most_silent(
    films: Sequence[Film], task: DetectorTask, known: Mapping[str, Verdict], key: bytes
) -> Sequence[Film]:
    """Return the films, of those that only a report calls as expected at most `MOST_SILENT`.

    Nearly all reports are silent; a head learns no more from all of them.
    """
    silent = [film for film in films if _is_silent(known[film.radiograph_id], task)]
    if len(silent) <= MOST_SILENT:
        return films
    names = [(film.radiograph_id, film.patient_key) for film in silent]
    places = choose_films(names, MOST_SILENT, purpose=f"silent {task.name}", archive_key=key)
    left_out = set(names) - {names[place] for place in places}
    return [film for film in films if (film.radiograph_id, film.patient_key) not in left_out]


def _is_silent(verdict: Verdict, task: DetectorTask) -> bool:
    only_report = verdict.decided_by.source is LabelSource.REPORT
    return only_report and verdict.label == task.expected_label


def _label(verdict: Verdict | None) -> str | None:
    return verdict.label if verdict else None


def _trust(label: Label) -> float:
    return _TRUST.get(label.source, 1.0) * label.confidence


def _with_labels(
    films: Sequence[Film], task: DetectorTask, known: Mapping[str, Verdict]
) -> AnsweredFilms:
    verdicts = [known[film.radiograph_id] for film in films]
    places = [task.labels.index(verdict.label or "") for verdict in verdicts]
    trust = [_trust(verdict.decided_by) for verdict in verdicts]
    return AnsweredFilms(
        films,
        np.array(places, dtype=np.int64),
        np.array(trust, dtype=np.float64),
        np.zeros(len(films), dtype=np.bool_),
    )


def _assumed(free: Sequence[Film], task: DetectorTask, key: bytes) -> AnsweredFilms:
    names = [(film.radiograph_id, film.patient_key) for film in free]
    places = choose_films(names, MOST_ASSUMED, purpose=f"assume {task.name}", archive_key=key)
    expected = task.labels.index(task.expected_label)
    count = len(places)
    return AnsweredFilms(
        [free[place] for place in sorted(places)],
        np.full(count, expected, dtype=np.int64),
        np.full(count, ASSUMED_WEIGHT),
        np.ones(count, dtype=np.bool_),
    )


def _check_enough(training: AnsweredFilms, task: DetectorTask) -> None:
    counts = training.count_by_label(task)
    patients: dict[int, set[str]] = {}
    for label, film in zip(training.labels.tolist(), training.films, strict=True):
        patients.setdefault(label, set()).add(film.patient_key)
    learnable = [
        label
        for place, label in enumerate(task.labels)
        if counts[label] >= FEWEST_OF_A_LABEL and len(patients.get(place, ())) >= 2
    ]
    if len(learnable) < 2:
        came = ", ".join(f"{count} {label}" for label, count in counts.items())
        raise NotEnoughFilmsError(
            f"expected {FEWEST_OF_A_LABEL} films of two or more patients for at least two labels "
            f"of {task.name}, outside the sealed set, got {came}; review more films with "
            f"`radsieve push {task.name}`, or give labels with `--labels`"
        )
