"""Items, predictions and answers in Label Studio, which calls an item a task."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.base.core.chunks import in_chunks
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.session import LabelStudioSession, gone_is_fine

_PAGE_ITEMS = 200
_IMPORT_ITEMS = 250
_IMPORT_PREDICTIONS = 500
_DELETE_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item that is in Label Studio."""

    item_id: int
    answered: bool
    """Somebody submitted an answer; a skipped item is not answered."""


@dataclass(frozen=True, slots=True)
class ItemPrediction:
    """One model version's prediction for one item."""

    item_id: int
    model_version: str
    score: float
    """Confidence, 0 to 1: low is shown first."""
    result: Sequence[Mapping[str, Any]]
    """As `sheet_result` or `single_result` of `review.adapters.screens` return it."""


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One submitted annotation, with the data of the item it answers."""

    item_id: int
    data: Mapping[str, Any]
    annotation_id: int
    created_at: str
    updated_at: str
    reviewer: str
    """`user N`, Label Studio's number for who submitted it; never a name or an address."""
    result: Sequence[Mapping[str, Any]]
    was_cancelled: bool
    """The reviewer skipped the item: the result is whatever was pre-ticked, so ignore it."""
    lead_time_s: float | None
    suggested: Sequence[Mapping[str, Any]] | None = None
    """The prediction the reviewer was shown; None where nothing was, or it is not known.

    Sure where the annotation names it, as every answer from a screen does that was not restored
    from a draft. Of a restored one it is what the item's predictions of before the draft agree on.
    Nothing is known of answers that came by the API, and of predictions deleted since.
    """


class ItemAccess(LabelStudioSession):
    """What is in a project: read as it stands now, added and deleted in bulk."""

    def item_keys(self, project_id: int) -> dict[str, ItemState]:
        """Return the items that radsieve made, by the `item_key` or `sheet_key` of their data."""
        states = {}
        for item in self._items(project_id):
            key = item["data"].get("item_key") or item["data"].get("sheet_key")
            if key:
                states[str(key)] = ItemState(item["id"], bool(item["total_annotations"]))
        return states

    def item_ids(self, project_id: int) -> set[int]:
        """Return the ids of all items of a project."""
        return {item["id"] for item in self._items(project_id)}

    def import_items(self, project_id: int, items: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add items (`sheet_item`, `single_item`); return their ids in the same order.

        Adding the same item twice makes two: compare with `item_keys` first.
        """
        ids: list[int] = []
        for chunk in in_chunks(items, _IMPORT_ITEMS):
            answer = self._sdk.projects.import_tasks(
                project_id, request=list(chunk), return_task_ids=True
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

        Adding a version twice makes two of each: `delete_predictions` first.
        """
        made = 0
        for chunk in in_chunks(predictions, _IMPORT_PREDICTIONS):
            rows = [
                {
                    "task": each.item_id,
                    "model_version": each.model_version,
                    "score": each.score,
                    "result": list(each.result),
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

    def delete_predictions(self, project_id: int, model_version: str) -> None:
        """Delete all predictions of a model version; none is fine."""
        self._json(
            "DELETE",
            f"api/projects/{project_id}/model-versions/",
            json={"model_version": model_version},
        )

    def items_predicted(self, project_id: int, model_version: str) -> set[int]:
        """Return the ids of the items that have a prediction of this model version."""
        return {
            int(item["id"])
            for item in self._items(project_id, fields="all")
            if any(each["model_version"] == model_version for each in item["predictions"])
        }

    def scores_present(self, project_id: int, model_version: str) -> int:
        """Count the predictions of this model version that are really there."""
        found = self._json("GET", f"api/projects/{project_id}/model-versions/")
        return int(found.get(model_version, 0))

    def answers(self, project_id: int) -> Iterator[ItemAnswer]:
        """Yield every submitted annotation, by item id; skipped ones too, drafts not."""
        for item in self._items(project_id, fields="all"):
            for annotation in item.get("annotations", []):
                yield _answer(item, annotation)

    def drafts(self, project_id: int) -> set[int]:
        """Return the items on which anybody has begun an answer that is not submitted."""
        begun = {
            "filter": "filter:tasks:draft_exists",
            "operator": "equal",
            "type": "Boolean",
            "value": True,
        }
        return {item["id"] for item in self._items(project_id, only=[begun])}

    def patch_data(self, item_id: int, fields: Mapping[str, Any]) -> None:
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

    def complete_data(self, project_id: int, fields: Mapping[str, Any]) -> None:
        """Give these fields to waiting items that lack one: a filter would not show them at all."""
        for item in self._items(project_id):
            missing = {key: value for key, value in fields.items() if key not in item["data"]}
            if missing and not item["total_annotations"]:
                self.patch_data(item["id"], missing)

    def submit_answer(
        self, item_id: int, result: Sequence[Mapping[str, Any]], *, lead_time_s: float
    ) -> int:
        """Answer an item as the owner of the token; return the annotation's id."""
        body = {"result": list(result), "lead_time": lead_time_s}
        return int(self._json("POST", f"api/tasks/{item_id}/annotations/", json=body)["id"])

    def delete_answer(self, annotation_id: int) -> None:
        """Delete an annotation, so that its item waits for an answer again; gone is fine."""
        with gone_is_fine():
            self._sdk.annotations.delete(annotation_id)

    def _items(
        self, project_id: int, *, fields: str = "task_only", only: Sequence[Mapping[str, Any]] = ()
    ) -> Iterator[dict[str, Any]]:
        # By ids greater than the last one seen, not by page number: an item deleted meanwhile
        # would pull the first item of the next page onto a page that was read already.
        last = 0
        while True:
            page = self._page(project_id, fields, [_newer_than(last), *only])
            yield from page
            if len(page) < _PAGE_ITEMS:
                return
            last = page[-1]["id"]

    def _page(
        self, project_id: int, fields: str, filters: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
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
        page: list[dict[str, Any]] = self._json("GET", "api/tasks/", params=parameters)["tasks"]
        return page


def _newer_than(item_id: int) -> dict[str, Any]:
    return {
        "filter": "filter:tasks:id",
        "operator": "greater",
        "type": "Number",
        "value": item_id,
    }


def _answer(item: Mapping[str, Any], annotation: Mapping[str, Any]) -> ItemAnswer:
    by = annotation["completed_by"]
    return ItemAnswer(
        item_id=int(item["id"]),
        data=item["data"],
        annotation_id=int(annotation["id"]),
        created_at=str(annotation["created_at"]),
        updated_at=str(annotation["updated_at"]),
        reviewer=f"user {by['id'] if isinstance(by, dict) else by}",
        result=annotation["result"] or [],
        was_cancelled=bool(annotation["was_cancelled"]),
        lead_time_s=annotation["lead_time"],
        suggested=_suggested(item["predictions"], annotation),
    )


def _suggested(
    predictions: Sequence[Mapping[str, Any]], annotation: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]] | None:
    by_id = {each["id"]: each["result"] or [] for each in predictions}
    if annotation["parent_prediction"] is not None:
        return by_id.get(annotation["parent_prediction"])
    if annotation["draft_created_at"] is None:
        return None
    # An answer that went through a draft no longer names its prediction. What came after the draft
    # was never shown; where all that were there before say the same, it is that.
    begun = datetime.fromisoformat(annotation["draft_created_at"])
    before = [
        by_id[each["id"]]
        for each in predictions
        if datetime.fromisoformat(each["created_at"]) < begun
    ]
    return before[0] if before and all(each == before[0] for each in before) else None
