"""Turn draws and looks into the log that a certificate is computed from.

A drawn film counts at its place in the draw order of its batch, no matter when it was looked at. A
drawn film without a verdict (nobody looked, a reviewer skipped it, its second look is missing)
counts as bad as soon as a film drawn after it counts: a reviewer who could leave out films after
seeing them could get any certificate. `AuditReading.waiting` lists those films.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from backend.base.core.errors import RadsieveError
from backend.certificate.core.bound import AuditLog, Run, RunEnd


class LookState(StrEnum):
    """The state of a film that was looked at."""

    GOOD = "good"
    BAD = "bad"
    """Called bad on two independent looks."""
    OPEN = "open"
    """Skipped, unreadable, called bad once, or in dispute. It counts as bad or as not found,
    whichever makes the certificate more cautious."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A film that was looked at, for any reason."""

    verdict: LookState
    batches_before: int
    """Number of batches drawn before its first look: 0 if it was looked at before the first batch,
    1 if after the first was drawn and before the second."""


@dataclass(frozen=True, slots=True)
class DrawnBatch:
    """One batch, as it was when its audit films were drawn."""

    batch_id: int
    films: int
    """Number of films in the archive."""
    drawn_from: int
    """Number of films that the audit films were drawn from."""
    ranked: Sequence[str]
    """Ids of films that a score picked before the draw."""
    drawn: Sequence[str]
    """Ids of audit films in draw order."""
    set_aside: Sequence[str] = ()
    """Ids of films that nobody had looked at and that could not be drawn: they waited in an earlier
    batch, or had left the archive."""


def restricted(
    batch: DrawnBatch, listed: Collection[str], *, newcomers: int, gone: Collection[str]
) -> DrawnBatch:
    """Return the part of a draw that fell on films of the first draw.

    Films drawn uniformly from a set are also a uniform draw from each part of it.

    Args:
        batch: the batch as recorded, for all films that were in the archive.
        listed: ids of the films of the first draw.
        newcomers: number of films in `batch.drawn_from` that are not in `listed`.
        gone: ids of films that had left the archive before anybody looked at them.
    """
    return replace(
        batch,
        films=len(listed),
        drawn_from=batch.drawn_from - newcomers,
        ranked=[film for film in batch.ranked if film in listed],
        drawn=[film for film in batch.drawn if film in listed],
        set_aside=sorted(film for film in {*batch.set_aside, *gone} if film in listed),
    )


@dataclass(frozen=True, slots=True)
class AuditHistory:
    """The draws and looks of the films that were in the archive at the first draw."""

    films: int
    """Number of these films. Films that were added later are left out (see `restricted`)."""
    batches: Sequence[DrawnBatch]
    """In the order in which they were drawn."""
    looked: Mapping[str, Looked]
    """Film id -> its look; films that nobody has looked at are left out."""


@dataclass(frozen=True, slots=True)
class UnusableBatch:
    """A batch whose draws are no evidence; its films count as if a score had picked them."""

    batch_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class AuditReading:
    """The log of a history, with its unusable batches and its films without a verdict."""

    log: AuditLog
    unusable: tuple[UnusableBatch, ...] = ()
    waiting: tuple[str, ...] = ()
    """Ids of drawn films without a verdict, in draw order. A reviewer should look at these first:
    each counts as bad while it has no verdict and later draws count."""


def read_history(history: AuditHistory) -> AuditReading:
    """Return the log of a history, its unusable batches, and drawn films without a verdict.

    Raises:
        RadsieveError: more films were looked at than the first draw had.
    """
    if len(history.looked) > history.films:
        raise RadsieveError(
            f"expected looks at some of the {history.films:,} films of the first draw, got "
            f"{len(history.looked):,}; films that were added later are no part of this log"
        )
    before = _known_before_each(history)
    runs: list[Run] = []
    unusable, waiting = [], []
    for batch, known in zip(history.batches, before, strict=True):
        reason = _fault(history, batch, known)
        if reason:
            unusable.append(UnusableBatch(batch.batch_id, reason))
            continue
        runs += _runs(history, batch, known)
        waiting += [film for film in batch.drawn if _unsettled(history, film)]
    verdicts = [looked.verdict for looked in history.looked.values()]
    log = AuditLog(
        films=history.films,
        runs=tuple(_without_trailing(runs)),
        found=verdicts.count(LookState.BAD),
        unreviewed=history.films - len(verdicts),
        unresolved=verdicts.count(LookState.OPEN),
    )
    return AuditReading(log, tuple(unusable), tuple(dict.fromkeys(waiting)))


@dataclass(frozen=True, slots=True)
class _Known:
    """Counts of films that had been looked at when a batch was drawn, by their state now."""

    position: int
    """Position of the batch in the order of draws."""
    looked: int
    bad: int
    unsettled: int
    """Films in the state `LookState.OPEN`."""


def _known_before_each(history: AuditHistory) -> list[_Known]:
    column_of = {state: column for column, state in enumerate(LookState)}
    counts = np.zeros((len(history.batches) + 1, len(column_of)), np.int64)
    for looked in history.looked.values():
        counts[looked.batches_before, column_of[looked.verdict]] += 1
    totals = np.cumsum(counts, axis=0)[:-1]
    return [
        _Known(
            position=position,
            looked=int(row.sum()),
            bad=int(row[column_of[LookState.BAD]]),
            unsettled=int(row[column_of[LookState.OPEN]]),
        )
        for position, row in enumerate(totals)
    ]


def _fault(history: AuditHistory, batch: DrawnBatch, known: _Known) -> str | None:
    """Return why a batch's draws are no evidence; None where they are."""
    if batch.films != history.films:
        change = "added" if batch.films > history.films else "removed"
        return (
            f"the archive had {batch.films:,} films at this draw and {history.films:,} at the "
            f"first: films were {change}, and it is not on record which"
        )
    elsewhere = _elsewhere(history, batch, known)
    free = history.films - known.looked - len(elsewhere)
    if batch.drawn_from != free:
        return (
            f"its audit films were drawn from {batch.drawn_from:,} films, but {free:,} were not "
            "looked at, ranked or set aside: the draw was not from all of them"
        )
    taken = set(elsewhere) | {film for film in batch.drawn if _seen_before(history, film, known)}
    not_free = next((film for film in batch.drawn if film in taken), None)
    if not_free is not None:
        return f"film {not_free} was drawn although it was ranked, set aside or looked at before"
    if len(set(batch.drawn)) != len(batch.drawn):
        return "a film was drawn twice"
    return None


def _runs(history: AuditHistory, batch: DrawnBatch, known: _Known) -> list[Run]:
    """Return the runs of clean looks of a usable batch, in draw order."""
    verdicts = [_verdict(history, film) for film in _elsewhere(history, batch, known)]
    found = known.bad + verdicts.count(LookState.BAD)
    aside = known.unsettled + verdicts.count(LookState.OPEN)
    run = Run(batch.drawn_from, found, 0, RunEnd.OPEN, aside)
    runs = []
    for film in batch.drawn:
        verdict = _verdict(history, film)
        if verdict is LookState.GOOD:
            run = replace(run, clean=run.clean + 1)
            continue
        is_find = verdict is LookState.BAD
        runs.append(replace(run, end=RunEnd.FIND if is_find else RunEnd.ASSUMED))
        run = Run(
            drawn_from=run.drawn_from - run.clean - 1,
            found=run.found + is_find,
            clean=0,
            aside=run.aside + (not is_find),
        )
    return [*runs, run] if run.clean else runs


def _without_trailing(runs: Sequence[Run]) -> list[Run]:
    """Leave out drawn films without a verdict at the end of the log: the bound ignores them."""
    kept = list(runs)
    while kept and kept[-1].end is RunEnd.ASSUMED:
        last = kept.pop()
        if last.clean:
            kept.append(replace(last, end=RunEnd.OPEN))
    return kept


def _elsewhere(history: AuditHistory, batch: DrawnBatch, known: _Known) -> list[str]:
    """Return the unseen films that were excluded from the draw."""
    listed = dict.fromkeys([*batch.ranked, *batch.set_aside])
    return [film for film in listed if not _seen_before(history, film, known)]


def _seen_before(history: AuditHistory, film: str, known: _Known) -> bool:
    looked = history.looked.get(film)
    return looked is not None and looked.batches_before <= known.position


def _verdict(history: AuditHistory, film: str) -> LookState:
    """Return the state of a film; a film that nobody has looked at is open."""
    looked = history.looked.get(film)
    return looked.verdict if looked else LookState.OPEN


def _unsettled(history: AuditHistory, film: str) -> bool:
    return _verdict(history, film) is LookState.OPEN
