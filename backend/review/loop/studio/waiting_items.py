"""Sheets that wait while a new version is published: kept and ticked anew, or made anew.

`keep` (the default) only gives them the new version's ticks and order. `rebuild` takes the films of
sheets that nobody has begun back into the pool, from which the new version ranks the next batch.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Engine

from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.errors import LabelStudioError
from backend.detectors.adapters.versions.registry import published_version, version_in_use
from backend.detectors.loop.film_predictions import FilmPredictions, PredictionSource, suspected_of
from backend.review.adapters.batch_store import open_items, project_items, supersede_item
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.items import ItemPrediction, ItemState
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.shapes import Result
from backend.review.adapters.project_store import known_projects
from backend.review.adapters.screens.pre_annotation import (
    PreAnnotation,
    pre_annotate_sheet,
    pre_annotate_single,
)
from backend.review.adapters.screens.predicted_fields import predicted_fields
from backend.review.adapters.screens.tabs import QUEUE, SUPERSEDED, YES
from backend.review.core.item import SHEET, Item
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.review.loop.studio.connect import is_former

SAID_AT_ONCE = 20
"""Items whose words are brought up to date in one go: each takes a quarter of a second, and who
reads answers waits meanwhile."""


def align_waiting_items(source: PredictionSource, task: DetectorTask, studio: LabelStudio) -> None:
    """Make Label Studio show what is published, whatever happened to it in the meantime."""
    needs_none = task.learnt_from in (LearntFrom.ANSWERS, LearntFrom.OTHERS)
    if needs_none or published_version(source.database, task.name):
        show_version(source, task, studio, version_in_use(source.database, task))


def show_version(
    source: PredictionSource, task: DetectorTask, studio: LabelStudio, model_version: str
) -> None:
    """Fill in the waiting items by this version's predictions, and place them in the queue."""
    waiting = [item for item in open_items(source.database, task.name) if item.item_id]
    records = known_projects(source.database, studio.url)
    former = {record.project_id for record in records if is_former(record, task)}
    for project in dict.fromkeys(item.project_id for item in waiting):
        there = studio.item_keys(project)
        mine = {there[item.item_key].item_id: item for item in waiting if item.item_key in there}
        # The screens of an earlier radsieve do not understand what is predicted now.
        if mine and project not in former:
            predicted = _predictions(source, task, model_version, mine)
            _predict(studio, project, [each.prediction for each in predicted])
            _say_the_same(studio, there.values(), predicted)
            if studio.model_version(project) != QUEUE:
                studio.set_model_version(project, QUEUE)


def _predict(studio: LabelStudio, project: int, wanted: Sequence[ItemPrediction]) -> None:
    """Make a project hold exactly these predictions of its items."""
    known = studio.predictions_of(project, QUEUE)
    missing = [each for each in wanted if each.item_id not in known]
    if missing:
        studio.import_predictions(project, missing)
    for each in wanted:
        there = known.get(each.item_id)
        if there and (there.score, _said(there.result)) != (each.score, _said(each.result)):
            studio.change_prediction(there.number, each)


def _say_the_same(
    studio: LabelStudio, there: Iterable[ItemState], predicted: Iterable["_Predicted"]
) -> None:
    """Bring what items say of their predictions up to date, where it is no longer so.

    Those that are shown first come first. The others wait for the next push, as whoever reads
    answers waits for this one.
    """
    known = {state.item_id: state.data for state in there}
    stale = [
        each
        for each in predicted
        if (data := known.get(each.prediction.item_id)) and not data.says(each.fields)
    ]
    stale.sort(key=lambda each: each.prediction.score)
    for each in stale[:SAID_AT_ONCE]:
        with contextlib.suppress(LabelStudioError):  # answered and deleted meanwhile
            studio.patch_data(each.prediction.item_id, each.fields)


def _said(result: Result) -> frozenset[tuple[str, object, object]]:
    return frozenset((region.control, region.choices, region.rectangle) for region in result)


@dataclass(frozen=True, slots=True)
class _Predicted:
    """What an item shows of a version's predictions."""

    prediction: ItemPrediction
    fields: JsonObject
    """Of the item's data."""


def _predictions(
    source: PredictionSource, task: DetectorTask, model_version: str, items: Mapping[int, Item]
) -> list[_Predicted]:
    films = [film for item in items.values() for film in item.radiograph_ids]
    predictions = FilmPredictions(source, task, model_version, films)
    suspected = suspected_on_singles(source, task, items.values())
    found = []
    for item_id, item in items.items():
        shown = pre_annotation(task, item, predictions, suspected)
        place = queue_score(task, item.kind, item.purpose, shown.score)
        answers = predictions.of(item.radiograph_ids)
        fields = predicted_fields(
            task, item, shown, answers, suspected.get(item.radiograph_ids[0], {})
        )
        found.append(_Predicted(ItemPrediction(item_id, QUEUE, place, shown.result), fields))
    return found


def suspected_on_singles(
    source: PredictionSource, task: DetectorTask, items: Iterable[Item]
) -> dict[str, dict[str, float]]:
    """Return what detectors suspect of films that are shown alone, for a task that sums them up."""
    alone = [film for item in items if item.kind != SHEET for film in item.radiograph_ids]
    return suspected_of(source, task, alone) if task.sums_up and alone else {}


def pre_annotation(
    task: DetectorTask,
    item: Item,
    predictions: FilmPredictions,
    suspected: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
) -> PreAnnotation:
    """Return what an item shows before anybody has touched it."""
    films = item.radiograph_ids
    if not item.shown_label:
        return pre_annotate_single(task, predictions.of(films)[0], suspected.get(films[0], {}))
    return pre_annotate_sheet(task, item.shown_label, films, predictions.of(films), item.checks)


ON_SCREEN = 2
"""The first sheets of each tab: one may be on a screen, and the next is fetched ahead."""
KEPT_DAYS = 2
"""How long a superseded sheet stays in Label Studio, for whoever still has it open."""


def rebuild_waiting_items(
    source: PredictionSource, settings: Settings, task: DetectorTask, studio: LabelStudio
) -> int:
    """Take back the sheets nobody has begun, if the settings say so; return how many.

    They vanish from the tabs. One that is open in some browser can still be submitted, and counts
    for exactly the films it showed.
    """
    if settings.stale_sheets == "keep":
        return 0
    waiting = [item for item in open_items(source.database, task.name) if item.item_id]
    stale: list[Item] = []
    for project in dict.fromkeys(item.project_id for item in waiting):
        _delete_old(source.database, studio, project)
        begun = studio.drafts(project)
        states = studio.item_keys(project)
        mine = [
            item
            for item in waiting
            if item.project_id == project
            and item.item_key in states
            and not states[item.item_key].answered
        ]
        stale += [item for item in _unseen(source, task, mine) if item.item_id not in begun]
    for item in stale:
        studio.patch_data(item.item_id or 0, {SUPERSEDED: YES})
        supersede_item(source.database, item)
    return len(stale)


def _unseen(source: PredictionSource, task: DetectorTask, waiting: list[Item]) -> list[Item]:
    """Return the sheets behind the first ones of each reviewer's tab, in the order shown now."""
    sheets = [item for item in waiting if item.shown_label and item.purpose is Purpose.FIRST]
    films = [film for item in sheets for film in item.radiograph_ids]
    if not films:
        return []
    version = version_in_use(source.database, task)
    predictions = FilmPredictions(source, task, version, films)
    sheets.sort(key=lambda item: pre_annotation(task, item, predictions).score)
    behind = []
    for shard in {item.shard for item in sheets}:
        behind += [item for item in sheets if item.shard == shard][ON_SCREEN:]
    return behind + _second_readings(behind, waiting)


def _second_readings(first: list[Item], waiting: list[Item]) -> list[Item]:
    """Return the copies for a second reader of sheets that are taken back."""
    shown = {item.radiograph_ids for item in first}
    return [
        item for item in waiting if item.purpose is Purpose.DOUBLE and item.radiograph_ids in shown
    ]


def _delete_old(engine: Engine, studio: LabelStudio, project: int) -> None:
    before = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).isoformat()
    states = studio.item_keys(project)
    old = [
        states[item.item_key].item_id
        for item in project_items(engine, project)
        if item.superseded_at
        and item.superseded_at < before
        and item.item_key in states
        and not states[item.item_key].answered
    ]
    if old:
        studio.delete_items(project, old)
