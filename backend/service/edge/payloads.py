"""What Label Studio sends, turned into questions about films; nothing behind this sees raw JSON.

Recorded from Label Studio 1.23.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError
from backend.review.adapters.screens.sheet_screen import SHEET_TAG

Payload = Mapping[str, Any]


class BadPayloadError(RadsieveError):
    """A request does not have the form that Label Studio sends."""


@dataclass(frozen=True, slots=True)
class Control:
    """The part of a labelling screen that asks a detector task's question."""

    task: DetectorTask
    to_name: str
    """The object it belongs to."""
    data_key: str
    """The field of an item's data that the object shows."""


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """Which of these films do not have the shown label?"""

    shown_label: str
    radiograph_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilmQuestion:
    """Which label has this film?"""

    radiograph_id: str | None
    """None for a film that somebody else put into Label Studio."""
    image: str | None
    """Where its picture is."""


Question = SheetQuestion | FilmQuestion


def read_control(label_config: object, tasks: Mapping[str, DetectorTask]) -> Control:
    """Return the first control of a screen that is named after a detector task.

    Raises:
        BadPayloadError: there is none, or it is no labelling screen.
    """
    tags = _tags(label_config)
    for tag in tags:
        task = tasks.get(tag.get("name", ""))
        to_name = tag.get("toName", "").split(",")[0]
        if task and to_name:
            shown = next(
                (each.get("value", "") for each in tags if each.get("name") == to_name), ""
            )
            return Control(task, to_name, shown.removeprefix("$"))
    raise BadPayloadError(
        f"no control of this project is named after a detector task; name one {' or '.join(tasks)}"
    )


def read_question(item: object, control: Control) -> Question:
    """Return what an item asks.

    Raises:
        BadPayloadError: it is neither a contact sheet nor a single film.
    """
    data = item.get("data") if isinstance(item, Mapping) else None
    if not isinstance(data, Mapping):
        raise BadPayloadError(f"expected an item with data, got {type(item).__name__}")
    if control.to_name == SHEET_TAG:
        return _sheet(data, control.task)
    film, image = data.get("radiograph_id"), data.get(control.data_key)
    if not isinstance(film, str) and not isinstance(image, str):
        raise BadPayloadError(
            f"expected data with radiograph_id or {control.data_key}, got {len(data)} other fields"
        )
    return FilmQuestion(
        film if isinstance(film, str) else None, image if isinstance(image, str) else None
    )


def read_items(payload: Payload) -> Sequence[object]:
    """Return the items of a prediction request, which Label Studio calls tasks.

    Raises:
        BadPayloadError: there is no list of them.
    """
    items = payload.get("tasks")
    if not isinstance(items, list):
        raise BadPayloadError(f"expected a list in 'tasks', got {type(items).__name__}")
    return items


def item_number(item: object) -> int | None:
    """Return Label Studio's number of an item, for the log."""
    number = item.get("id") if isinstance(item, Mapping) else None
    return number if isinstance(number, int) else None


def read_project_number(project: object) -> int | None:
    """Return a project's number from any of the forms in which Label Studio names it.

    >>> [read_project_number(form) for form in ({"id": 3, "title": "t"}, "3.1795374902", 3, None)]
    [3, 3, 3, None]
    """
    found = project.get("id") if isinstance(project, Mapping) else project
    digits = str(found).split(".", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def _tags(label_config: object) -> list[ET.Element]:
    if not isinstance(label_config, str):
        raise BadPayloadError(
            f"expected a labelling screen as XML, got {type(label_config).__name__}"
        )
    try:
        return list(ET.fromstring(label_config).iter())
    except (ET.ParseError, ValueError) as error:
        raise BadPayloadError("the labelling screen is not XML") from error


def _sheet(data: Payload, task: DetectorTask) -> SheetQuestion:
    shown, films = data.get("shown_label"), data.get("films")
    if shown not in task.labels or not isinstance(films, list):
        raise BadPayloadError(f"expected a sheet that shows one of {list(task.labels)}")
    ids = [film.get("value") if isinstance(film, Mapping) else None for film in films]
    known = tuple(film for film in ids if isinstance(film, str))
    if len(known) < len(ids):
        raise BadPayloadError("expected films with a text in 'value'")
    return SheetQuestion(str(shown), known)
