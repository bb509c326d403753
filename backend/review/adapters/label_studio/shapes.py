"""Label Studio's JSON as types: each shape is parsed and made here and nowhere else.

Recorded from Label Studio 1.23.2, which calls an item a task.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.json_fields import (
    JsonObject,
    as_object,
    kind_of,
    list_in,
    number_in,
    number_or_none,
    text_in,
    text_or_none,
    texts_or_none,
)
from backend.review.adapters.screens.sheet_screen import FILMS_FIELD

CHOICES = "choices"
RECTANGLES = "rectanglelabels"
_SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box on a picture, in percent of the picture's sides."""

    label: str
    x: float
    y: float
    width: float
    height: float
    is_turned: bool = False
    """A person may turn a rectangle; radsieve sends and takes upright ones only."""

    def as_json(self) -> dict[str, object]:
        """Return the `value` of a region."""
        sides = {name: getattr(self, name) for name in _SIDES}
        return {**sides, "rotation": 0, RECTANGLES: [self.label]}


@dataclass(frozen=True, slots=True)
class ResultRegion:
    """What one control of a screen says of an item; part of an annotation or of a prediction."""

    control: str
    """Name of the control; empty where the region names none."""
    shown: str
    """Name of the object that the control belongs to, such as the picture."""
    choices: tuple[str, ...] | None = None
    """What is chosen; None where this is no region of choices, or a broken one."""
    rectangle: Rectangle | None = None
    """What is drawn; None where this is no rectangle, or a broken one."""
    score: float | None = None
    came: str = field(default="", compare=False)
    """What Label Studio sent, in words for a message of an error."""

    def as_json(self) -> dict[str, object]:
        """Return the region as Label Studio takes it."""
        kind = CHOICES if self.rectangle is None else RECTANGLES
        value = {CHOICES: list(self.choices or ())}
        score = {} if self.score is None else {"score": self.score}
        return {
            "from_name": self.control,
            "to_name": self.shown,
            "type": kind,
            "value": value if self.rectangle is None else self.rectangle.as_json(),
            **score,
        }


Result = tuple[ResultRegion, ...]
"""All that an annotation or a prediction says of an item; nothing is an answer, too."""


def parse_result(raw: object) -> Result:
    """Return the regions of a `result`.

    Nothing is refused here: a broken region of a control that nobody reads does no harm, and one
    that somebody reads is refused there (`chosen`, and `ResultRegion.rectangle`).
    """
    if raw is None:
        return ()
    if not isinstance(raw, list):
        return (ResultRegion("", "", came=kind_of(raw)),)
    return tuple(_region(region) for region in raw)


def result_json(result: Iterable[ResultRegion]) -> list[dict[str, object]]:
    """Return a `result` as Label Studio takes it."""
    return [region.as_json() for region in result]


def chosen(result: Iterable[ResultRegion], control: str) -> frozenset[str]:
    """Return what is chosen in a control.

    Raises:
        LabelStudioError: a region names no control, or one of this control has no choices.
    """
    labels: set[str] = set()
    for region in result:
        if not region.control or (region.control == control and region.choices is None):
            raise LabelStudioError(
                "expected regions with a from_name and a list of texts in value.choices, got "
                f"{region.came or 'a rectangle'}; open the item in Label Studio, correct the "
                "answer and submit it again"
            )
        if region.control == control:
            labels.update(region.choices or ())
    return frozenset(labels)


@dataclass(frozen=True, slots=True)
class ItemData:
    """The data of an item that is in Label Studio, as far as radsieve reads it."""

    texts: Mapping[str, str]
    """Every field that holds a text, by its name."""
    names: frozenset[str]
    """Of all fields."""
    films: tuple[str, ...] | None
    """Radiograph ids on a contact sheet, in its order; None where the data lists no films."""
    choices: tuple[str, ...] | None = None
    """What can be chosen on a single film, in the order shown; None where the data lists none."""
    plain: JsonObject = field(default_factory=dict, repr=False)
    """All of it but the films of a sheet, as Label Studio holds it."""

    def says(self, fields: JsonObject) -> bool:
        """Whether these fields, which hold no film of a sheet, are as given."""
        return all(self.plain.get(name) == value for name, value in fields.items())

    @property
    def key(self) -> str:
        """The key that radsieve gave the item; empty for an item of somebody else's making."""
        return self.texts.get("sheet_key") or self.texts.get("item_key") or ""


def parse_data(raw: object) -> ItemData:
    """Return an item's data.

    Raises:
        LabelStudioError: it is no JSON object.
    """
    data = as_object(raw, "an item's data")
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    return ItemData(
        texts,
        frozenset(data),
        _values(data.get(FILMS_FIELD)),
        _values(data.get(CHOICES)),
        {name: value for name, value in data.items() if name != FILMS_FIELD},
    )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model version says of an item."""

    model_version: str
    score: float
    """Confidence, 0 to 1; Label Studio shows low ones first."""
    result: Result

    def as_json(self) -> dict[str, object]:
        """Return the prediction as Label Studio takes it."""
        return {
            "model_version": self.model_version,
            "score": float(self.score),
            "result": result_json(self.result),
        }


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as it is imported."""

    data: JsonObject
    """What the screen shows and the tabs filter by: texts, numbers, and a sheet's films."""
    prediction: Prediction | None = None

    def with_data(self, fields: JsonObject) -> "NewItem":
        """Return the item with these fields added to its data, or changed."""
        return replace(self, data={**self.data, **fields})

    def as_json(self) -> dict[str, object]:
        """Return the item as Label Studio imports it."""
        predictions = [] if self.prediction is None else [self.prediction.as_json()]
        return {"data": dict(self.data), "predictions": predictions}


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A prediction that an item has in Label Studio."""

    number: int
    model_version: str
    created_at: str
    """UTC, ISO 8601, as `updated_at` is."""
    updated_at: str
    score: float | None
    result: Result


@dataclass(frozen=True, slots=True)
class Annotation:
    """An answer that an item has in Label Studio, submitted or skipped."""

    number: int
    created_at: str
    """UTC, ISO 8601, as `updated_at` is."""
    updated_at: str
    completed_by: int | None
    """Label Studio's number for who submitted it."""
    was_cancelled: bool
    """The reviewer skipped the item."""
    lead_time_s: float | None
    """How long the item was on the screen; None for what was answered on no screen."""
    parent_prediction: int | None
    """Number of the prediction that the reviewer was shown, where Label Studio knows it."""
    draft_created_at: str | None
    result: Result


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it is in Label Studio."""

    number: int
    data: ItemData
    is_answered: bool
    """Somebody submitted an answer; a skipped item is not answered."""
    annotations: tuple[Annotation, ...] = ()
    """Empty where only the item itself was asked for, as `predictions` is."""
    predictions: tuple[StoredPrediction, ...] = ()


def parse_item(raw: object) -> StoredItem:
    """Return an item, with the annotations and predictions that came with it.

    Raises:
        LabelStudioError: a field that each item has is missing, or has another form.
    """
    item = as_object(raw, "an item")
    return StoredItem(
        number=number_in(item, "id"),
        data=parse_data(item.get("data")),
        is_answered=bool(item.get("total_annotations")),
        annotations=tuple(_annotation(one) for one in list_in(item, "annotations")),
        predictions=tuple(_prediction(one) for one in list_in(item, "predictions")),
    )


def parse_items(raw: object) -> list[StoredItem]:
    """Return the items of a page.

    Raises:
        LabelStudioError: it is no page of items.
    """
    return [parse_item(item) for item in list_in(as_object(raw, "a page of items"), "tasks")]


def _annotation(raw: object) -> Annotation:
    annotation = as_object(raw, "an annotation")
    by = annotation.get("completed_by")
    lead_time_s = annotation.get("lead_time")
    return Annotation(
        number=number_in(annotation, "id"),
        created_at=text_in(annotation, "created_at"),
        updated_at=text_in(annotation, "updated_at"),
        completed_by=number_or_none(by.get("id") if isinstance(by, Mapping) else by),
        was_cancelled=bool(annotation.get("was_cancelled")),
        lead_time_s=float(lead_time_s) if isinstance(lead_time_s, int | float) else None,
        parent_prediction=number_or_none(annotation.get("parent_prediction")),
        draft_created_at=text_or_none(annotation.get("draft_created_at")),
        result=parse_result(annotation.get("result")),
    )


def _prediction(raw: object) -> StoredPrediction:
    prediction = as_object(raw, "a prediction")
    score, created_at = prediction.get("score"), text_in(prediction, "created_at")
    return StoredPrediction(
        number=number_in(prediction, "id"),
        model_version=text_or_none(prediction.get("model_version")) or "",
        created_at=created_at,
        updated_at=text_or_none(prediction.get("updated_at")) or created_at,
        score=float(score) if isinstance(score, int | float) else None,
        result=parse_result(prediction.get("result")),
    )


def _region(raw: object) -> ResultRegion:
    if not isinstance(raw, Mapping):
        return ResultRegion("", "", came=f"{kind_of(raw)} for a region")
    value = raw.get("value")
    value = value if isinstance(value, Mapping) else {}
    score = raw.get("score")
    return ResultRegion(
        control=text_or_none(raw.get("from_name")) or "",
        shown=text_or_none(raw.get("to_name")) or "",
        choices=texts_or_none(value.get(CHOICES)),
        rectangle=_rectangle(value),
        score=float(score) if isinstance(score, int | float) else None,
        came=f"a region with {sorted(map(str, raw))} and a value with {sorted(map(str, value))}",
    )


def _rectangle(value: JsonObject) -> Rectangle | None:
    labels = texts_or_none(value.get(RECTANGLES))
    sides = [value.get(name) for name in _SIDES]
    numbers = [float(side) for side in sides if isinstance(side, int | float)]
    if labels is None or len(labels) != 1 or len(numbers) != len(_SIDES):
        return None
    x, y, width, height = numbers
    return Rectangle(labels[0], x, y, width, height, is_turned=bool(value.get("rotation")))


def _values(raw: object) -> tuple[str, ...] | None:
    """Return the values of dynamic choices: a list of {value, html}."""
    if not isinstance(raw, list):
        return None
    return texts_or_none([each.get("value") if isinstance(each, Mapping) else None for each in raw])
