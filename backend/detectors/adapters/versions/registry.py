"""Model versions and what was published when, in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, update

from backend.base.adapters.database import model_versions, publications, utc_now
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.errors import TaskDefinitionError
from backend.base.core.joint_question import detectors_of, joint_version
from backend.base.core.ledger import Event, EventKind
from backend.labels.adapters.ledger_store import recorded

COLD_START = "none"
"""Stands for the model version of a detector that has not learnt anything yet."""


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """One trained model version of one detector task."""

    detector_task: str
    model_version: str
    trained_at: str
    reviewer_labels: int
    judgement: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Publication:
    """A model version became (or became again) the one in use."""

    detector_task: str
    model_version: str
    reason: str
    published_at: str


def register_version(
    engine: Engine,
    detector_task: str,
    model_version: str,
    *,
    reviewer_labels: int,
    judgement: Mapping[str, Any],
) -> None:
    """Note that a model version exists; of a known one only the count of labels is renewed."""
    with recorded(engine) as recorder:
        this = (model_versions.c.detector_task == detector_task) & (
            model_versions.c.model_version == model_version
        )
        with recorder.changing(model_versions, this) as connection:
            renewed = connection.execute(
                update(model_versions).where(this).values(reviewer_labels=reviewer_labels)
            )
        if renewed.rowcount:
            return
        facts = {
            "model_version": model_version,
            "reviewer_labels": reviewer_labels,
            "judgement": dict(judgement),
        }
        new = {"detector_task": detector_task, "trained_at": utc_now(), **facts}
        recorder.insert(model_versions, [new])
        recorder.add([Event(EventKind.MODEL, facts, detector_task)])


def versions(engine: Engine, *detector_tasks: str) -> list[RegisteredVersion]:
    """Return all versions of these detector tasks, oldest first."""
    query = (
        select(model_versions)
        .where(model_versions.c.detector_task.in_(detector_tasks))
        .order_by(model_versions.c.trained_at)
    )
    with engine.connect() as connection:
        return [RegisteredVersion(**row._mapping) for row in connection.execute(query)]


def record_publication(
    engine: Engine,
    detector_task: str,
    model_version: str,
    *,
    reason: str,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Make a version the one in use; earlier publications stay on record.

    Args:
        engine: the database.
        detector_task: of which it is in use.
        model_version: the version.
        reason: why.
        facts: what the ledger should keep besides, as plain values.
    """
    told = {"model_version": model_version, "reason": reason}
    with recorded(engine) as recorder:
        new = {"detector_task": detector_task, "published_at": utc_now(), **told}
        recorder.insert(publications, [new])
        recorder.add([Event(EventKind.PUBLISHED, {**told, **(facts or {})}, detector_task)])


def publication_history(engine: Engine, *detector_tasks: str) -> list[Publication]:
    """Return what was published for these detector tasks, oldest first."""
    columns = [publications.c[name] for name in Publication.__dataclass_fields__]
    query = (
        select(*columns)
        .where(publications.c.detector_task.in_(detector_tasks))
        .order_by(publications.c.id)
    )
    with engine.connect() as connection:
        return [Publication(**row._mapping) for row in connection.execute(query)]


def published_version(engine: Engine, detector_task: str) -> str | None:
    """Return the version in use, or None before the first publication."""
    return published_versions(engine, [detector_task]).get(detector_task)


def published_versions(engine: Engine, detector_tasks: Iterable[str]) -> dict[str, str]:
    """Return the version in use of each of these detector tasks that has one."""
    history = publication_history(engine, *detector_tasks)
    # The latest publication of a detector comes last, and so it is the one that stays.
    return {one.detector_task: one.model_version for one in history}


def require_published(engine: Engine, task: DetectorTask) -> str:
    """Return the version in use.

    Raises:
        NothingPublishedError: nothing was published for this detector task yet.
        TaskDefinitionError: nothing ever will be, because policies decide.
    """
    version = published_version(engine, task.name)
    if version is None:
        raise task.kind.nothing_published(task.name)
    return version


def published_parts(engine: Engine, task: DetectorTask) -> dict[str, str]:
    """Return the version in use of each detector that a task sums up, where there is one."""
    names = [part.name for part in detectors_of(task)]
    latest = published_versions(engine, names)
    return {name: latest[name] for name in names if name in latest}


def refuse_joint(task: DetectorTask, what: str) -> None:
    """Refuse to do what only a detector that learns can have done.

    Raises:
        TaskDefinitionError: the task sums up others.
    """
    if task.learnt_from is LearntFrom.OTHERS:
        raise joint_refusal(task, what)


def joint_refusal(task: DetectorTask, what: str) -> TaskDefinitionError:
    """Return the error for a command that only a detector that learns can have."""
    parts = ", ".join(part.name for part in detectors_of(task))
    return TaskDefinitionError(
        f"{task.name} sums up what other detectors say, so there is nothing to {what}; name "
        f"one of them: {parts}"
    )


def version_in_use(engine: Engine, task: DetectorTask) -> str:
    """Return the published version, or `COLD_START` for a task that waits for its first answers.

    That of a task that sums up is named by the published versions of its parts.

    Raises:
        NothingPublishedError: nothing was published, and answers are not what it waits for.
        TaskDefinitionError: policies decide; there are no versions.
    """
    if task.sums_up:
        parts = published_parts(engine, task)
        return joint_version(parts) if parts else COLD_START
    if task.learnt_from is LearntFrom.ANSWERS:
        return published_version(engine, task.name) or COLD_START
    return require_published(engine, task)
