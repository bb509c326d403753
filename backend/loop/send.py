"""Send planned items to Label Studio; one that is there already is recognised by its key."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from backend.adapters.batch_store import SHEET, SINGLE, Item, batch_picks, note_pushed, open_items
from backend.adapters.label_studio import LabelStudio
from backend.adapters.registry import version_in_use
from backend.adapters.workspace import Workspace
from backend.core.box_answer import split_answers
from backend.core.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.core.detector_task import AnswerKind, DetectorTask
from backend.core.item_prediction import sheet_confidence, suspects
from backend.core.single_item import SingleFilm, single_item
from backend.loop.film_predictions import FilmPredictions
from backend.loop.review_pictures import large_url, make_review_pictures, thumb_url


def send_planned(workspace: Workspace, task: DetectorTask, studio: LabelStudio) -> list[Item]:
    """Import the planned items that are not in Label Studio yet; return those that are now."""
    planned = [item for item in open_items(workspace.database, task.name) if item.item_id is None]
    for project in dict.fromkeys(item.project_id for item in planned):
        mine = [item for item in planned if item.project_id == project]
        there = {key: state.item_id for key, state in studio.item_keys(project).items()}
        missing = [item for item in mine if item.item_key not in there]
        contents = _contents(workspace, task, missing)
        # Least certain first: Label Studio falls back to the order of import in some views.
        order = sorted(contents, key=lambda key: contents[key]["predictions"][0]["score"])
        new_ids = studio.import_items(project, [contents[key] for key in order])
        there |= dict(zip(order, new_ids, strict=True))
        for item in mine:
            note_pushed(workspace.database, item, there[item.item_key])
    return planned


def _contents(
    workspace: Workspace, task: DetectorTask, items: Sequence[Item]
) -> dict[str, dict[str, Any]]:
    films = [film for item in items for film in item.radiograph_ids]
    if not films:
        return {}
    make_review_pictures(workspace, films)
    version = version_in_use(workspace.database, task)
    predictions = FilmPredictions(workspace, task, version, films)
    contents = _sheet_contents(task, [item for item in items if item.kind == SHEET], predictions)
    for item in items:
        if item.kind == SINGLE:
            contents[item.item_key] = _single(workspace, task, item, predictions)
    for item in items:
        # The key of the plan, not of the content: the same films may be shown again one day.
        key_field = "sheet_key" if item.kind == SHEET else "item_key"
        contents[item.item_key]["data"][key_field] = item.item_key
    return contents


def _sheet_contents(
    task: DetectorTask, items: Sequence[Item], predictions: FilmPredictions
) -> dict[str, dict[str, Any]]:
    sheets = {item.item_key: _sheet(task, item, predictions) for item in items}
    # Label Studio shows the least certain first, so the next one by confidence is fetched ahead.
    order = sorted(sheets, key=lambda key: sheets[key].confidence)
    following = dict(pairwise(order))
    return {
        key: sheet_item(sheet, sheets[following[key]] if key in following else None)
        for key, sheet in sheets.items()
    }


def _sheet(task: DetectorTask, item: Item, predictions: FilmPredictions) -> ContactSheet:
    films, shown = item.radiograph_ids, item.shown_label
    probabilities = predictions.of(films)
    ticked = suspects(task, shown, films, probabilities)
    return ContactSheet(
        task.name,
        shown,
        tuple(
            SheetFilm(film, thumb_url(film), large_url(film), ticked=film in ticked)
            for film in films
        ),
        predictions.model_version,
        sheet_confidence(task, shown, probabilities),
    )


def _single(
    workspace: Workspace, task: DetectorTask, item: Item, predictions: FilmPredictions
) -> dict[str, Any]:
    (film,) = item.radiograph_ids
    (answer,) = predictions.of([film])
    is_box = task.answer is AnswerKind.BOX
    sure, boxes = split_answers(answer) if is_box else (answer, None)
    by_label = dict(zip(task.labels, map(float, np.nan_to_num(sure)), strict=True))
    _, reason = batch_picks(workspace.database, item.batch_id)[film]
    confidence = min(by_label.values()) if is_box else max(by_label.values())
    version, url = predictions.model_version, large_url(film)
    shown = SingleFilm(film, url, by_label, version, confidence, reason, boxes=boxes)
    return single_item(task, shown)
