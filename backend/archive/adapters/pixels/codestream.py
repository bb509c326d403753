"""What packed pixels claim of themselves, read from their first markers before they are decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from backend.base.core.errors import UnreadableFilmError

JPEG2000_MAGIC = b"\xff\x4f\xff\x51"
_JP2_BOX, _CODESTREAM_BOX = b"\0\0\0\x0cjP  ", b"jp2c"
_JPEG_START = b"\xff\xd8"
_FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""Start of a frame: of JPEG (ITU T.81 B.1.1.3) and of JPEG-LS (ITU T.87 C.1.1)."""
_SCAN, _SCAN_MARKER = 0xDA, b"\xff\xda"
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
MOST_SCANS = 200
"""A progressive JPEG has about ten; each is a walk over the whole picture."""
_COD, _COC, _TILE_PART, _DATA = 0x52, 0x53, 0x90, 0x93
_PLAIN_TILES, _PLAIN_LAYERS, _PLAIN_BLOCK, _PLAIN_PRECINCT = 1024, 64, 4, 6
"""Code-blocks of 16 pixels and precincts of 64; below, their bookkeeping outgrows the pixels."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The size of a picture as its packed pixels give it."""

    width_px: int
    height_px: int
    samples: int
    """Of a pixel."""
    is_plain: bool = True
    """Whether memory and time follow from the size alone, so that it can be decoded here."""

    @property
    def values(self) -> int:
        """Number of values to decode."""
        return self.width_px * self.height_px * self.samples


def claim_of(encoded: bytes) -> Claim | None:
    """Return what a JPEG, JPEG-LS or JPEG 2000 stream claims; None where it is none of them.

    Raises:
        UnreadableFilmError: its markers make no sense.
    """
    try:
        if encoded.startswith(_JP2_BOX):
            encoded = encoded[_codestream_place(encoded) :]
        if encoded.startswith(JPEG2000_MAGIC):
            return _jpeg2000_claim(encoded)
        return _jpeg_claim(encoded) if encoded.startswith(_JPEG_START) else None
    except (struct.error, IndexError, ValueError) as error:
        raise UnreadableFilmError("damaged: its packed pixels do not say their size") from error


def _codestream_place(encoded: bytes) -> int:
    """Return where the codestream of a JP2 file begins, box after box (ISO 15444-1 I.4)."""
    place = 0
    while True:
        length, kind = struct.unpack(">I4s", encoded[place : place + 8])
        if kind == _CODESTREAM_BOX:
            return place + (16 if length == 1 else 8)
        if length == 1:
            (length,) = struct.unpack(">Q", encoded[place + 8 : place + 16])
        if length < 8:
            raise ValueError("no codestream")
        place += length


def wavelet_levels(encoded: bytes) -> int:
    """Return how often a JPEG 2000 codestream can be halved, by its COD marker (A.6.1)."""
    levels = (encoded[place + 7] for marker, place in _jpeg2000_markers(encoded) if marker == _COD)
    return next(levels, 0)


def jpeg2000_sample(encoded: bytes) -> tuple[int, bool] | None:
    """Return the bits of a sample of a JPEG 2000 codestream, and whether it has a sign (A.5.1).

    None for any other stream.
    """
    if not encoded.startswith(JPEG2000_MAGIC):
        return None
    signed_and_depth = encoded[42]
    return (signed_and_depth & 0x7F) + 1, signed_and_depth & 0x80 > 0


def jpeg_frame(encoded: bytes) -> tuple[int, int]:
    """Return the marker of the first frame of a JPEG, and the bits of its samples (T.81 B.2.2).

    Raises:
        UnreadableFilmError: it has none before its first scan.
    """
    try:
        for marker, place in _jpeg_markers(encoded):
            if marker in _FRAME_MARKERS:
                return marker, encoded[place + 2]
    except IndexError as error:
        raise UnreadableFilmError("damaged JPEG: it ends before its pixels") from error
    raise UnreadableFilmError("damaged JPEG: it has no picture before its first scan")


def jpeg_scan(encoded: bytes) -> int:
    """Return where the first scan of a JPEG begins; one in a preview in its header is no scan."""
    place = 2
    for _, at in _jpeg_markers(encoded):
        place = at + int.from_bytes(encoded[at : at + 2], "big")
    return place


def _jpeg_claim(encoded: bytes) -> Claim:
    found = Claim(0, 0, 0)
    for marker, place in _jpeg_markers(encoded):
        if marker in _FRAME_MARKERS:
            height, width, samples = struct.unpack(">HHB", encoded[place + 3 : place + 8])
            if marker in _PROGRESSIVE and encoded.count(_SCAN_MARKER) > MOST_SCANS:
                raise UnreadableFilmError(f"damaged: a JPEG of more than {MOST_SCANS} scans")
            found = max(found, Claim(width, height, samples), key=lambda claim: claim.values)
    if not found.values:
        raise ValueError("no size")
    return found


def _jpeg_markers(encoded: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker segment before the first scan, and where its length stands."""
    place = 2
    while True:
        while encoded[place + 1] == 0xFF:
            place += 1
        marker = encoded[place + 1]
        if encoded[place] != 0xFF or marker == _SCAN:
            return
        yield marker, place + 2
        place += 2 + int.from_bytes(encoded[place + 2 : place + 4], "big")


def _jpeg2000_claim(encoded: bytes) -> Claim:
    """Read the SIZ marker (ISO 15444-1 A.5.1); the reference grid counts, offsets and all."""
    right, bottom, left, top, tile_width, tile_height = struct.unpack(">6I", encoded[8:32])
    samples = int.from_bytes(encoded[40:42], "big")
    if not (right > left and bottom > top and tile_width and tile_height and samples):
        raise ValueError("no size")
    tiles = -(-right // tile_width) * -(-bottom // tile_height)
    is_plain = tiles <= _PLAIN_TILES and samples <= 4 and _has_plain_coding(encoded)
    return Claim(right - left, bottom - top, samples, is_plain)


def _has_plain_coding(encoded: bytes) -> bool:
    """Whether one COD marker says how all is coded, and none of that is small or much."""
    styles = 0
    for marker, place in _jpeg2000_markers(encoded):
        if marker == _COC:
            return False
        if marker == _COD:
            styles += 1
            if styles > 1 or not _is_plain_style(encoded, place):
                return False
    return styles == 1


def _is_plain_style(encoded: bytes, place: int) -> bool:
    """Read a COD marker (ISO 15444-1 A.6.1) from the place of its length."""
    length, has_precincts, _, layers, _, levels, wide, high = struct.unpack(
        ">HBBHBBBB", encoded[place : place + 10]
    )
    blocks = min(wide, high) + 2 >= _PLAIN_BLOCK
    sizes = encoded[place + 12 : place + length] if has_precincts & 1 else b""
    # The lowest resolutions of a film are smaller than any precinct.
    precincts = all(min(one & 15, one >> 4) >= _PLAIN_PRECINCT for one in sizes)
    return blocks and precincts and levels <= 32 and layers <= _PLAIN_LAYERS


def _jpeg2000_markers(encoded: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of the main header and of those of all tile-parts, and their places."""
    place, part_end = 2, 0
    while place + 4 <= len(encoded) and encoded[place] == 0xFF:
        marker, length = struct.unpack(">BH", encoded[place + 1 : place + 4])
        if marker == _TILE_PART:
            part_bytes = int.from_bytes(encoded[place + 6 : place + 10], "big")
            part_end = place + part_bytes if part_bytes else len(encoded)
        if marker == _DATA:
            place = max(part_end, place + 2)
            continue
        yield marker, place + 2
        place += 2 + length
