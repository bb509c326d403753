"""The tags of a TIFF, read without a decoder: what it says before anybody has to believe it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from backend.archive.core.tiff_kind import TiffTags
from backend.base.core.errors import UnreadableFilmError

MOST_PAGES, MOST_ENTRIES = 1000, 100_000
MOST_VALUES = 1_000_000
"""Of one tag: more than a film of the largest size has strips or tiles."""
_KEPT_VALUES = 16
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers stand in a TIFF, of the kind of 1992 or of a BigTIFF."""

    order: str
    is_big: bool

    @classmethod
    def of(cls, content: bytes) -> "_Layout":
        return cls("<" if content[:1] == b"I" else ">", content[2:4] in {b"+\0", b"\0+"})

    @property
    def place(self) -> str:
        return self.order + ("Q" if self.is_big else "I")

    @property
    def count(self) -> str:
        return self.order + ("Q" if self.is_big else "H")

    @property
    def entry(self) -> str:
        return self.order + ("HHQ8s" if self.is_big else "HHI4s")

    @property
    def first(self) -> int:
        return 8 if self.is_big else 4


def has_few_pages(content: bytes) -> bool:
    """Follow the chain of directories of a TIFF; it may end in a loop, which decoders end."""
    layout = _Layout.of(content)
    place, seen, all_entries = layout.first, set[int](), 0
    try:
        while len(seen) <= MOST_PAGES and all_entries <= MOST_ENTRIES:
            (directory,) = struct.unpack_from(layout.place, content, place)
            if not directory or directory in seen:
                return True
            seen.add(directory)
            (entries,) = struct.unpack_from(layout.count, content, directory)
            all_entries += entries
            place = directory + struct.calcsize(layout.count)
            place += entries * struct.calcsize(layout.entry)
    except struct.error:
        return True
    return False


def first_tags(content: bytes) -> TiffTags:
    """Return the whole numbers of the first directory, the first sixteen of each tag.

    Raises:
        UnreadableFilmError: it has no directory, or a tag of very many values.
    """
    try:
        return dict(_tags(content, _Layout.of(content)))
    except struct.error as error:
        raise UnreadableFilmError("damaged TIFF: it ends in its first directory") from error


def _tags(content: bytes, layout: _Layout) -> Iterator[tuple[int, tuple[int, ...]]]:
    (directory,) = struct.unpack_from(layout.place, content, layout.first)
    (entries,) = struct.unpack_from(layout.count, content, directory)
    step, place = struct.calcsize(layout.entry), directory + struct.calcsize(layout.count)
    for number in range(min(entries, MOST_ENTRIES)):
        tag, kind, count, field = struct.unpack_from(layout.entry, content, place + number * step)
        if count > MOST_VALUES and kind not in {1, 2, 7}:
            raise UnreadableFilmError(f"damaged TIFF: a tag of {count:,} values")
        if kind in _WHOLE_NUMBERS:
            yield tag, _values(content, layout, kind, count, field)


def _values(
    content: bytes, layout: _Layout, kind: int, count: int, field: bytes
) -> tuple[int, ...]:
    """Read the values of a tag, which stand in its field or where that points to."""
    form = f"{layout.order}{min(count, _KEPT_VALUES)}{_WHOLE_NUMBERS[kind]}"
    if count * _TYPE_BYTES[kind] <= len(field):
        return struct.unpack_from(form, field)
    return struct.unpack_from(form, content, struct.unpack(layout.place, field)[0])
