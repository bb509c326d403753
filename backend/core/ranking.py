"""Which films a person should look at next: three slices, each pick with its reason."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from backend.core.uncertainty import margin_uncertainty

LIKELY_AT = 0.5
"""A film counts as a likely find when something is wrong with it more probably than not."""


class Slice(StrEnum):
    """Why a film is in the batch."""

    LIKELY = "likely"
    UNCERTAIN = "uncertain"
    OUTLIER = "outlier"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Pick:
    """One film of a review batch."""

    radiograph_id: str
    slice: Slice
    reason: str


@dataclass(frozen=True, slots=True)
class Pool:
    """The films that may be picked: those nobody has looked at yet."""

    radiograph_ids: Sequence[str]
    patients: Sequence[str]
    probabilities: NDArray[np.float64]
    """Shape (films, labels)."""
    outlyingness: NDArray[np.float64]
    """Shape (films,); higher = less like the rest of the archive."""
    labels: tuple[str, ...]
    expected_label: str

    @property
    def bad_probability(self) -> NDArray[np.float64]:
        """Shape (films,): probability of anything but the expected label."""
        return np.asarray(1.0 - self.probabilities[:, self.labels.index(self.expected_label)])


@dataclass(frozen=True, slots=True)
class BatchShape:
    """How a batch is put together."""

    films: int
    audit_share: float
    """0 to 1; drawn uniformly from what the ranked slices leave."""
    films_per_patient: int
    """Cap for the ranked slices; the audit must stay uniform and has none."""
    outlier_share: float = 0.2
    """0 to 1; of the ranked films."""


def rank_for_review(pool: Pool, shape: BatchShape, rng: np.random.Generator) -> list[Pick]:
    """Return the batch, ranked films first, most urgent first.

    Likely finds come first; what they leave is filled with outliers and with the films the detector
    is least sure of. The audit slice is drawn last, uniformly from all films that are left, so that
    it says something about the archive (facts: a clean uniform audit is what a certificate needs).
    """
    count = min(shape.films, len(pool.radiograph_ids))
    ranked = _ranked(pool, count - round(count * shape.audit_share), shape)
    taken = {pick.radiograph_id for pick in ranked}
    left = [film for film in pool.radiograph_ids if film not in taken]
    drawn = rng.permutation(len(left))[: count - len(ranked)]
    reason = f"drawn at random from {len(left)} films nobody has looked at"
    return ranked + [Pick(left[index], Slice.AUDIT, reason) for index in drawn]


def _ranked(pool: Pool, count: int, shape: BatchShape) -> list[Pick]:
    bad = pool.bad_probability
    unsure = margin_uncertainty(pool.probabilities)
    likely = [index for index in np.argsort(-bad, kind="stable") if bad[index] >= LIKELY_AT]
    outliers = np.argsort(-pool.outlyingness, kind="stable")
    uncertain = np.argsort(-unsure, kind="stable")
    chosen = _Chosen(pool, shape.films_per_patient)
    chosen.take(likely, count, Slice.LIKELY, _likely_reasons(pool))
    room = count - len(chosen.picks)
    outlier_room = round(room * shape.outlier_share)
    chosen.take(
        outliers,
        outlier_room,
        Slice.OUTLIER,
        {int(i): f"unlike the rest: {pool.outlyingness[i]:.1f}" for i in outliers},
    )
    chosen.take(
        uncertain,
        count - len(chosen.picks),
        Slice.UNCERTAIN,
        {int(i): f"undecided: uncertainty {unsure[i]:.3f}" for i in uncertain},
    )
    return chosen.picks


def _likely_reasons(pool: Pool) -> dict[int, str]:
    best = pool.probabilities.argmax(axis=1)
    return {
        index: f"probably {pool.labels[label]}: {pool.probabilities[index, label]:.3f}"
        for index, label in enumerate(best)
    }


class _Chosen:
    """Picks so far, never the same film twice, never too many of one patient."""

    def __init__(self, pool: Pool, films_per_patient: int) -> None:
        self.picks: list[Pick] = []
        self._pool, self._cap = pool, films_per_patient
        self._taken: set[int] = set()
        self._of_patient: Counter[str] = Counter()

    def take(
        self, order: Iterable[int], count: int, slice_: Slice, reasons: Mapping[int, str]
    ) -> None:
        """Pick up to `count` films in this order."""
        wanted = len(self.picks) + count
        for index in map(int, order):
            if len(self.picks) >= wanted:
                return
            patient = self._pool.patients[index]
            if index in self._taken or self._of_patient[patient] >= self._cap:
                continue
            self._taken.add(index)
            self._of_patient[patient] += 1
            film = self._pool.radiograph_ids[index]
            self.picks.append(Pick(film, slice_, reasons[index]))


def outlyingness(sketches: NDArray[np.uint8], directions: int = 32) -> NDArray[np.float64]:
    """Return how far each film lies from the middle of the archive.

    The distance is Mahalanobis' in the first principal directions of small, contrast-normalised
    pictures: crude, but it needs no label, and the first picks matter more than later strategy.

    Args:
        sketches: shape (films, pixels), tiny versions of the films.
        directions: how many principal directions are kept.

    Returns:
        Shape (films,); about 1 for an ordinary film.
    """
    if len(sketches) < 3:
        return np.zeros(len(sketches))
    pixels = sketches.astype(np.float64)
    pixels -= pixels.mean(axis=1, keepdims=True)
    pixels /= pixels.std(axis=1, keepdims=True) + 1.0
    centred = pixels - np.median(pixels, axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    kept = variance > 1e-9 * max(float(variance[-1]), 1e-9)
    kept[: max(0, len(kept) - directions)] = False
    if not kept.any():
        return np.zeros(len(sketches))
    along = centred @ axes[:, kept] / np.sqrt(variance[kept])
    return np.asarray(np.sqrt((along**2).mean(axis=1)))
