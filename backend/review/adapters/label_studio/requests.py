"""What Label Studio sends to the ML backend, as types: asked items and hints (webhooks).

Recorded from Label Studio 1.23.2. Anybody may send anything, so each field is checked here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from backend.base.core.errors import LabelStudioError, RadsieveError
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.shapes import ItemData, parse_data

MAX_ITEMS = 10_000
"""In one request for predictions: as many as are pushed to Label Studio at once, and more."""


class BadPayloadError(RadsieveError):
    """A request does not have the form that Label Studio sends."""


@dataclass(frozen=True, slots=True)
class AskedItem:
    """An item that the ML backend is asked to predict."""

    number: int | None
    """Label Studio's number, for the log; None where the request names none."""
    data: ItemData | None
    """None where the request holds no data for the item."""


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Items of one project that the ML backend is asked to predict."""

    label_config: object
    """The labelling screen, not checked yet: `service.edge.payloads.read_control` does that."""
    items: tuple[AskedItem, ...]


@dataclass(frozen=True, slots=True)
class WebhookHint:
    """What a webhook tells: that something happened in a project."""

    action: str
    """Such as `ANNOTATION_CREATED`; `None` where the hint names no action."""
    label_config: object
    """The project's labelling screen, not checked yet; None where the hint brings none."""
    project: int | None
    """The project's number."""
    data: ItemData | None = None
    """Of the one item that the hint is about; None where it brings none, or several."""


def asked_item(raw: object) -> AskedItem:
    """Return an item as it was asked for; one without data is answered with an empty result."""
    if not isinstance(raw, Mapping):
        return AskedItem(None, None)
    number = raw.get("id")
    try:
        data = parse_data(raw.get("data"))
    except LabelStudioError:
        data = None
    return AskedItem(number if isinstance(number, int) else None, data)


def predict_request(payload: JsonObject) -> PredictRequest:
    """Return the body of a request for predictions, which calls items tasks.

    Raises:
        BadPayloadError: there is no list of items, or it is too long.
    """
    items = payload.get("tasks")
    if not isinstance(items, list):
        raise BadPayloadError(f"expected a list in 'tasks', got {type(items).__name__}")
    if len(items) > MAX_ITEMS:
        raise BadPayloadError(
            f"expected at most {MAX_ITEMS} items, got {len(items)}; select fewer in Label Studio"
        )
    return PredictRequest(payload.get("label_config"), tuple(asked_item(item) for item in items))


def setup_screen(payload: JsonObject) -> object:
    """Return the labelling screen, not checked yet, from the body of a request for a version."""
    return payload.get("schema")


def hint(body: bytes) -> WebhookHint:
    """Return what a webhook's body tells; of a body that is no JSON object nothing is known."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    payload = payload if isinstance(payload, Mapping) else {}
    project = payload.get("project")
    label_config = project.get("label_config") if isinstance(project, Mapping) else None
    data = asked_item(payload.get("task")).data
    return WebhookHint(str(payload.get("action")), label_config, project_number(project), data)


def project_number(project: object) -> int | None:
    """Return a project's number from any of the forms in which Label Studio names it.

    >>> [project_number(form) for form in ({"id": 3, "title": "t"}, "3.1795374902", 3, None)]
    [3, 3, 3, None]
    """
    number = project.get("id") if isinstance(project, Mapping) else project
    digits = str(number).split(".", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
