"""Projects in which items wait, though no title of ours leads to them any more."""

import logging

from backend.adapters.batch_store import close_item, open_items
from backend.adapters.label_studio import LabelStudio
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.loop.connect import TaskProjects

logger = logging.getLogger(__name__)


def former_projects(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, projects: TaskProjects
) -> list[int]:
    """Return the projects that somebody renamed while items waited there: answers still count.

    The items of a project that is gone are closed, or they would hold up every later batch; their
    films are in the pool again.

    Args:
        workspace: the archive.
        task: whose items wait.
        studio: the Label Studio in use.
        projects: those that items go to now.
    """
    waiting = [item for item in open_items(workspace.database, task.name) if item.item_id]
    elsewhere = {item.project_id for item in waiting} - {projects.sheet, projects.single}
    kept = [project for project in sorted(elsewhere) if studio.has_project(project)]
    lost = [item for item in waiting if item.project_id in elsewhere.difference(kept)]
    for item in lost:
        close_item(workspace.database, item)
    if lost:
        logger.warning(
            "%s: %d items waited in a project that is not there any more; their films will be "
            "shown again",
            task.name,
            len(lost),
        )
    return kept
