"""Which Label Studio project belongs to which detector task, in the database."""

from dataclasses import dataclass, replace

from sqlalchemy import Engine, delete, insert, select

from backend.base.adapters.database import projects

ARCHIVED = "archived "
"""Begins the kind of a project that gets no more items and is archived in Label Studio."""


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One project in one Label Studio."""

    detector_task: str
    """Empty: all detector tasks that are answered by choices share it."""
    kind: str
    """`sheet` or `single`; behind `ARCHIVED` where the project is archived."""
    label_studio_url: str
    project_id: int


def record_project(engine: Engine, record: ProjectRecord) -> None:
    """Record a project; it replaces an earlier one of the same task, kind and address."""
    with engine.begin() as connection:
        connection.execute(
            delete(projects)
            .where(projects.c.detector_task == record.detector_task)
            .where(projects.c.kind == record.kind)
            .where(projects.c.label_studio_url == record.label_studio_url)
        )
        connection.execute(
            insert(projects).values(
                detector_task=record.detector_task,
                kind=record.kind,
                label_studio_url=record.label_studio_url,
                project_id=record.project_id,
            )
        )


def forget_project(engine: Engine, record: ProjectRecord) -> None:
    """Remove the record of a project that is not there any more."""
    with engine.begin() as connection:
        connection.execute(
            delete(projects)
            .where(projects.c.detector_task == record.detector_task)
            .where(projects.c.kind == record.kind)
            .where(projects.c.label_studio_url == record.label_studio_url)
        )


def archive_record(engine: Engine, record: ProjectRecord) -> None:
    """Note that a project is archived."""
    forget_project(engine, record)
    record_project(engine, replace(record, kind=f"{ARCHIVED}{record.kind}"))


def known_projects(engine: Engine, label_studio_url: str) -> list[ProjectRecord]:
    """Return the projects made so far in the Label Studio of this address, by task and kind."""
    query = (
        select(projects)
        .where(projects.c.label_studio_url == label_studio_url)
        .order_by(projects.c.detector_task, projects.c.kind)
    )
    with engine.connect() as connection:
        return [ProjectRecord(**row._mapping) for row in connection.execute(query)]
