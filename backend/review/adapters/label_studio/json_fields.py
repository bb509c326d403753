"""Fields of Label Studio's JSON, read one by one; an error says what was expected and what came."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from backend.base.core.errors import LabelStudioError

_Value = TypeVar("_Value")

JsonObject = Mapping[str, object]
"""A JSON object that is not parsed yet, or is about to be sent."""


def texts_or_none(raw: object) -> tuple[str, ...] | None:
    """Return a list of texts; None for anything else."""
    if not isinstance(raw, list):
        return None
    texts = tuple(text for text in raw if isinstance(text, str))
    return texts if len(texts) == len(raw) else None


def as_object(raw: object, what: str) -> JsonObject:
    """Return a value that has to be a JSON object.

    Args:
        raw: what came.
        what: what it should be, for the message.

    Raises:
        LabelStudioError: it is something else.
    """
    if not isinstance(raw, Mapping):
        raise LabelStudioError(f"expected {what} as a JSON object, got {kind_of(raw)}")
    return raw


def list_in(raw: JsonObject, name: str) -> Sequence[object]:
    """Return a field that holds a list; empty where the field is missing.

    Raises:
        LabelStudioError: it holds something else.
    """
    return _expected(raw.get(name) or [], list, "a list", name)


def number_in(raw: JsonObject, name: str) -> int:
    """Return a field that holds a whole number.

    Raises:
        LabelStudioError: it is missing or holds something else.
    """
    return _expected(raw.get(name), int, "a whole number", name)


def text_in(raw: JsonObject, name: str) -> str:
    """Return a field that holds a text.

    Raises:
        LabelStudioError: it is missing or holds something else.
    """
    return _expected(raw.get(name), str, "a text", name)


def _expected(value: object, kind: type[_Value], what: str, name: str) -> _Value:
    if not isinstance(value, kind):
        raise LabelStudioError(f"expected {what} in {name!r}, got {kind_of(value)}")
    return value


def number_or_none(value: object) -> int | None:
    """Return a whole number; None for anything else."""
    return value if isinstance(value, int) else None


def text_or_none(value: object) -> str | None:
    """Return a text; None for anything else."""
    return value if isinstance(value, str) else None


def kind_of(value: object) -> str:
    """Return what kind of value came, in a word for a message."""
    return "nothing" if value is None else type(value).__name__
