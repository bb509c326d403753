"""How a detector does in the archive itself, batch by batch, from films drawn at random.

A version is judged on what was drawn since it chose its first batch, among films that nobody had
looked at then and that it did not learn from. The first is not enough: where labels are made, films
without an answer are learnt from as they are, and reports and rules teach, too. Both were settled
before any of these draws, which are therefore even among the films that are left. Versions that
came later need draws of their own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films_indexed_by
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.figures import Figure
from backend.certificate.core.estimates import ArchiveEstimate, Films, archive_estimate, prevalence
from backend.detectors.adapters.versions.model_folder import known_learnt_from
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.labels.adapters.label_store import first_reviewed, standing_labels
from backend.labels.core.labels import LabelSource, verdicts
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


def estimates_over_time(workspace: Workspace, task: DetectorTask) -> list[EstimatesAfter]:
    """Return what the draws say after each batch, the latest last; none where nothing was drawn."""
    made = draws(workspace.database, task.name)
    if not made or task.answer is AnswerKind.BOX:
        return []
    facts = _facts(workspace, task)
    return [_after(workspace, task, made[: number + 1], facts) for number in range(len(made))]


@dataclass(frozen=True, slots=True)
class _PoolFacts:
    """By radiograph id, when a film was looked at first, and whether it is bad."""

    looked_at: Mapping[str, str]
    is_bad: Mapping[str, bool]


def _facts(workspace: Workspace, task: DetectorTask) -> _PoolFacts:
    engine = workspace.database
    of_reviewers = standing_labels(engine, task.name, source=LabelSource.REVIEWER)
    bad = {film: one.is_bad(task) for film, one in verdicts(of_reviewers, task).items()}
    return _PoolFacts(first_reviewed(engine, task.name), bad)


def _after(
    workspace: Workspace,
    task: DetectorTask,
    made: Sequence[DrawRecord],
    facts: _PoolFacts,
) -> EstimatesAfter:
    last = made[-1]
    version = last.model_version
    own = next(place for place, one in enumerate(made) if one.model_version == version)
    everything, left_out = _films(workspace, made, facts)
    learnt_from = known_learnt_from(workspace.models, version)
    return EstimatesAfter(
        batch_id=last.batch_id,
        created_at=last.created_at,
        model_version=version,
        prevalence=prevalence(_as_seen(everything, made, facts)),
        left_out=left_out,
        detector=_detector(workspace, task, made[own:], facts, learnt_from or frozenset()),
        learnt_from_known=learnt_from is not None,
    )


def _films(
    workspace: Workspace, made: Sequence[DrawRecord], facts: _PoolFacts
) -> tuple[list[str], int]:
    """Return the films that nobody had looked at before the first of these draws.

    Films that were picked, and about which nobody has said anything, are left out and counted.
    """
    first = made[0].created_at
    listed = films_indexed_by(workspace.database, first)
    free = {film for film in listed if facts.looked_at.get(film, first) >= first}
    picked = {film for one in made for film in (*one.ranked, *one.drawn, *one.set_aside)}
    silent = {film for film in picked & free if film not in facts.looked_at}
    return sorted(free - silent), len(silent)


def _as_seen(
    some: Sequence[str],
    made: Sequence[DrawRecord],
    facts: _PoolFacts,
    p_bad: NDArray[np.float64] | None = None,
) -> Films:
    """Return films with what was known of them after the last of these batches."""
    drawn = {film: place for place, one in enumerate(made) for film in one.drawn}
    ranked = {film: place for place, one in enumerate(made) for film in one.ranked}
    batch = np.full(len(some), len(made), dtype=np.int64)
    by_chance = np.zeros(len(some), dtype=np.bool_)
    for place, film in enumerate(some):
        when, was_drawn = _when(film, facts, made, drawn, ranked)
        batch[place], by_chance[place] = when, was_drawn
    known = batch < len(made)
    is_bad = np.array([facts.is_bad.get(film, False) for film in some], dtype=np.bool_)
    scores = np.zeros(len(some)) if p_bad is None else p_bad
    return Films(batch, by_chance, known, is_bad & known, scores, len(made))


def _when(
    film: str,
    facts: _PoolFacts,
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
    known_by = sum(one.created_at <= facts.looked_at[film] for one in made)
    return min(ranked.get(film, len(made)), known_by), False


def _detector(
    workspace: Workspace,
    task: DetectorTask,
    made: Sequence[DrawRecord],
    facts: _PoolFacts,
    learnt_from: Collection[str],
) -> ArchiveEstimate | None:
    """Judge the version that chose all these batches."""
    file = PredictionFile(workspace.predictions, task.name, made[0].model_version)
    if not file.exists():
        return None
    some = [film for film in _films(workspace, made, facts)[0] if film not in learnt_from]
    said = file.load().probabilities(some).astype(np.float64)
    p_bad = 1 - said[:, task.labels.index(task.expected_label)]
    predicted = ~np.isnan(p_bad)
    seen = _as_seen(some, made, facts, np.nan_to_num(p_bad)).only(predicted)
    return archive_estimate(seen, rng=np.random.default_rng(BOOTSTRAP_SEED))
