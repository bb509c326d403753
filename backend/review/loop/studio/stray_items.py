"""Items that wait on no reviewer's tab, because the number of reviewers changed meanwhile."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.batch_store import close_item, move_item, open_items, task_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.screens.tabs import REVIEWER
from backend.review.core.batch_plan import freest_shard
from backend.review.core.item import Item
from backend.review.loop.studio.connect import TaskProjects


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


def adopt_former_projects(
    engine: Engine, task: DetectorTask, studio: LabelStudio, projects: TaskProjects
) -> list[int]:
    """Return the projects that somebody renamed while items waited there: answers still count.

    The items of a project that is gone are closed, or they would hold up every later batch; their
    films are in the pool again.

    Args:
        engine: the database.
        task: whose items wait.
        studio: the Label Studio in use.
        projects: those that items go to now.
    """
    waiting = [item for item in open_items(engine, task.name) if item.item_id]
    elsewhere = {item.project_id for item in waiting} - {projects.sheet, projects.single}
    kept = [project for project in sorted(elsewhere) if studio.has_project(project)]
    lost = [item for item in waiting if item.project_id in elsewhere.difference(kept)]
    for item in lost:
        close_item(engine, item)
    if lost:
        logger.warning(
            "%s: %d items waited in a project that is not there any more; their films will be "
            "shown again",
            task.name,
            len(lost),
        )
    return kept
