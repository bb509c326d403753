"""How many films are bad in the archive itself, and how a detector does there.

Films are known in two ways: picked for a reason, and drawn at random. Only draws say anything of
films nobody has looked at; picked films are counted as they are. Where nothing was drawn, nothing
is estimated.

Each batch drew `looked` of `drawn_from` films, all alike, so the number of bad ones among them is
hypergeometric, whatever was picked before. Claims of how many bad films there were at the start are
tested on the sum over batches and inverted (equal tails). With one batch that is exact. With
several, the films picked and found in between are taken as fixed, though they followed from what
was drawn before; that this keeps its word is simulated in the tests. Unlike the certificate, these
intervals hold for one look at a time of one's choosing in advance, not for peeking.
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
"""With fewer, redrawing the draws says nothing of how far they can be off."""
FLAGGED_AT = 0.5


@dataclass(frozen=True, slots=True)
class Draw:
    """What one batch drew at random."""

    drawn_from: int
    looked: int
    found: int
    """Bad films among those looked at."""
    found_before: int
    """Bad films known, of the films the estimate is of, when it was drawn."""


@dataclass(frozen=True, slots=True)
class Total:
    """How many bad films there are; no value where nothing says so."""

    value: float | None
    low: int
    high: int
    interval: str


@dataclass(frozen=True, slots=True)
class Films:
    """The films an estimate is of. Nobody had looked at any of them before batch 0."""

    batch: NDArray[np.int64]
    """Shape (films,): the batch in or before which a film was looked at; the number of batches for
    what was looked at later, or never."""
    drawn: NDArray[np.bool_]
    """Shape (films,): by chance, in that batch."""
    known: NDArray[np.bool_]
    """Shape (films,): somebody looked."""
    is_bad: NDArray[np.bool_]
    """Shape (films,): what was said; False where nobody looked."""
    p_bad: NDArray[np.float64]
    """Shape (films,): by a version that learnt from none of them, as far as is known."""
    batches: int

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
        """Return what was known of the same films after so many batches."""
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
    """What the draws say of the archive."""

    films: int
    looked: int
    drawn: int
    """Of those looked at, how many by chance."""
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


def archive_estimate(some: Films, *, rng: np.random.Generator) -> ArchiveEstimate:
    """Return prevalence, precision, recall and AUPRC among films, with 95 % intervals."""
    flagged = some.p_bad >= FLAGGED_AT
    hits, misses = some.only(flagged), some.only(~flagged)
    return ArchiveEstimate(
        films=len(some),
        looked=int(some.known.sum()),
        drawn=int(some.drawn.sum()),
        prevalence=prevalence(some),
        precision=_share(_total_of(hits, CONFIDENCE), len(hits)),
        recall=_recall(*(_total_of(part, (1 + CONFIDENCE) / 2) for part in (hits, misses))),
        auprc=_auprc(some, rng),
    )


def prevalence(some: Films) -> Figure:
    """Return the share of bad films, with its 95 % interval."""
    return _share(_total_of(some, CONFIDENCE), len(some))


def total_bad(
    draws: Sequence[Draw], found: int, unlooked: int, *, confidence: float = CONFIDENCE
) -> Total:
    """Return how many bad films there are among films of which some were looked at.

    Args:
        draws: in the order drawn.
        found: bad films known by now.
        unlooked: films nobody has looked at.
        confidence: of the interval, 0 to 1.

    >>> total_bad([Draw(drawn_from=1000, looked=100, found=2, found_before=5)], 7, 900).value
    25.0
    """
    if not unlooked:
        return Total(float(found), found, found, EXACT)
    used = [draw for draw in draws if draw.looked]
    if not used:
        return Total(None, found, found + unlooked, EXACT)
    shares = [draw.looked / draw.drawn_from for draw in used]
    expected = sum(one.found + s * one.found_before for one, s in zip(used, shares, strict=True))
    value = float(np.clip(expected / sum(shares), found, found + unlooked))
    tail, hits = (1 - confidence) / 2, sum(draw.found for draw in used)

    low = _first(lambda total: _at_most(used, total, hits - 1) < 1 - tail, found, found + unlooked)
    high = _first(lambda total: _at_most(used, total, hits) <= tail, found, found + unlooked + 1)
    return Total(value, low, max(low, high - 1), EXACT if len(used) == 1 else SUMMED)


def _at_most(draws: Sequence[Draw], total: int, hits: int) -> float:
    """Return the chance of drawing so many bad films or fewer, if there are `total`."""
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
    """Return the first number from `low` on for which a claim holds that then holds on."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def draws_of(some: Films) -> list[Draw]:
    """Return what each batch drew of these films."""
    found = []
    for batch in range(some.batches):
        mine = (some.batch == batch) & some.drawn
        before = (some.batch < batch) | ((some.batch == batch) & ~some.drawn)
        found.append(
            Draw(
                drawn_from=int((~before).sum()),
                looked=int(mine.sum()),
                found=int((mine & some.is_bad).sum()),
                found_before=int((before & some.is_bad).sum()),
            )
        )
    return found


def _total_of(some: Films, confidence: float) -> Total:
    unlooked = int((~some.known).sum())
    return total_bad(draws_of(some), int(some.is_bad.sum()), unlooked, confidence=confidence)


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


def _auprc(some: Films, rng: np.random.Generator) -> Figure:
    """Return the area under precision over recall, unlooked films stood for by drawn ones.

    Each batch alone tells of all films: those known before stand for themselves, each drawn one
    for its share of the rest. The batches are averaged by how many they drew, which is known before
    they draw, so that the average is as fair as each of them.
    """
    if not len(some):
        return Figure(None, 0.0, 1.0, REDRAWN)
    drawn = [np.flatnonzero(some.drawn & (some.batch == one)) for one in range(some.batches)]
    if not some.known.all() and not any(map(len, drawn)):
        return Figure(None, 0.0, 1.0, REDRAWN)
    seen = some.only(some.known)
    times = np.ones((1, len(seen)))
    value = float(average_precision(seen.is_bad, seen.p_bad, _weights(some, seen, times))[0])
    if np.isnan(value):
        return Figure(None, 0.0, 1.0, REDRAWN)
    if some.known.all():
        return Figure(value, value, value, "none: all films were looked at")
    if int((some.drawn & some.is_bad).sum()) < FEWEST_BAD_DRAWN:
        return Figure(value, 0.0, 1.0, TOO_FEW)
    weights = _weights(some, seen, _redrawn(seen, rng))
    found = average_precision(seen.is_bad, seen.p_bad, weights)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.nanpercentile(found, [tail, 100 - tail])
    return Figure(value, float(low), float(high), REDRAWN)


def _redrawn(seen: Films, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each film counts if every batch drew anew from what it drew.

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


def _weights(some: Films, seen: Films, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for how many films each film that was looked at stands.

    Args:
        some: all films.
        seen: those looked at.
        times: shape (rounds, films looked at): how often each counts where it was drawn.

    Returns:
        The shape of `times`.
    """
    if some.known.all():
        return np.ones_like(times)
    draws = draws_of(some)
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
