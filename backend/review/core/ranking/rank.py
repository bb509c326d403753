"""Choose the films that a person looks at next, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.base.core.limits import share_at_least
from backend.labels.core.labels import Slice
from backend.review.core.ranking.choice import Caps, Choice, Scores
from backend.review.core.ranking.pool import Batch, Pick, Pool
from backend.review.core.ranking.scores import (
    LIKELY_AT,
    Strategy,
    likely_finds,
    margin,
    outlier_first,
)
from backend.review.core.ranking.strategies import RankingStrategy

_TIES, _REPORTS, _AUDIT, _STRATEGY = range(4)
"""Each kind of random choice has its own stream, so that the choices are independent."""


@dataclass(frozen=True, slots=True)
class BatchShape:
    """The size of a batch, and the shares and strategies of its slices."""

    films: int
    audit_share: float
    """Share of the batch that is drawn uniformly from the films the ranked slices leave, 0 to 1."""
    films_per_patient: int
    """Cap for the ranked slices; the audit has none, because it must stay uniform."""
    outlier_share: float = 0.2
    """Share of the ranked films that are outliers, 0 to 1."""
    report_share: float = 0.0
    """Share of the batch that is drawn from films with reports, 0 to 1: half of them from films
    that are as expected by their report. 0 where there are no reports."""
    likely: Strategy = likely_finds
    """Scores films that are probably bad; it gives the others no score."""
    uncertain: Strategy = margin
    """Scores the films that fill the places that likely finds leave."""
    strategy: RankingStrategy | None = None
    """Ranks the whole batch except films drawn earlier; uncertain films and then outliers fill the
    places that it leaves. None: the slices share the batch."""


def rank_for_review(pool: Pool, shape: BatchShape, *, seed: int) -> Batch:
    """Return the batch: ranked films, the most urgent first, then films drawn at random.

    Films that an earlier audit drew and nobody has looked at come first. Next come films whose
    report and pixels disagree, then likely finds, then outliers in the places kept for them; the
    films the detector is least sure of fill the rest. Then films with reports are drawn, to measure
    how far reports can be trusted. The audit is drawn last, uniformly from all films that are left,
    whatever their score, prediction or patient.
    """
    count = min(shape.films, len(pool.radiograph_ids))
    of_reports = round(count * shape.report_share) if pool.reports else 0
    of_audit = round(count * shape.audit_share)
    owed = pool.owed[:count]
    picks = _ranked(pool, owed, max(len(owed), count - of_audit - of_reports), shape, seed)
    picks += _report_audit(pool, picks, min(of_reports, count - len(picks)), seed)
    left = len(pool.radiograph_ids) - len(picks)
    return Batch([*picks, *_audit(pool, picks, count - len(picks), seed)], left)


def _audit(pool: Pool, picks: Sequence[Pick], count: int, seed: int) -> list[Pick]:
    """Draw films uniformly from those that are left.

    The films are the first ones of a random order of the whole pool that are not picked yet. Only
    the seed and the ids decide the order: no label, score or earlier pick can change it.
    """
    order = np.random.default_rng([seed, _AUDIT]).permutation(len(pool.radiograph_ids))
    in_ids, taken = sorted(pool.radiograph_ids), {pick.radiograph_id for pick in picks}
    left = [in_ids[index] for index in order if in_ids[index] not in taken]
    return _drawn(left[:count], len(left), Slice.AUDIT, "not looked at for this question")


def _report_audit(pool: Pool, picks: Sequence[Pick], count: int, seed: int) -> list[Pick]:
    """Draw films with reports: half of them are as expected by their report, half are not."""
    rng = np.random.default_rng([seed, _REPORTS])
    free = pool.reports.keys() - {pick.radiograph_id for pick in picks}
    left = sorted(film for film in pool.radiograph_ids if film in free)
    silent = [film for film in left if pool.reports[film].label == pool.expected_label]
    telling = [film for film in left if pool.reports[film].label != pool.expected_label]
    of_telling = min(len(telling), max(count // 2, count - len(silent)))
    return [
        pick
        for films, wanted, whose in (
            (telling, of_telling, "whose report says otherwise"),
            (silent, count - of_telling, "whose report is silent"),
        )
        for pick in _drawn(
            [films[index] for index in rng.permutation(len(films))[:wanted]],
            len(films),
            Slice.REPORT_AUDIT,
            whose,
        )
    ]


def _drawn(films: Sequence[str], of: int, slice_: Slice, which: str) -> list[Pick]:
    reason = f"drawn at random from {of} films {which}"
    return [Pick(film, slice_, reason, inclusion=len(films) / of) for film in films]


def _ranked(
    pool: Pool, owed: Sequence[str], count: int, shape: BatchShape, seed: int
) -> list[Pick]:
    outliers, unsure = outlier_first(pool), shape.uncertain(pool)
    conflicts, why = _conflicts(pool)
    of_outliers = round((count - len(owed)) * shape.outlier_share)
    caps = Caps(shape.films_per_patient)
    choice = Choice(pool, caps, seed=_stream(seed, _TIES))

    def strange(index: int) -> str:
        share = share_at_least(float(outliers[index]))
        return f"unlike the rest: stranger than {share} of all films"

    def undecided(index: int) -> str:
        return f"undecided: uncertainty {unsure[index]:.3f}"

    choice.begin_with(owed, Slice.AGAIN, "drawn earlier, and not looked at yet")
    if shape.strategy:
        _take_by_strategy(choice, pool, shape.strategy, count - len(choice.picks), seed)
        choice.take(unsure, count - len(choice.picks), Slice.UNCERTAIN, undecided)
        choice.take(outliers, count - len(choice.picks), Slice.OUTLIER, strange)
        return choice.picks
    room = count - of_outliers - len(choice.picks)
    choice.take(conflicts, room, Slice.CONFLICT, lambda index: why[index])
    room = count - of_outliers - len(choice.picks)
    choice.take(shape.likely(pool), room, Slice.LIKELY, lambda index: _likely_reason(pool, index))
    choice.take(outliers, of_outliers, Slice.OUTLIER, strange)
    choice.take(unsure, count - len(choice.picks), Slice.UNCERTAIN, undecided)
    # Before there is a prediction no film is uncertain: outliers fill the batch.
    choice.take(outliers, count - len(choice.picks), Slice.OUTLIER, strange)
    return choice.picks


def _take_by_strategy(
    choice: Choice, pool: Pool, strategy: RankingStrategy, count: int, seed: int
) -> None:
    scores = strategy.scores(pool, count, _stream(seed, _STRATEGY))
    choice.take(scores, count, strategy.slice, lambda index: strategy.reason(scores[index]))


def _stream(seed: int, which: int) -> int:
    return int(np.random.default_rng([seed, which]).integers(1 << 62))


def _conflicts(pool: Pool) -> tuple[Scores, dict[int, str]]:
    """Return how surely the detector contradicts each report, shape (films,), and why; else NaN."""
    scores = np.full(len(pool.radiograph_ids), np.nan)
    why: dict[int, str] = {}
    for index, film in enumerate(pool.radiograph_ids):
        word = pool.reports.get(film)
        if word is None:
            continue
        predicted = float(pool.probabilities[index, pool.labels.index(word.label)])
        agreed = predicted if word.agreed is None else word.agreed
        if agreed < LIKELY_AT:
            scores[index] = word.confidence * (1 - agreed)
            why[index] = (
                f"the report says {_words(pool, word.label)} ({word.rule}, "
                f"{word.confidence:.2f}), the pixels say so with {agreed:.3f}"
            )
    return scores, why


def _likely_reason(pool: Pool, index: int) -> str:
    label = int(pool.probabilities[index].argmax())
    return f"probably {_words(pool, pool.labels[label])}: {pool.probabilities[index, label]:.3f}"


def _words(pool: Pool, label: str) -> str:
    return pool.label_words.get(label, label)


def box_pool(pool: Pool) -> Pool:
    """Return a pool with two labels for a box task: all boxes right, or a box wrong.

    Args:
        pool: its probabilities are those of each box to be right; the lowest one decides.
    """
    sure = pool.probabilities.min(axis=1)
    return replace(
        pool,
        probabilities=np.stack([sure, 1 - sure], axis=1),
        labels=("boxes right", "a box wrong"),
        label_words={},
        expected_label="boxes right",
    )
