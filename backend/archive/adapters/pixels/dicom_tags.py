"""The tags of a DICOM file, each read by itself: one that is unreadable leaves the rest alone."""

import math
from collections.abc import Callable, Iterator, Sized
from typing import Any, TypeVar

from pydicom import Dataset
from pydicom.datadict import dictionary_description
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

_MOST_BYTES, _MOST_SEQUENCE_BYTES = 1 << 18, 1 << 20
"""Of an element that is made numbers of, and of one that is made items of."""
_BLANKS = " \0\t\r\n"
_LARGEST = 1e30

_Value = TypeVar("_Value")


def all_values(value: Any) -> list[Any]:  # noqa: ANN401 - of any type
    """Return the values of an element that may have none, one or several."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def title(name: str) -> str:
    """Return a tag's name as people write it.

    >>> title("WindowCenter")
    'Window Center'
    """
    return dictionary_description(name)


class TagReader:
    """Reads tags of a dataset; what it cannot read is as if it were not there, and noted."""

    def __init__(self, dataset: Dataset, notes: list[str] | None = None) -> None:
        """Begin with notes of others, or with none.

        Args:
            dataset: parsed.
            notes: where to write what was passed over; values are never quoted, they may be names.
        """
        self.dataset = dataset
        self.notes: list[str] = [] if notes is None else notes

    def note(self, sentence: str) -> None:
        """Say once what was done about a tag."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def text(self, name: str) -> str:
        """Return a text in plain capitals, empty where there is none; blanks mean nothing.

        The standard (PS3.5 6.2) gives no meaning to spaces around a coded value.
        """
        found = [str(value) for value in self._read(name, self._values)]
        return found[0].strip(_BLANKS).upper() if found else ""

    def written(self, name: str) -> str:
        """Return a text as it is written, several values with backslashes between."""
        return "\\".join(str(value) for value in self._read(name, self._values))

    def numbers(self, name: str) -> list[float]:
        """Return the numbers of an element; all of them, or none."""
        return self._read(name, self._numbers)

    def number(self, name: str) -> float | None:
        """Return the first number, if any."""
        return next(iter(self.numbers(name)), None)

    def integer(self, name: str) -> int | None:
        """Return the first number if it is a whole one."""
        found = self.number(name)
        if found is None:
            return None
        if found != int(found):
            self.note(f"{title(name)} is no whole number: passed over")
            return None
        return int(found)

    def raw(self, name: str) -> Any:  # noqa: ANN401 - of any type
        """Return the value as pydicom has it, None where there is none."""
        return next(iter(self._read(name, lambda name: [self.dataset.get(name)])), None)

    def is_empty(self, name: str) -> bool:
        """Tell whether a tag is missing or written without a value; it is not read for that."""
        if name not in self.dataset:
            return True
        value = getattr(self.dataset.get_item(name), "value", None)
        return value is None or (isinstance(value, Sized) and not len(value))

    def items(self, name: str) -> Iterator["TagReader"]:
        """Yield a reader for each item of a sequence, which notes where this one does."""
        for item in self._read(name, self._items):
            yield TagReader(item, self.notes)

    def item(self, *names: str) -> "TagReader | None":
        """Return the first item of a sequence, of a sequence in that one, and so on."""
        found: TagReader | None = self
        for name in names:
            found = next(found.items(name), None) if found else None
        return found

    def _read(self, name: str, how: Callable[[str], list[_Value]]) -> list[_Value]:
        if name not in self.dataset:
            return []
        try:
            _check_bytes(self.dataset.get_item(name))
            return how(name)
        except Exception:  # what pydicom raises on a value of another type is not documented
            self.note(f"{title(name)} cannot be read: passed over")
            return []

    def _values(self, name: str) -> list[Any]:
        return all_values(self.dataset.get(name))

    def _numbers(self, name: str) -> list[float]:
        try:
            found = [_finite(value) for value in self._values(name)]
        except (ValueError, TypeError, OverflowError):
            written = _written(self.dataset.get_item(name))
            found = [_finite(part.replace(",", ".")) for part in written]
            if any("," in part for part in written):
                self.note(f"{title(name)} has a decimal comma: read as a point")
        return found

    def _items(self, name: str) -> list[Dataset]:
        found = self.dataset.get(name)
        if not isinstance(found, Sequence):
            raise TypeError("no sequence")
        return list(found)


def _check_bytes(element: Any) -> None:  # noqa: ANN401 - raw or not
    if isinstance(element, RawDataElement):
        most = _MOST_SEQUENCE_BYTES if element.VR in {"SQ", "UN", None} else _MOST_BYTES
        if len(element.value or b"") > most:
            raise ValueError("too long")


def _finite(value: Any) -> float:  # noqa: ANN401 - of any type
    found = float(value.strip(_BLANKS) if isinstance(value, str) else value)
    if not (math.isfinite(found) and abs(found) < _LARGEST):
        raise ValueError("no number")
    return found


def _written(element: Any) -> list[str]:  # noqa: ANN401 - raw or not
    """Return what stands in an element that pydicom makes no numbers of."""
    value = element.value
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.strip(_BLANKS).split("\\")
