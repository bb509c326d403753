"""Items, predictions and answers in Label Studio, which calls an item a task."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.base.core.chunks import in_chunks
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.session import LabelStudioSession, gone_is_fine
from backend.review.adapters.label_studio.shapes import (
    Annotation,
    ItemData,
    NewItem,
    Prediction,
    Result,
    StoredItem,
    StoredPrediction,
    parse_items,
    result_json,
)

_PAGE_ITEMS = 200
_IMPORT_ITEMS = 250
_IMPORT_PREDICTIONS = 500
_DELETE_ITEMS = 1000
_SAME_MOMENT = timedelta(seconds=1)
"""Label Studio notes two moments when it makes a prediction, a little apart."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item that is in Label Studio."""

    item_id: int
    answered: bool
    """Somebody submitted an answer; a skipped item is not answered."""
    data: ItemData | None = None
    """None where nobody has asked Label Studio for it."""


@dataclass(frozen=True, slots=True)
class ItemPrediction:
    """One model version's prediction for one item."""

    item_id: int
    model_version: str
    score: float
    """Confidence, 0 to 1: low is shown first."""
    result: Result
    """Made by `sheet_result` or `single_result` of the screens."""


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One submitted annotation, with the data of the item it answers."""

    item_id: int
    data: ItemData
    annotation_id: int
    created_at: str
    updated_at: str
    reviewer: str
    """`user N`, Label Studio's number for who submitted it; never a name or an address."""
    result: Result
    was_cancelled: bool
    """The reviewer skipped the item: the result is whatever was pre-ticked, so ignore it."""
    lead_time_s: float | None
    suggested: Result | None = None
    """The prediction the reviewer was shown; None where nothing was, or it is not known.

    Sure where the annotation names it, as every answer from a screen does that was not restored
    from a draft. Of a restored one it is what the item's predictions of before the draft agree on.
    Nothing is known of answers that came by the API, and of predictions that were deleted, or
    changed after the item was opened.
    """


class ItemAccess(LabelStudioSession):
    """The part of the connection that reads, adds and deletes items, predictions and answers."""

    def item_keys(self, project_id: int) -> dict[str, ItemState]:
        """Return the items that radsieve made, by the `item_key` or `sheet_key` of their data."""
        states = {}
        for item in self._items(project_id):
            if item.data.key:
                states[item.data.key] = ItemState(item.number, item.is_answered, item.data)
        return states

    def item_ids(self, project_id: int) -> set[int]:
        """Return the ids of all items of a project."""
        return {item.number for item in self._items(project_id)}

    def import_items(self, project_id: int, items: Sequence[NewItem]) -> list[int]:
        """Add items, made by `sheet_item` or `single_item`; return their ids in the same order.

        Adding the same item twice makes two: compare with `item_keys` first.
        """
        ids: list[int] = []
        for chunk in in_chunks(items, _IMPORT_ITEMS):
            answer = self._sdk.projects.import_tasks(
                project_id, request=[item.as_json() for item in chunk], return_task_ids=True
            )
            ids.extend(answer.task_ids or [])
        if len(ids) != len(items):
            raise LabelStudioError(
                f"expected {len(items)} new items in project {project_id}, got {len(ids)}; look "
                "into the log of Label Studio, then push again: nothing is added twice"
            )
        return ids

    def delete_items(self, project_id: int, item_ids: Sequence[int]) -> None:
        """Delete items with all their answers; ids that are gone already are ignored."""
        for chunk in in_chunks(item_ids, _DELETE_ITEMS):
            self._json(
                "POST",
                "api/dm/actions/",
                params={"id": "delete_tasks", "project": project_id},
                json={"selectedItems": {"all": False, "included": list(chunk)}},
            )

    def import_predictions(self, project_id: int, predictions: Sequence[ItemPrediction]) -> None:
        """Add predictions in bulk and make sure that all of them arrived.

        Adding a version twice makes two of each: add those only that are missing.
        """
        made = 0
        for chunk in in_chunks(predictions, _IMPORT_PREDICTIONS):
            rows = [
                {
                    "task": each.item_id,
                    **Prediction(each.model_version, each.score, each.result).as_json(),
                }
                for each in chunk
            ]
            answer = self._json("POST", f"api/projects/{project_id}/import/predictions", json=rows)
            made += int(answer["created"])
        if made != len(predictions):
            raise LabelStudioError(
                f"expected {len(predictions)} new predictions in project {project_id}, got {made}; "
                "look into the log of Label Studio, then publish again"
            )

    def predictions_of(self, project_id: int, model_version: str) -> dict[int, StoredPrediction]:
        """Return by item id the latest prediction of this model version, where there is one."""
        return {
            item.number: each
            for item in self._items(project_id, fields="all")
            for each in sorted(item.predictions, key=lambda one: one.number)
            if each.model_version == model_version
        }

    def change_prediction(self, number: int, prediction: ItemPrediction) -> None:
        """Change score and result of a prediction that is there.

        It keeps its number: Label Studio refuses an answer to a prediction that was deleted.
        """
        body = {
            "task": prediction.item_id,
            "score": prediction.score,
            "result": result_json(prediction.result),
        }
        self._json("PATCH", f"api/predictions/{number}/", json=body)

    def answers(self, project_id: int, detector_task: str = "") -> Iterator[ItemAnswer]:
        """Yield every submitted annotation, by item id; skipped ones too, drafts not.

        Args:
            project_id: of the project.
            detector_task: whose items; empty: those of all.
        """
        only = [_asks_for(detector_task)] if detector_task else []
        for item in self._items(project_id, fields="all", only=only):
            for annotation in item.annotations:
                yield _answer(item, annotation)

    def drafts(self, project_id: int) -> set[int]:
        """Return the items on which anybody has begun an answer that is not submitted."""
        begun = {
            "filter": "filter:tasks:draft_exists",
            "operator": "equal",
            "type": "Boolean",
            "value": True,
        }
        return {item.number for item in self._items(project_id, only=[begun])}

    def patch_data(self, item_id: int, fields: JsonObject) -> None:
        """Change these fields of an item's data and leave the others, its answers and predictions.

        One item at a time, a quarter of a second each: for a few, not for ordering thousands.

        Raises:
            LabelStudioError: also when the item is gone.
        """
        # Label Studio replaces all data by what it is sent, so the other fields go along; with
        # the addresses as they were given, not as it would hand them to a browser.
        path = f"api/tasks/{item_id}/"
        item = self._json("GET", path, params={"resolve_uri": "false"})
        self._json("PATCH", path, json={"data": item["data"] | dict(fields)})

    def complete_data(self, project_id: int, fields: JsonObject) -> None:
        """Add these fields to waiting items without them: a tab's filter would hide such items."""
        for item in self._items(project_id):
            missing = {key: value for key, value in fields.items() if key not in item.data.names}
            if missing and not item.is_answered:
                self.patch_data(item.number, missing)

    def submit_answer(self, item_id: int, result: Result, *, lead_time_s: float) -> int:
        """Answer an item as the owner of the token; return the annotation's id."""
        body = {"result": result_json(result), "lead_time": lead_time_s}
        return int(self._json("POST", f"api/tasks/{item_id}/annotations/", json=body)["id"])

    def delete_answer(self, annotation_id: int) -> None:
        """Delete an annotation, so that its item waits for an answer again; gone is fine."""
        with gone_is_fine():
            self._sdk.annotations.delete(annotation_id)

    def _items(
        self, project_id: int, *, fields: str = "task_only", only: Sequence[JsonObject] = ()
    ) -> Iterator[StoredItem]:
        # By ids greater than the last one seen, not by page number: an item deleted meanwhile
        # would pull the first item of the next page onto a page that was read already.
        last = 0
        while True:
            page = self._page(project_id, fields, [_newer_than(last), *only])
            yield from page
            if len(page) < _PAGE_ITEMS:
                return
            last = page[-1].number

    def _page(
        self, project_id: int, fields: str, filters: Sequence[JsonObject]
    ) -> list[StoredItem]:
        query = {
            "filters": {"conjunction": "and", "items": filters},
            "ordering": ["tasks:id"],
        }
        parameters = {
            "project": project_id,
            "page": 1,
            "page_size": _PAGE_ITEMS,
            "fields": fields,
            "resolve_uri": "false",
            "query": json.dumps(query),
        }
        return parse_items(self._json("GET", "api/tasks/", params=parameters))


def _newer_than(item_id: int) -> JsonObject:
    return {
        "filter": "filter:tasks:id",
        "operator": "greater",
        "type": "Number",
        "value": item_id,
    }


def _asks_for(detector_task: str) -> JsonObject:
    return {
        "filter": "filter:tasks:data.detector_task",
        "operator": "equal",
        "type": "String",
        "value": detector_task,
    }


def _answer(item: StoredItem, annotation: Annotation) -> ItemAnswer:
    return ItemAnswer(
        item_id=item.number,
        data=item.data,
        annotation_id=annotation.number,
        created_at=annotation.created_at,
        updated_at=annotation.updated_at,
        reviewer=f"user {annotation.completed_by}",
        result=annotation.result,
        was_cancelled=annotation.was_cancelled,
        lead_time_s=annotation.lead_time_s,
        suggested=_suggested(item.predictions, annotation),
    )


def _suggested(predictions: Sequence[StoredPrediction], annotation: Annotation) -> Result | None:
    if annotation.parent_prediction is not None:
        shown = {each.number: each for each in predictions}.get(annotation.parent_prediction)
        return shown.result if shown and _was_seen(shown, annotation) else None
    if annotation.draft_created_at is None:
        return None
    # An answer that went through a draft no longer names its prediction. What came after the draft
    # was never shown; where all that were there before agree, the reviewer was shown that.
    begun = datetime.fromisoformat(annotation.draft_created_at)
    before = [each.result for each in predictions if _valid_since(each) < begun]
    return before[0] if before and all(each == before[0] for each in before) else None


def _valid_since(prediction: StoredPrediction) -> datetime:
    """Return since when a prediction has said what it says: when it was made, or changed."""
    made = datetime.fromisoformat(prediction.created_at)
    changed = datetime.fromisoformat(prediction.updated_at)
    return changed if changed - made > _SAME_MOMENT else made


def _was_seen(prediction: StoredPrediction, annotation: Annotation) -> bool:
    """Whether an answer's prediction was not changed after its item came to the screen."""
    on_screen = timedelta(seconds=annotation.lead_time_s or 0.0)
    opened = datetime.fromisoformat(annotation.created_at) - on_screen
    since = _valid_since(prediction)
    return since == datetime.fromisoformat(prediction.created_at) or since <= opened
