"""Make Label Studio show what one model version says about the items that wait there."""

from collections.abc import Mapping

from backend.adapters.batch_store import Item, open_items
from backend.adapters.label_studio import LabelStudio
from backend.adapters.label_studio_items import ItemPrediction
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.core.item_prediction import PreAnnotation, pre_annotate_sheet, pre_annotate_single
from backend.detectors.adapters.versions.registry import published_version, version_in_use
from backend.detectors.loop.film_predictions import FilmPredictions


def align_label_studio(workspace: Workspace, task: DetectorTask, studio: LabelStudio) -> None:
    """Make Label Studio show what is published, whatever happened to it in the meantime."""
    needs_none = task.learnt_from in (LearntFrom.ANSWERS, LearntFrom.OTHERS)
    if needs_none or published_version(workspace.database, task.name):
        show_version(workspace, task, studio, version_in_use(workspace.database, task))


def show_version(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, model_version: str
) -> None:
    """Give the waiting items this version's predictions, and order the projects by them."""
    waiting = [item for item in open_items(workspace.database, task.name) if item.item_id]
    for project in dict.fromkeys(item.project_id for item in waiting):
        there = studio.item_keys(project)
        mine = {there[item.item_key].item_id: item for item in waiting if item.item_key in there}
        if not mine:
            continue
        # Those that are there stay: an answer to a prediction that was deleted is refused.
        known = studio.items_predicted(project, model_version)
        missing = {item_id: item for item_id, item in mine.items() if item_id not in known}
        if missing:
            predictions = _predictions(workspace, task, model_version, missing)
            studio.import_predictions(project, predictions)
        studio.set_model_version(project, model_version)


def _predictions(
    workspace: Workspace, task: DetectorTask, model_version: str, items: Mapping[int, Item]
) -> list[ItemPrediction]:
    films = [film for item in items.values() for film in item.radiograph_ids]
    predictions = FilmPredictions(workspace, task, model_version, films)
    found = []
    for item_id, item in items.items():
        shown = pre_annotation(task, item, predictions)
        found.append(ItemPrediction(item_id, model_version, shown.score, shown.result))
    return found


def pre_annotation(task: DetectorTask, item: Item, predictions: FilmPredictions) -> PreAnnotation:
    """Return what an item shows before anybody has touched it."""
    films = item.radiograph_ids
    if not item.shown_label:
        return pre_annotate_single(task, predictions.of(films)[0])
    return pre_annotate_sheet(task, item.shown_label, films, predictions.of(films), item.checks)
