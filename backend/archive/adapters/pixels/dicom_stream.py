"""What packed pixels say of themselves where a DICOM header denies it: they were decoded by it.

A header that was copied from another file, or lost its transfer syntax on a network, would let
packed bytes be shown as pixels, or three colours as three rows.
"""

import struct
from io import BytesIO

from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.uid import (
    UID,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from backend.archive.adapters.pixels.codestream import (
    JPEG2000_MAGIC,
    claim_of,
    jpeg2000_sample,
    jpeg_frame,
)
from backend.archive.adapters.pixels.dicom_syntaxes import SYNTAXES
from backend.archive.adapters.pixels.dicom_tags import TagReader, title
from backend.base.core.errors import UnreadableFilmError

_UNDEFINED = 0xFFFFFFFF
_JPEG_START = b"\xff\xd8"
_LOSSLESS, _LS = 0xC3, 0xF7
_RLE_HEADER, _MOST_SEGMENTS = struct.Struct("<16I"), 15


def mend_by_stream(dataset: Dataset) -> list[str]:
    """Put right what a header says against its own packed pixels, and return what was.

    Args:
        dataset: parsed, with transfer syntax and pixel data, not mended otherwise yet.

    Raises:
        UnreadableFilmError: packed pixels under a header that says they are not, of no known kind.
    """
    how = SYNTAXES.get(str(dataset.file_meta.TransferSyntaxUID))
    if how is None or not (how.is_packed or _is_encapsulated(dataset)):
        return []
    tags, stream = TagReader(dataset), _first_fragment(dataset)
    if not how.is_packed:
        _mend_syntax(tags, stream)
    _mend_samples(tags, stream)
    return tags.notes


def _is_encapsulated(dataset: Dataset) -> bool:
    element = dataset.get_item("PixelData")
    if isinstance(element, RawDataElement):
        return element.length == _UNDEFINED
    return bool(element and element.is_undefined_length)


def _first_fragment(dataset: Dataset) -> bytes:
    packed = BytesIO(dataset.PixelData)
    try:
        parse_basic_offsets(packed)
        return next(generate_fragments(packed), b"")
    except (ValueError, struct.error):
        return b""


def _mend_syntax(tags: TagReader, stream: bytes) -> None:
    found = _syntax(stream)
    if found is None:
        raise UnreadableFilmError(
            "DICOM whose pixels are packed, though its header says they are not, in an unknown way"
        )
    tags.dataset.file_meta.TransferSyntaxUID = found
    tags.note(f"pixels are packed, though the header says they are not: read as {found.name}")


def _syntax(stream: bytes) -> UID | None:
    """Return a transfer syntax by which a stream can be decoded."""
    if stream.startswith(JPEG2000_MAGIC):
        return JPEG2000Lossless
    if stream.startswith(_JPEG_START):
        marker, bits = jpeg_frame(stream)
        special = {_LOSSLESS: JPEGLosslessSV1, _LS: JPEGLSLossless}
        return special.get(marker, JPEGBaseline8Bit if bits == 8 else JPEGExtended12Bit)
    return RLELossless if _is_rle(stream) else None


def _is_rle(stream: bytes) -> bool:
    """Whether a stream begins with the header of RLE (PS3.5 G.5)."""
    if len(stream) < _RLE_HEADER.size:
        return False
    segments, first, *_ = _RLE_HEADER.unpack_from(stream)
    return bool(1 <= segments <= _MOST_SEGMENTS and first == _RLE_HEADER.size)


def _mend_samples(tags: TagReader, stream: bytes) -> None:
    dataset, name = tags.dataset, "SamplesPerPixel"
    try:
        claim = claim_of(stream)
    except UnreadableFilmError:  # whoever decodes it says so
        return
    if claim is None:
        return
    if {tags.integer(name), claim.samples} == {1, 3}:
        tags.note(f"{title(name)} contradicts the packed pixels: {claim.samples} taken")
        dataset.SamplesPerPixel = claim.samples
    _, is_signed = jpeg2000_sample(stream) or (0, False)
    if is_signed and claim.samples == 1 and tags.integer("PixelRepresentation") == 0:
        tags.note(f"{title('PixelRepresentation')} contradicts the packed pixels: 1 taken")
        dataset.PixelRepresentation = 1
