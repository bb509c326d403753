"""How a detector does in the archive itself, batch by batch, from films drawn at random.

A version is judged on what was drawn since it chose its first batch, among films that nobody had
looked at then and that it did not learn from. The first is not enough: where labels are made, films
without an answer are learnt from as they are, and reports and rules teach, too. Both were settled
before any of these draws, which are therefore even among the films that are left. Versions that
came later need draws of their own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import index_times
from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.figures import Figure
from backend.certificate.core.estimates import ArchiveEstimate, Films, archive_estimate, prevalence
from backend.detectors.adapters.versions.model_folder import known_learnt_from
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.labels.adapters.label_store import first_reviews, standing_labels
from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.review.adapters.batch_store import draws
from backend.review.core.item import DrawRecord

BOOTSTRAP_SEED = 20180424


@dataclass(frozen=True, slots=True)
class EstimatesAfter:
    """What was known after a batch."""

    batch_id: int
    created_at: str
    model_version: str
    """That chose the batch."""
    prevalence: Figure
    """Share of bad films in the archive as it was at the first draw."""
    left_out: int
    """Films picked by then about which nobody has said anything."""
    detector: ArchiveEstimate | None
    """Of that version, among films nobody had looked at when it took over and that it did not learn
    from; None where it predicted nothing."""
    learnt_from_known: bool
    """Whether it is on record which films that version learnt from; else none is left out."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DrawnFilms:
    """The draws of a detector task, and what is known of the films they were made from."""

    draws: Sequence[DrawRecord]
    """In the order drawn."""
    indexed_at: Mapping[str, str]
    """When each film of the index came into it; this and what follows is by radiograph id."""
    looked_at: Mapping[str, str]
    """When a reviewer first answered for a film."""
    is_bad: Mapping[str, bool]
    """Whether a reviewer calls a film bad, of films with an answer."""


def read_drawn_films(engine: Engine, tasks: Iterable[DetectorTask]) -> dict[str, DrawnFilms]:
    """Read by detector task what its estimates rest on, in the same few statements for any number.

    Args:
        engine: the database.
        tasks: the detector tasks.
    """
    by_name = {task.name: task for task in tasks}
    drawn = draws(engine, *by_name)
    answers = standing_labels(engine, *by_name, source=LabelSource.REVIEWER)
    indexed_at, looked_at = index_times(engine), first_reviews(engine, *by_name)
    return {
        name: DrawnFilms(
            [draw for draw in drawn if draw.detector_task == name],
            indexed_at,
            looked_at.get(name, {}),
            _bad_films(task, [label for label in answers if label.detector_task == name]),
        )
        for name, task in by_name.items()
    }


def _bad_films(task: DetectorTask, answers: Iterable[Label]) -> dict[str, bool]:
    return {film: verdict.is_bad(task) for film, verdict in verdicts(answers, task).items()}


def estimates_over_time(
    task: DetectorTask, facts: DrawnFilms, files: DetectorFiles
) -> list[EstimatesAfter]:
    """Return what the draws say after each batch, the latest last; none where nothing was drawn.

    Args:
        task: the detector task.
        facts: its draws.
        files: where versions and their predictions lie.
    """
    if task.answer is AnswerKind.BOX:
        return []
    made = facts.draws
    return [_after(task, made[: number + 1], facts, files) for number in range(len(made))]


def _after(
    task: DetectorTask, made: Sequence[DrawRecord], facts: DrawnFilms, files: DetectorFiles
) -> EstimatesAfter:
    last = made[-1]
    version = last.model_version
    own = next(place for place, draw in enumerate(made) if draw.model_version == version)
    unseen, left_out = _films(made, facts)
    learnt_from = known_learnt_from(files.models, version)
    predictions = PredictionFile(files.predictions, task.name, version)
    return EstimatesAfter(
        batch_id=last.batch_id,
        created_at=last.created_at,
        model_version=version,
        prevalence=prevalence(_as_seen(unseen, made, facts)),
        left_out=left_out,
        detector=_detector(task, made[own:], facts, learnt_from or frozenset(), predictions),
        learnt_from_known=learnt_from is not None,
    )


def _films(made: Sequence[DrawRecord], facts: DrawnFilms) -> tuple[list[str], int]:
    """Return the films that nobody had looked at before the first of these draws.

    Films that were picked, and about which nobody has said anything, are left out and counted.
    """
    first = made[0].created_at
    listed = (film for film, at in facts.indexed_at.items() if at <= first)
    free = {film for film in listed if facts.looked_at.get(film, first) >= first}
    picked = {film for draw in made for film in (*draw.ranked, *draw.drawn, *draw.set_aside)}
    silent = {film for film in picked & free if film not in facts.looked_at}
    return sorted(free - silent), len(silent)


def _as_seen(
    films: Sequence[str],
    made: Sequence[DrawRecord],
    facts: DrawnFilms,
    p_bad: NDArray[np.float64] | None = None,
) -> Films:
    """Return films with what was known of them after the last of these batches."""
    drawn = {film: place for place, draw in enumerate(made) for film in draw.drawn}
    ranked = {film: place for place, draw in enumerate(made) for film in draw.ranked}
    batch = np.full(len(films), len(made), dtype=np.int64)
    by_chance = np.zeros(len(films), dtype=np.bool_)
    for place, film in enumerate(films):
        when, was_drawn = _when(film, facts, made, drawn, ranked)
        batch[place], by_chance[place] = when, was_drawn
    known = batch < len(made)
    is_bad = np.array([facts.is_bad.get(film, False) for film in films], dtype=np.bool_)
    scores = np.zeros(len(films)) if p_bad is None else p_bad
    return Films(batch, by_chance, known, is_bad & known, scores, len(made))


def _when(
    film: str,
    facts: DrawnFilms,
    made: Sequence[DrawRecord],
    drawn: Mapping[str, int],
    ranked: Mapping[str, int],
) -> tuple[int, bool]:
    """Return the batch in or before which a film was looked at, and whether chance picked it."""
    if film not in facts.looked_at:
        return len(made), False
    if film in drawn:
        return drawn[film], True
    # Looked at in some other way, such as in a folder: it was known when the next batch was made.
    known_by = sum(draw.created_at <= facts.looked_at[film] for draw in made)
    return min(ranked.get(film, len(made)), known_by), False


def _detector(
    task: DetectorTask,
    made: Sequence[DrawRecord],
    facts: DrawnFilms,
    learnt_from: Collection[str],
    predictions: PredictionFile,
) -> ArchiveEstimate | None:
    """Judge by its predictions the version that chose all these batches."""
    if not predictions.exists():
        return None
    films = [film for film in _films(made, facts)[0] if film not in learnt_from]
    probabilities = predictions.load().probabilities(films).astype(np.float64)
    p_bad = 1 - probabilities[:, task.labels.index(task.expected_label)]
    predicted = ~np.isnan(p_bad)
    seen = _as_seen(films, made, facts, np.nan_to_num(p_bad)).only(predicted)
    return archive_estimate(seen, rng=np.random.default_rng(BOOTSTRAP_SEED))
