"""Items that wait where nobody looks: on a tab that is gone, or in a former project."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.batch_store import (
    close_item,
    move_item,
    open_items,
    plan_again,
    project_items,
    task_items,
)
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.project_store import (
    ARCHIVED,
    ProjectRecord,
    archive_record,
    forget_project,
    known_projects,
)
from backend.review.adapters.screens.tabs import REVIEWER
from backend.review.core.batch_plan import freest_shard
from backend.review.core.item import SHEET, Item
from backend.review.loop.studio.connect import TaskProjects, former_title, is_former


def send_stray_items_again(
    engine: Engine, task: DetectorTask, studio: LabelStudio, *, reviewers: int
) -> None:
    """Give the waiting items of a tab that is gone, or of none, to the reviewers that there are.

    Nobody gets a film that another item has shown them already, as long as there is anybody else.
    One reviewer sees everything on the common tab, whatever is written on it.
    """
    waiting = open_items(engine, task.name)
    stray = [item for item in waiting if not 1 <= (item.shard or 0) <= reviewers]
    if reviewers == 1 or not stray:
        return
    load = Counter[int | None](item.shard for item in waiting)
    readers = _readers(task_items(engine, task.name))
    there = {
        key
        for project in {item.project_id for item in stray if item.item_id}
        for key in studio.item_keys(project)
    }
    for item in stray:
        seen_by = {shard for film in item.radiograph_ids for shard in readers[film]}
        shard = freest_shard(load, reviewers, but_not=seen_by)
        if item.item_id and item.item_key in there:
            studio.patch_data(item.item_id, {REVIEWER: str(shard)})
        move_item(engine, item, shard)
        load[shard] += 1
        for film in item.radiograph_ids:
            readers[film].add(shard)


def _readers(items: Iterable[Item]) -> defaultdict[str, set[int]]:
    """Return by film the tabs on which it is or was shown."""
    tabs: defaultdict[str, set[int]] = defaultdict(set)
    for item in items:
        for film in item.radiograph_ids:
            if item.shard:
                tabs[film].add(item.shard)
    return tabs


logger = logging.getLogger(__name__)


def projects_with_answers(engine: Engine, task: DetectorTask, studio: LabelStudio) -> list[int]:
    """Return the projects in which somebody may have answered items of a task.

    These are the ones that its items were ever planned for, whatever they are called now: answers
    still count. The items of a project that is gone are closed, or they would hold up every later
    batch; their films are in the pool again.
    """
    planned = task_items(engine, task.name)
    places = {item.project_id for item in planned}
    there = [project for project in sorted(places) if studio.has_project(project)]
    gone = places.difference(there)
    lost = [
        item
        for item in planned
        if item.closed_at is None and item.item_id and item.project_id in gone
    ]
    for item in lost:
        close_item(engine, item)
    if lost:
        logger.warning(
            "%s: %d items waited in a project that is not there any more; their films will be "
            "shown again",
            task.name,
            len(lost),
        )
    return there


def move_former_items(
    engine: Engine, task: DetectorTask, studio: LabelStudio, projects: TaskProjects
) -> None:
    """Let items that wait in projects of an earlier radsieve be sent again where all items are now.

    What was answered there and not read yet stays, and so does what somebody has begun to answer.
    """
    records = known_projects(engine, studio.url)
    former = {record.project_id for record in records if is_former(record, task)}
    waiting = [item for item in open_items(engine, task.name) if item.project_id in former]
    for project in sorted({item.project_id for item in waiting}):
        if not studio.has_project(project):
            continue
        begun, states = studio.drafts(project), studio.item_keys(project)
        for item in (one for one in waiting if one.project_id == project):
            state = states.get(item.item_key)
            if state is not None and (state.answered or state.item_id in begun):
                continue
            if state is not None:
                studio.delete_items(project, [state.item_id])
            target = projects.sheet if item.kind == SHEET else projects.single
            plan_again(engine, item, target)


def archive_former_projects(
    engine: Engine, studio: LabelStudio, tasks: Iterable[DetectorTask]
) -> None:
    """Put away the projects of an earlier radsieve in which nothing waits any more.

    One that never held an item is deleted; any other is renamed and keeps all its answers. What
    somebody has renamed is theirs.
    """
    records = known_projects(engine, studio.url)
    for task in tasks:
        for record in (one for one in records if is_former(one, task)):
            if not record.kind.startswith(ARCHIVED):
                _archive(engine, studio, record)


def _archive(engine: Engine, studio: LabelStudio, record: ProjectRecord) -> None:
    title = studio.project_title(record.project_id)
    held = project_items(engine, record.project_id)
    if any(item.closed_at is None for item in held):
        return
    is_ours = title == former_title(record.detector_task, record.kind)
    if title is None or (is_ours and not held and not studio.item_ids(record.project_id)):
        studio.delete_project(record.project_id)
        forget_project(engine, record)
        return
    if is_ours:
        studio.rename_project(record.project_id, f"archived: {title}", unpin=True)
    archive_record(engine, record)
