"""The one door to Label Studio: its API in, plain values out, its failures as `LabelStudioError`.

Label Studio calls a row of a project a task; everywhere else in this code it is an item.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item that is in Label Studio."""

    item_id: int
    answered: bool


@dataclass(frozen=True, slots=True)
class ItemPrediction:
    """One model version's prediction for one item."""

    item_id: int
    model_version: str
    score: float
    """Confidence, 0 to 1: low is shown first."""
    result: Sequence[Mapping[str, Any]]
    """As `core.contact_sheet.sheet_result` or `core.single_item.single_result` return it."""


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


@dataclass(frozen=True, slots=True)
class ReviewTab:
    """A tab of the Data Manager; 'Label All Tasks' on it follows its order and filter."""

    title: str
    order_by: str = "tasks:predictions_score"
    """A leading `-` turns the order round; only one column is honoured by Label Studio."""
    only_unanswered: bool = True
    number_fields: Sequence[str] = ()
    """Data fields to order as numbers: PostgreSQL orders them as text otherwise."""
    data_equals: Mapping[str, str] | None = None
    """Data fields an item must have, e.g. one shard per reviewer."""


@dataclass(frozen=True, slots=True)
class MlBackend:
    """Our ML backend, as Label Studio reaches it."""

    url: str
    title: str
    user: str
    password: str


class LabelStudio:
    """A connection to one Label Studio."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 60.0) -> None:
        """Take an address and a token, personal (PAT) or legacy; nothing is sent yet."""
        raise NotImplementedError

    def version(self) -> str:
        """Return the version of Label Studio, e.g. `1.23.2`."""
        raise NotImplementedError

    def ensure_project(self, title: str, label_config: str, *, instruction: str = "") -> int:
        """Return the id of the project of exactly this title, made or brought up to date."""
        raise NotImplementedError

    def ensure_local_storage(self, project_id: int, folder: Path) -> int:
        """Let a project show files below `folder`, a path as Label Studio's machine sees it."""
        raise NotImplementedError

    def ensure_tab(self, project_id: int, tab: ReviewTab) -> int:
        """Return the id of the tab of this title, made or brought up to date."""
        raise NotImplementedError

    def ensure_ml_backend(self, project_id: int, backend: MlBackend) -> int:
        """Connect our backend; leaves the project's model version as it was."""
        raise NotImplementedError

    def ensure_webhook_auth(self, project_id: int, backend: MlBackend) -> int:
        """Make the project's webhook carry the backend's credentials; return the webhook's id."""
        raise NotImplementedError

    def set_model_version(self, project_id: int, version: str) -> None:
        """Order and pre-annotate by exactly this version; it must have predictions already."""
        raise NotImplementedError

    def item_keys(self, project_id: int) -> dict[str, ItemState]:
        """Return the items that radsieve made, by `sheet_key` or `item_key` of their data."""
        raise NotImplementedError

    def item_ids(self, project_id: int) -> set[int]:
        """Return the ids of all items of a project."""
        raise NotImplementedError

    def import_items(self, project_id: int, items: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add items; return their ids in the same order."""
        raise NotImplementedError

    def delete_items(self, project_id: int, item_ids: Sequence[int]) -> None:
        """Delete items with all their answers; ids that are gone already are ignored."""
        raise NotImplementedError

    def import_predictions(self, project_id: int, predictions: Sequence[ItemPrediction]) -> None:
        """Add predictions in bulk, then count that all of them arrived."""
        raise NotImplementedError

    def delete_predictions(self, project_id: int, model_version: str) -> None:
        """Delete all predictions of a model version."""
        raise NotImplementedError

    def scores_present(self, project_id: int, model_version: str) -> int:
        """Count the items that have a prediction of this model version."""
        raise NotImplementedError

    def answers(self, project_id: int) -> Iterator[ItemAnswer]:
        """Yield every submitted annotation, by item id; skipped ones too."""
        raise NotImplementedError

    def delete_answer(self, annotation_id: int) -> None:
        """Delete an annotation, so that its item waits for an answer again; gone is fine."""
        raise NotImplementedError

    def start_training(self, project_id: int) -> None:
        """Press 'Start Training' of the project's ML backend."""
        raise NotImplementedError
