"""Items that wait on no reviewer's tab, because the number of reviewers changed meanwhile."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from backend.adapters.batch_store import Item, move_item, open_items, task_items
from backend.adapters.label_studio import LabelStudio
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.core.batch_plan import freest_shard
from backend.core.review_tabs import REVIEWER


def deal_again(workspace: Workspace, task: DetectorTask, studio: LabelStudio) -> None:
    """Give the waiting items of a tab that is gone, or of none, to the reviewers that there are.

    Nobody gets a film that another item has shown them already, as long as there is anybody else.
    One reviewer sees everything on the common tab, whatever is written on it.
    """
    reviewers = workspace.settings.reviewers
    waiting = open_items(workspace.database, task.name)
    stray = [item for item in waiting if not 1 <= (item.shard or 0) <= reviewers]
    if reviewers == 1 or not stray:
        return
    load = Counter[int | None](item.shard for item in waiting)
    readers = _readers(task_items(workspace.database, task.name))
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
        move_item(workspace.database, item, shard)
        load[shard] += 1
        for film in item.radiograph_ids:
            readers[film].add(shard)


def _readers(items: Iterable[Item]) -> defaultdict[str, set[int]]:
    """Return by film the tabs on which it is or was shown."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for item in items:
        for film in item.radiograph_ids:
            if item.shard:
                found[film].add(item.shard)
    return found
