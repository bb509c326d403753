"""Where the dataset of a DICOM file begins: after the preamble, or at once, as many write it."""

import struct
from collections.abc import Callable
from itertools import pairwise

from pydicom.datadict import dictionary_VR

_MAGIC, _MAGIC_PLACE = b"DICM", 128
_PLACES = {0: b"", len(_MAGIC): _MAGIC, _MAGIC_PLACE: bytes(_MAGIC_PLACE)}
"""Where a dataset may begin without "DICM" at its place, and what must come before it."""
_FIRST_GROUPS = frozenset({0x0002, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028})
_LONG_LENGTHS = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"SQ", b"UC", b"UN", b"UR", b"UT"})
_UNDEFINED = 0xFFFFFFFF
_LONGEST_FIRST = 1 << 20

Tag = tuple[int, int]


def has_preamble(head: bytes) -> bool:
    """Tell whether a file has the preamble of PS3.10, whatever the preamble holds."""
    return head[_MAGIC_PLACE:].startswith(_MAGIC)


def is_dicom(head: bytes) -> bool:
    """Tell whether a file that begins like this is DICOM, with or without the preamble."""
    return has_preamble(head) or _bare_place(head) is not None


def with_preamble(content: bytes) -> bytes:
    """Return a DICOM file, without what keeps pydicom from finding its dataset."""
    if has_preamble(content):
        return content
    place = _bare_place(content) or 0
    return content[place:] if place else content


def _bare_place(head: bytes) -> int | None:
    """Return where a dataset begins; None where there are no two elements that may be its first."""
    for place, before in _PLACES.items():
        if not head.startswith(before):
            continue
        if any(_begins(head[place:], read) for read in (_explicit("<"), _explicit(">"), _implicit)):
            return place
    return None


def _begins(head: bytes, element: Callable[[bytes], tuple[Tag, int]]) -> bool:
    tags, place = list[Tag](), 0
    try:
        while len(tags) < 2 and place + 8 <= len(head):
            tag, length = element(head[place:])
            tags.append(tag)
            place += length
    except (ValueError, struct.error, KeyError):
        return False
    is_first = bool(tags) and tags[0][0] in _FIRST_GROUPS
    return is_first and all(one < next_one for one, next_one in pairwise(tags))


def _explicit(order: str) -> Callable[[bytes], tuple[Tag, int]]:
    def element(head: bytes) -> tuple[Tag, int]:
        """Return tag and length of an element that names its type, which must be its own."""
        group, number, kind, length = struct.unpack(f"{order}HH2sH", head[:8])
        _check_kind(group, number, kind)
        if kind not in _LONG_LENGTHS:
            return (group, number), 8 + length
        (length,) = struct.unpack(f"{order}I", head[8:12])
        return (group, number), 12 + (len(head) if length == _UNDEFINED else length)

    return element


def _check_kind(group: int, number: int, kind: bytes) -> None:
    known = "UL" if number == 0 else dictionary_VR((group, number))
    if kind.decode("ascii") not in {*known.split(" or "), "UN"}:
        raise ValueError("an element of another type")


def _implicit(head: bytes) -> tuple[Tag, int]:
    """Return tag and length of an element that leaves its type to the dictionary."""
    group, number, length = struct.unpack("<HHI", head[:8])
    kind = "UL" if number == 0 else dictionary_VR((group, number))
    if length == _UNDEFINED and kind == "SQ":
        return (group, number), len(head)
    if length > _LONGEST_FIRST:
        raise ValueError("longer than any first element")
    return (group, number), 8 + length
