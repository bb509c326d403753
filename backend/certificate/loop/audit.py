"""How many bad films may be left: the certificate of a detector task, from what was looked at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import film_ids, index_times
from backend.base.adapters.database import (
    answers,
    batches,
    boxes,
    items,
    labels,
    picks,
    radiographs,
)
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import RadsieveError
from backend.base.core.joint_question import nameable_parts
from backend.certificate.core.audit_log import (
    AuditHistory,
    AuditReading,
    Looked,
    LookState,
    read_history,
)
from backend.certificate.core.bound import ALPHA
from backend.certificate.core.certificate import Certificate, Newcomers, certify
from backend.certificate.core.forecast import AuditForecast, Course, article_course, forecast, halve
from backend.certificate.core.slips import BOUND_SHARE, Repeats
from backend.certificate.loop.audit_films import AuditFilms
from backend.review.core.check_figures import misses
from backend.review.core.item import DrawRecord
from backend.review.core.second_look import disputed, settled_bad
from backend.review.loop.review_record import read_review
from backend.review.loop.review_state import ReviewState, state_on_record

_EVIDENCE = (answers, picks, batches, items, labels, boxes, radiographs)
"""The tables that a certificate is worked out from."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What can be said of a detector task now, and what would make it say more."""

    detector_task: str
    certificate: Certificate
    reading: AuditReading
    halved: AuditForecast
    """What it takes to halve what may be left."""
    wanted: AuditForecast | None
    """What it takes to reach the target, where one was given."""
    course: Course
    sums_up: bool = False
    """Whether it is of any problem: then films that a policy calls bad are found, too."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "detector_task": self.detector_task,
            **self.certificate.as_json(),
            "halve": self.halved.as_json(),
            "target": self.wanted.as_json() if self.wanted else None,
            "course": self.course.value,
            "waiting": len(self.reading.waiting),
            "unusable_batches": [asdict(batch) for batch in self.reading.unusable],
        }


def audit(
    engine: Engine,
    task: DetectorTask,
    *,
    at_most: int | None = None,
    alpha: float = ALPHA,
) -> AuditReport:
    """Say how many bad films may be left; asking as often as one likes costs nothing.

    Args:
        engine: the database.
        task: the detector task; of one that sums up others, a bad film is one with any problem.
        at_most: a target, films that may be left unreviewed.
        alpha: of all archives, the share that may ever get a wrong number.

    Raises:
        ChangedEvidenceError: a table is not as the ledger says.
        RadsieveError: nothing was ever drawn at random for this detector task.
    """
    evidence = _audit_material(engine, [task]).evidence(task)
    if evidence is None:
        raise nothing_drawn(task)
    return _report(task, evidence, at_most, alpha)


def nothing_drawn(task: DetectorTask) -> RadsieveError:
    """Return the error that a detector task without a draw cannot be certified."""
    return RadsieveError(
        f"{task.name}: nothing was drawn at random yet, so nothing can be certified; show a "
        f"first batch with `radsieve push {task.name}` and have it reviewed"
    )


@dataclass(frozen=True, slots=True)
class _AuditEvidence:
    """All that a certificate rests on, and what it does not speak of."""

    reading: AuditReading
    repeats: Repeats
    newcomers: Newcomers


@dataclass(frozen=True, slots=True)
class _AuditMaterial:
    """What the certificates of some detector tasks are worked out from, read once for them all."""

    states: Mapping[str, ReviewState]
    """Of these tasks, and of the parts of those that sum up others."""
    index_times: Mapping[str, str]
    """By radiograph id, when each film came into the index, those without files too."""
    present: Collection[str]
    """Ids of the films of today's archive."""

    def evidence(self, task: DetectorTask) -> _AuditEvidence | None:
        """Return the evidence for a detector task; None where nothing was drawn at random yet."""
        state = self.states[task.name]
        if not state.draws:
            return None
        of_first = AuditFilms.of(self.index_times, state.draws)
        verdicts = _film_verdicts(task, self.states)
        history = _history(state, verdicts, of_first)
        later = of_first.not_among(self.present)
        unknown = {film for film in later if verdicts.get(film, LookState.OPEN) is LookState.OPEN}
        repeats = Repeats(*misses(state.looks, task.expected_label))
        newcomers = Newcomers(len(later), len(unknown))
        return _AuditEvidence(read_history(history), repeats, newcomers)


def _audit_material(engine: Engine, tasks: Iterable[DetectorTask]) -> _AuditMaterial:
    refuse_changed_tables(engine, _EVIDENCE)
    parts = {one.name: one for task in tasks for one in (task, *nameable_parts(task))}
    record = read_review(engine, *parts.values())
    states = {name: state_on_record(record, one) for name, one in parts.items()}
    return _AuditMaterial(states, index_times(engine), film_ids(engine))


def _report(
    task: DetectorTask, evidence: _AuditEvidence, at_most: int | None, alpha: float
) -> AuditReport:
    reading, repeats = evidence.reading, evidence.repeats
    said = certify(reading.log, repeats=repeats, alpha=alpha, newcomers=evidence.newcomers)
    bound = alpha * (BOUND_SHARE if repeats.shown else 1.0)
    return AuditReport(
        task.name,
        said,
        reading,
        halve(reading.log, said, alpha=bound),
        None if at_most is None else forecast(reading.log, said, at_most, alpha=bound),
        article_course(said),
        task.sums_up,
    )


@dataclass(frozen=True, slots=True)
class ArchiveAudit:
    """What can be said of all detector tasks."""

    headline: AuditReport | None
    """Of films with any problem; None where nothing was drawn for several tasks at once."""
    alone: Mapping[str, AuditReport]
    """Detector task -> what holds of it, taken alone."""
    together: Mapping[str, AuditReport]
    """The same at a T-th of alpha, for T detector tasks: all of it holds at once."""
    undrawn: tuple[str, ...]
    """Detector tasks of which nothing was drawn yet."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "headline": self.headline.as_json() if self.headline else None,
            "alone": {name: report.as_json() for name, report in self.alone.items()},
            "together": {name: report.as_json() for name, report in self.together.items()},
            "undrawn": list(self.undrawn),
        }


def audit_archive(
    engine: Engine, tasks: Mapping[str, DetectorTask], *, at_most: int | None = None
) -> ArchiveAudit:
    """Say how many bad films may be left, for any problem and for each detector task.

    T is the number of all detector tasks that choose a label, drawn or not: it must not grow while
    statements are being made.

    Raises:
        ChangedEvidenceError: a table is not as the ledger says.
        RadsieveError: nothing was drawn at random yet, for any of them.
    """
    joint = next((task for task in tasks.values() if task.sums_up), None)
    chosen = [
        task
        for task in tasks.values()
        if task.answer is AnswerKind.CHOICE
        and task.learnt_from not in (LearntFrom.RULE, LearntFrom.OTHERS)
    ]
    material = _audit_material(engine, [*chosen, *([joint] if joint else ())])
    known = {task.name: material.evidence(task) for task in chosen}
    drawn = {name: evidence for name, evidence in known.items() if evidence}
    of_all = material.evidence(joint) if joint else None
    if not drawn and not of_all:
        raise RadsieveError(
            "nothing was drawn at random yet, so nothing can be certified; show a first batch with "
            "`radsieve push any_problem` and have it reviewed"
        )
    together = ALPHA / max(1, len(chosen))
    return ArchiveAudit(
        _report(joint, of_all, at_most, ALPHA) if joint and of_all else None,
        {name: _report(tasks[name], evidence, at_most, ALPHA) for name, evidence in drawn.items()},
        {name: _report(tasks[name], evidence, None, together) for name, evidence in drawn.items()},
        tuple(name for name, evidence in known.items() if not evidence),
    )


def _history(
    state: ReviewState, verdicts: Mapping[str, LookState], of_first: AuditFilms
) -> AuditHistory:
    """Return what happened to the films that were there when the first audit was drawn."""
    first, drawn = state.first_looked, state.draws
    batches = [of_first.draw(draw, first) for draw in drawn]
    aside = [set(batch.set_aside) for batch in batches]
    looked = {
        film: Looked(verdict, _batches_before(film, first.get(film), drawn, aside))
        for film, verdict in verdicts.items()
        if film in of_first.listed
    }
    return AuditHistory(of_first.count, batches, looked)


def _batches_before(
    film: str, looked_at: str | None, drawn: Sequence[DrawRecord], aside: Sequence[Collection[str]]
) -> int:
    """Count the batches that were drawn before a film was looked at, or was known to be bad.

    Who was never on a joint sheet, being bad already, was set aside from then on.
    """
    if looked_at is None:
        not_aside = (place for place, films in enumerate(aside) if film not in films)
        return 1 + max(not_aside, default=-1)
    return sum(draw.created_at < looked_at for draw in drawn)


def _film_verdicts(task: DetectorTask, states: Mapping[str, ReviewState]) -> dict[str, LookState]:
    """Return what is known of every film that was looked at for a task.

    For a task that sums up others, a film that a rule calls bad, or two looks for one of its parts,
    is bad; one that a reviewer called bad for a part is open.

    Args:
        task: the detector task.
        states: where the reviews stand, of the task and of its parts.
    """
    state = states[task.name]
    own = _look_states(task, state)
    if not task.sums_up:
        return own
    by_rule, by_reviewer = state.ruled_bad, state.reviewed_bad
    surely = by_rule | (_twice_bad_for_a_part(task, states) & by_reviewer)
    surely |= {film for film, verdict in own.items() if verdict is LookState.BAD}
    is_open = dict.fromkeys(by_rule | by_reviewer, LookState.OPEN)
    return own | is_open | dict.fromkeys(surely, LookState.BAD)


def _twice_bad_for_a_part(task: DetectorTask, states: Mapping[str, ReviewState]) -> set[str]:
    return {
        film
        for part in nameable_parts(task)
        for film, verdict in _look_states(part, states[part.name]).items()
        if verdict is LookState.BAD
    }


def _look_states(task: DetectorTask, state: ReviewState) -> dict[str, LookState]:
    """Return what looks and labels of one task amount to, film by film.

    A film is bad that two looks called bad, and open where that is not settled. A film that nobody
    had on a screen (accepted in bulk, or in a folder) is open, too, and so is one that was flagged
    among several tasks until somebody has named what is wrong.
    """
    twice = settled_bad(state.own_looks, task.expected_label)
    disputes = set(disputed(state.own_looks, task.expected_label))
    on_screen = {look.radiograph_id for look in state.own_looks if look.on_screen}
    known, states = state.verdicts, {}
    for film in state.first_looked:
        unsettled = film not in known or known[film].needs_exact_class
        is_open = film in disputes or film not in on_screen or unsettled
        if film in twice:
            states[film] = LookState.BAD
        elif is_open or known[film].is_bad(task):
            states[film] = LookState.OPEN
        else:
            states[film] = LookState.GOOD
    return states
