"""Which films a person should look at next: three slices, each pick with its reason."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    CONFLICT = "conflict"
    """Report and pixels disagree."""
    REPORT_AUDIT = "report_audit"
    """Drawn at random from films with a report, to see how far reports can be believed."""


DRAWN_AT_RANDOM = frozenset({Slice.AUDIT, Slice.REPORT_AUDIT})


@dataclass(frozen=True, slots=True)
class ReportWord:
    """What the report of a film says of it."""

    label: str
    rule: str
    confidence: float
    """0 to 1."""
    agreed: float | None = None
    """How probable its label is to heads that had not learnt from it, 0 to 1; None where the
    prediction is one of them."""


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
    reports: Mapping[str, ReportWord] = field(default_factory=dict)
    """Radiograph id -> what its report says, of films that have one."""

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
    report_share: float = 0.0
    """0 to 1; of the batch, drawn at random from films with reports, half from those whose report
    says that the film is as expected. 0 where there are no reports."""


def rank_for_review(pool: Pool, shape: BatchShape, rng: np.random.Generator) -> list[Pick]:
    """Return the batch, ranked films first, most urgent first.

    Films whose report and pixels disagree come first, then likely finds; what they leave is filled
    with outliers and with the films the detector is least sure of. Then films are drawn from those
    with reports, to see how far reports can be believed. The audit slice is drawn last, uniformly
    from all films that are left, so that it says something about the archive (facts: a clean
    uniform audit is what a certificate needs).
    """
    count = min(shape.films, len(pool.radiograph_ids))
    of_reports = round(count * shape.report_share) if pool.reports else 0
    ranked = _ranked(pool, count - round(count * shape.audit_share) - of_reports, shape)
    picks = ranked + _report_audit(pool, ranked, of_reports, rng)
    left = _left(pool, picks)
    drawn = rng.permutation(len(left))[: count - len(picks)]
    reason = f"drawn at random from {len(left)} films nobody has looked at"
    return picks + [Pick(left[index], Slice.AUDIT, reason) for index in drawn]


def _left(pool: Pool, picks: Sequence[Pick]) -> list[str]:
    taken = {pick.radiograph_id for pick in picks}
    return [film for film in pool.radiograph_ids if film not in taken]


def _report_audit(
    pool: Pool, picks: Sequence[Pick], count: int, rng: np.random.Generator
) -> list[Pick]:
    """Draw films with reports: half whose report says that all is as expected, half other ones."""
    left = [film for film in _left(pool, picks) if film in pool.reports]
    silent = [film for film in left if pool.reports[film].label == pool.expected_label]
    telling = [film for film in left if pool.reports[film].label != pool.expected_label]
    of_telling = min(len(telling), max(count // 2, count - len(silent)))
    return [
        Pick(some[index], Slice.REPORT_AUDIT, f"drawn at random from {len(some)} films {whose}")
        for some, wanted, whose in (
            (telling, of_telling, "whose report says otherwise"),
            (silent, count - of_telling, "whose report is silent"),
        )
        for index in rng.permutation(len(some))[:wanted]
    ]


def _conflicts(pool: Pool) -> dict[int, str]:
    """Return the films of which the pixels say what the report denies, the surest reports first."""
    found: list[tuple[float, int, str]] = []
    for index, film in enumerate(pool.radiograph_ids):
        word = pool.reports.get(film)
        if word is None:
            continue
        predicted = float(pool.probabilities[index, pool.labels.index(word.label)])
        agreed = predicted if word.agreed is None else word.agreed
        if agreed < LIKELY_AT:
            reason = (
                f"the report says {word.label} ({word.rule}, {word.confidence:.2f}), the pixels "
                f"say so with {agreed:.3f}"
            )
            found.append((word.confidence * (1 - agreed), index, reason))
    return {index: reason for _, index, reason in sorted(found, key=lambda one: -one[0])}


def _ranked(pool: Pool, count: int, shape: BatchShape) -> list[Pick]:
    bad = pool.bad_probability
    unsure = margin_uncertainty(pool.probabilities)
    likely = [index for index in np.argsort(-bad, kind="stable") if bad[index] >= LIKELY_AT]
    outliers = np.argsort(-pool.outlyingness, kind="stable")
    uncertain = np.argsort(-unsure, kind="stable")
    chosen = _Chosen(pool, shape.films_per_patient)
    conflicts = _conflicts(pool)
    chosen.take(conflicts, count, Slice.CONFLICT, conflicts)
    chosen.take(likely, count - len(chosen.picks), Slice.LIKELY, _likely_reasons(pool))
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
