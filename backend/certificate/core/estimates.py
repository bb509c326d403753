"""Estimate the share of bad films in the archive, and a detector's precision and recall there.

Reviewers look at films that a score picked and at films that were drawn at random. Only the drawn
films tell about unseen films; picked films are simply counted. Without a draw there is no estimate.

Each batch drew `looked` of `drawn_from` films uniformly, so the number of bad films among them is
hypergeometric, whatever was picked before. The interval inverts tests (equal tails) of the number
of bad films at the start, on the finds summed over batches. With one batch it is exact. With
several, the films picked in between are taken as fixed, although they depend on earlier draws; the
tests simulate that the coverage holds. Unlike the certificate, these intervals hold at one moment
that was chosen in advance, and not if they are computed again and again.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.base.core.figures import CONFIDENCE, Figure, average_precision

EXACT = "exact (hypergeometric)"
SUMMED = "hypergeometric, summed over batches"
TWO_STRATA = "from the limits of flagged and of other bad films, each at 97.5 %"
REDRAWN = "bootstrap of the draws, batch by batch"
TOO_FEW = "none: too few bad films were drawn"
ROUNDS = 500
FEWEST_BAD_DRAWN = 10
"""With fewer bad films drawn, the bootstrap interval is meaningless."""
FLAGGED_AT = 0.5
"""A film is flagged from this probability of being bad."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The random draw of one batch."""

    drawn_from: int
    """Number of films drawn from."""
    looked: int
    """Number of drawn films that were looked at."""
    found: int
    """Number of bad films among those looked at."""
    found_before: int
    """Number of bad films of the estimate that were known when the batch was drawn."""


@dataclass(frozen=True, slots=True)
class Total:
    """An estimate of the number of bad films; no value where nothing was drawn."""

    value: float | None
    low: int
    high: int
    interval: str


@dataclass(frozen=True, slots=True)
class Films:
    """The films that an estimate is about. Nobody had looked at any of them before batch 0."""

    batch: NDArray[np.int64]
    """Shape (films,): the first batch by which a film was looked at; the number of batches for a
    film that was looked at later, or never."""
    drawn: NDArray[np.bool_]
    """Shape (films,): whether that batch drew the film at random."""
    known: NDArray[np.bool_]
    """Shape (films,): whether somebody looked at the film."""
    is_bad: NDArray[np.bool_]
    """Shape (films,): the reviewers' verdict; False where nobody looked."""
    p_bad: NDArray[np.float64]
    """Shape (films,): by a version that, as far as is known, learnt from none of these films."""
    batches: int
    """Number of batches."""

    def __len__(self) -> int:
        return len(self.batch)

    def only(self, keep: NDArray[np.bool_]) -> "Films":
        """Return the films for which `keep`, shape (films,), is true."""
        return Films(
            self.batch[keep],
            self.drawn[keep],
            self.known[keep],
            self.is_bad[keep],
            self.p_bad[keep],
            self.batches,
        )

    def until(self, batches: int) -> "Films":
        """Return the same films as they were known after the first `batches` batches."""
        seen = self.known & (self.batch < batches)
        return Films(
            np.where(seen, self.batch, batches),
            self.drawn & seen,
            seen,
            self.is_bad & seen,
            self.p_bad,
            batches,
        )


@dataclass(frozen=True, slots=True)
class ArchiveEstimate:
    """Estimates for the archive from the films drawn at random."""

    films: int
    looked: int
    drawn: int
    """Number of films looked at that were drawn at random."""
    prevalence: Figure
    """Share of bad films."""
    precision: Figure
    """Share of bad films among those flagged."""
    recall: Figure
    """Share of flagged films among the bad ones."""
    auprc: Figure

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def archive_estimate(films: Films, *, rng: np.random.Generator) -> ArchiveEstimate:
    """Return prevalence, precision, recall and AUPRC among films, with 95 % intervals."""
    flagged = films.p_bad >= FLAGGED_AT
    hits, misses = films.only(flagged), films.only(~flagged)
    return ArchiveEstimate(
        films=len(films),
        looked=int(films.known.sum()),
        drawn=int(films.drawn.sum()),
        prevalence=prevalence(films),
        precision=_share(_total_of(hits, CONFIDENCE), len(hits)),
        recall=_recall(*(_total_of(part, (1 + CONFIDENCE) / 2) for part in (hits, misses))),
        auprc=_auprc(films, rng),
    )


def prevalence(films: Films) -> Figure:
    """Return the share of bad films, with its 95 % interval."""
    return _share(_total_of(films, CONFIDENCE), len(films))


def total_bad(
    draws: Sequence[Draw], found: int, unlooked: int, *, confidence: float = CONFIDENCE
) -> Total:
    """Return an estimate of the number of bad films where only part of the films was looked at.

    Args:
        draws: in the order drawn.
        found: number of bad films known now.
        unlooked: number of films that nobody has looked at.
        confidence: confidence of the interval, 0 to 1.

    >>> total_bad([Draw(drawn_from=1000, looked=100, found=2, found_before=5)], 7, 900).value
    25.0
    """
    if not unlooked:
        return Total(float(found), found, found, EXACT)
    used = [draw for draw in draws if draw.looked]
    if not used:
        return Total(None, found, found + unlooked, EXACT)
    shares = [draw.looked / draw.drawn_from for draw in used]
    expected = sum(draw.found + s * draw.found_before for draw, s in zip(used, shares, strict=True))
    value = float(np.clip(expected / sum(shares), found, found + unlooked))
    tail, hits = (1 - confidence) / 2, sum(draw.found for draw in used)

    low = _first(lambda total: _at_most(used, total, hits - 1) < 1 - tail, found, found + unlooked)
    high = _first(lambda total: _at_most(used, total, hits) <= tail, found, found + unlooked + 1)
    return Total(value, low, max(low, high - 1), EXACT if len(used) == 1 else SUMMED)


def _at_most(draws: Sequence[Draw], total: int, hits: int) -> float:
    """Return the chance of drawing at most `hits` bad films if there are `total`."""
    if hits < 0:
        return 0.0
    chances: NDArray[np.float64] = np.ones(1)
    for draw in draws:
        left = min(max(0, total - draw.found_before), draw.drawn_from)
        counts = np.arange(min(hits, draw.looked) + 1)
        here = stats.hypergeom.pmf(counts, draw.drawn_from, left, draw.looked)
        chances = np.convolve(chances, here)[: hits + 1]
    return float(min(1.0, chances.sum()))


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the least number from `low` on for which a monotone claim holds."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def draws_of(films: Films) -> list[Draw]:
    """Return the draw of each batch, restricted to these films."""
    draws = []
    for batch in range(films.batches):
        mine = (films.batch == batch) & films.drawn
        before = (films.batch < batch) | ((films.batch == batch) & ~films.drawn)
        draws.append(
            Draw(
                drawn_from=int((~before).sum()),
                looked=int(mine.sum()),
                found=int((mine & films.is_bad).sum()),
                found_before=int((before & films.is_bad).sum()),
            )
        )
    return draws


def _total_of(films: Films, confidence: float) -> Total:
    unlooked = int((~films.known).sum())
    return total_bad(draws_of(films), int(films.is_bad.sum()), unlooked, confidence=confidence)


def _share(total: Total, of: int) -> Figure:
    if not of or total.value is None:
        return Figure(None, 0.0, 1.0, total.interval)
    return Figure(total.value / of, total.low / of, total.high / of, total.interval)


def _recall(hits: Total, misses: Total) -> Figure:
    if hits.value is None or misses.value is None or not hits.value + misses.value:
        return Figure(None, 0.0, 1.0, TWO_STRATA)
    low, high = hits.low + misses.high, hits.high + misses.low
    return Figure(
        hits.value / (hits.value + misses.value),
        hits.low / low if low else 0.0,
        hits.high / high if high else 1.0,
        TWO_STRATA,
    )


def _auprc(films: Films, rng: np.random.Generator) -> Figure:
    """Return the area under the precision-recall curve; drawn films stand for unseen ones.

    Each batch alone gives an estimate for all films: a film known before stands for itself, a drawn
    film for its share of the rest. The estimates are averaged, weighted by the number of films
    drawn. As this number is known before the draw, the average is unbiased, like each estimate.
    """
    if not len(films):
        return Figure(None, 0.0, 1.0, REDRAWN)
    drawn = [np.flatnonzero(films.drawn & (films.batch == batch)) for batch in range(films.batches)]
    if not films.known.all() and not any(map(len, drawn)):
        return Figure(None, 0.0, 1.0, REDRAWN)
    seen = films.only(films.known)
    times = np.ones((1, len(seen)))
    value = float(average_precision(seen.is_bad, seen.p_bad, _weights(films, seen, times))[0])
    if np.isnan(value):
        return Figure(None, 0.0, 1.0, REDRAWN)
    if films.known.all():
        return Figure(value, value, value, "none: all films were looked at")
    if int((films.drawn & films.is_bad).sum()) < FEWEST_BAD_DRAWN:
        return Figure(value, 0.0, 1.0, TOO_FEW)
    weights = _weights(films, seen, _redrawn(seen, rng))
    areas = average_precision(seen.is_bad, seen.p_bad, weights)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.nanpercentile(areas, [tail, 100 - tail])
    return Figure(value, float(low), float(high), REDRAWN)


def _redrawn(seen: Films, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each film counts in bootstrap draws of every batch.

    Returns:
        Shape (ROUNDS, films looked at).
    """
    times = np.ones((ROUNDS, len(seen)))
    for batch in range(seen.batches):
        mine = np.flatnonzero(seen.drawn & (seen.batch == batch))
        if len(mine):
            even = np.full(len(mine), 1 / len(mine))
            times[:, mine] = rng.multinomial(len(mine), even, size=ROUNDS)
    return times


def _weights(films: Films, seen: Films, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of films that each film looked at stands for.

    Args:
        films: all films.
        seen: the films looked at.
        times: shape (rounds, films looked at): how often each drawn film counts.

    Returns:
        The shape of `times`.
    """
    if films.known.all():
        return np.ones_like(times)
    draws = draws_of(films)
    whole = sum(draw.looked for draw in draws)
    weights = np.zeros_like(times)
    for batch, draw in enumerate(draws):
        if draw.looked:
            before = (seen.batch < batch) | ((seen.batch == batch) & ~seen.drawn)
            mine = (seen.batch == batch) & seen.drawn
            part = draw.looked / whole
            weights[:, before] += part
            weights[:, mine] += part * draw.drawn_from / draw.looked * times[:, mine]
    return weights
