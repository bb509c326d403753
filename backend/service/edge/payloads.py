"""Which question the labelling screen and the data of an item ask about films."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.label_studio.requests import AskedItem, BadPayloadError
from backend.review.adapters.label_studio.shapes import ItemData
from backend.review.adapters.screens.answer_choices import ANSWER_CONTROL, CHOICES_FIELD
from backend.review.adapters.screens.sheet_screen import FILMS_CONTROL, FILMS_FIELD, SHEET_TAG
from backend.review.adapters.screens.single_screen import IMAGE_TAG

# (control, what it belongs to) -> the field of an item's data that holds its choices.
_SHARED_CONTROLS = {
    (FILMS_CONTROL, SHEET_TAG): f"${FILMS_FIELD}",
    (ANSWER_CONTROL, IMAGE_TAG): f"${CHOICES_FIELD}",
}


@dataclass(frozen=True, slots=True)
class Control:
    """The part of a labelling screen that is answered."""

    name: str
    task: DetectorTask | None
    """That the control is named after; None: each item's data names its own."""
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
    """Return the first control of a screen that is of a screen of ours, or named after a task.

    Raises:
        BadPayloadError: there is none, or it is no labelling screen.
    """
    tags = _tags(label_config)
    values = {tag.get("name", ""): tag.get("value", "") for tag in tags}
    for tag in tags:
        name, to_name = tag.get("name", ""), tag.get("toName", "").split(",")[0]
        is_shared = values.get(name, "") == _SHARED_CONTROLS.get((name, to_name))
        if to_name and (name in tasks or is_shared):
            shown = values.get(to_name, "").removeprefix("$")
            return Control(name, tasks.get(name), to_name, shown)
    raise BadPayloadError(
        f"no control of this project is named after a detector task; name one {' or '.join(tasks)}"
    )


def task_of(data: ItemData | None, tasks: Mapping[str, DetectorTask]) -> DetectorTask | None:
    """Return the detector task that an item's data names; None where it names none of ours."""
    return tasks.get(data.texts.get("detector_task", "")) if data else None


def read_question(item: AskedItem, control: Control, task: DetectorTask) -> Question:
    """Return what an item asks for a detector task.

    Raises:
        BadPayloadError: it is neither a contact sheet nor a single film.
    """
    data = item.data
    if data is None:
        raise BadPayloadError("expected an item with data, got one without")
    if control.to_name == SHEET_TAG:
        return _sheet(data, task)
    film, image = data.texts.get("radiograph_id"), data.texts.get(control.data_key)
    if film is None and image is None:
        raise BadPayloadError(
            f"expected texts in radiograph_id or {control.data_key}, got {len(data.names)} other "
            "fields"
        )
    return FilmQuestion(film, image)


def _tags(label_config: object) -> list[ET.Element]:
    if not isinstance(label_config, str):
        raise BadPayloadError(
            f"expected a labelling screen as XML, got {type(label_config).__name__}"
        )
    try:
        return list(ET.fromstring(label_config).iter())
    except (ET.ParseError, ValueError) as error:
        raise BadPayloadError("the labelling screen is not XML") from error


def _sheet(data: ItemData, task: DetectorTask) -> SheetQuestion:
    shown_label = data.texts.get("shown_label")
    if shown_label not in task.labels or data.films is None:
        raise BadPayloadError(
            f"expected a sheet that shows one of {list(task.labels)}, with a list `films` of "
            f"{{value, html}}, got {shown_label!r} and {len(data.names)} fields"
        )
    return SheetQuestion(str(shown_label), data.films)
