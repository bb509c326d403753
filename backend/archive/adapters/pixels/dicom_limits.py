"""What a DICOM file may claim: checked before its header is unpacked and before it is read out."""

import zlib
from collections.abc import Collection
from io import BytesIO

from pydicom import DataElement, Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.filereader import _read_file_meta_info, read_partial, read_preamble
from pydicom.tag import BaseTag, Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian

from backend.archive.core.decoded_film import WORK_BYTES_PER_FILE_BYTE
from backend.base.core.errors import UnreadableFilmError

MOST_ITEMS = 20_000
"""Items of sequences and pieces of packed pixels; an object is made of each."""
MOST_ELEMENTS = 20_000
_PIXEL_DATA = Tag("PixelData")
_ITEM_TAGS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_UNPACKED_BYTES = 128_000_000
"""Twice a film of 30 megapixels, for a small file."""
_PIECE_BYTES = 1 << 20
_LONGEST_BYTES = 1 << 16
"""Of an element that we read; a list of numbers as long as that takes a second to read."""
_LONGEST_TABLE_BYTES = 1 << 20
_LEFT_AS_BYTES = frozenset({"PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"})
_DEFLATED = str(DeflatedExplicitVRLittleEndian).encode()


def check_before_parsing(content: bytes) -> None:
    """Refuse a file whose header would unpack to too much, or has too many items.

    Raises:
        UnreadableFilmError: it would.
    """
    _check_items(_count_items(content))
    if _DEFLATED in content:
        _check_unpacked(content)


def _check_unpacked(content: bytes) -> None:
    """Unpack a deflated dataset piece by piece, without keeping it, up to what is too much."""
    file = BytesIO(content)
    read_preamble(file, force=True)
    meta = _read_file_meta_info(file)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    limit = _UNPACKED_BYTES + WORK_BYTES_PER_FILE_BYTE * len(content)
    unpacking, packed = zlib.decompressobj(-zlib.MAX_WBITS), file.read()
    unpacked, items, before = 0, 0, b""
    while packed and not unpacking.eof:
        piece = unpacking.decompress(packed, _PIECE_BYTES)
        packed, unpacked = unpacking.unconsumed_tail, unpacked + len(piece)
        if unpacked > limit:
            raise UnreadableFilmError(
                f"huge: more than {limit >> 20} MiB packed into {len(content):,} bytes"
            )
        items += _count_items(before[-3:] + piece)
        _check_items(items)
        before = piece


def _count_items(content: bytes) -> int:
    return max(content.count(tag) for tag in _ITEM_TAGS)


def _check_items(items: int) -> None:
    if items > MOST_ITEMS:
        raise UnreadableFilmError(f"damaged DICOM: more than {MOST_ITEMS:,} items")


def check_count(content: bytes) -> None:
    """Refuse a file with more elements than one object each should be made of.

    Raises:
        UnreadableFilmError: it has.
    """
    count = 0

    def is_enough(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        nonlocal count
        count += 1
        return count > MOST_ELEMENTS or tag == _PIXEL_DATA

    read_partial(BytesIO(content), stop_when=is_enough, force=True)
    if count > MOST_ELEMENTS:
        raise UnreadableFilmError(f"damaged DICOM: more than {MOST_ELEMENTS:,} elements")


def check_elements(dataset: Dataset, used: Collection[str]) -> None:
    """Refuse a parsed file with an element that is too long to be made numbers of.

    Args:
        dataset: parsed, no element read out yet.
        used: names of the elements that will be.

    Raises:
        UnreadableFilmError: it has.
    """
    for element in dataset.elements():
        name = keyword_for_tag(element.tag)
        if name in used and name not in _LEFT_AS_BYTES:
            _check_length(element, name)


def _check_length(element: RawDataElement | DataElement, name: str) -> None:
    if element.VR == "SQ" and isinstance(element, DataElement):
        for item in element.value:
            for inner in item.elements():
                _check_length(inner, name)
    elif isinstance(element.value, bytes):
        is_table = name.endswith(("Data", "Sequence"))
        if len(element.value) > (_LONGEST_TABLE_BYTES if is_table else _LONGEST_BYTES):
            raise UnreadableFilmError(
                f"damaged DICOM: {len(element.value):,} bytes of {name}, which no film has"
            )
