"""JPEG files: by Pillow those of 8 bits, by libjpeg-turbo or CharLS deep and lossless ones."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.codestream import claim_of, jpeg_frame, jpeg_scan
from backend.archive.adapters.pixels.deep_samples import (
    Samples,
    film_as_shown,
    shown_samples,
    work_of_samples,
)
from backend.archive.adapters.pixels.image_file import (
    exif_orientation,
    read_with_pillow,
)
from backend.archive.adapters.pixels.work_room import room_for
from backend.archive.core.decoded_film import DecodedFilm, check_size
from backend.base.core.errors import UnreadableFilmError

SEQUENTIAL, PROGRESSIVE, LOSSLESS, JPEG_LS = "sequential", "progressive", "lossless", "JPEG-LS"
JPEG_FRAMES = {
    0xC0: "baseline",
    0xC1: SEQUENTIAL,
    0xC2: PROGRESSIVE,
    0xC3: LOSSLESS,
    0xC5: "hierarchical",
    0xC6: "hierarchical, progressive",
    0xC7: "hierarchical, lossless",
    0xC9: "sequential, arithmetic coding",
    0xCA: "progressive, arithmetic coding",
    0xCB: "lossless, arithmetic coding",
    0xCD: "hierarchical, arithmetic coding",
    0xCE: "hierarchical, progressive, arithmetic coding",
    0xCF: "hierarchical, lossless, arithmetic coding",
    0xF7: JPEG_LS,
}
"""Ways of coding, by the marker of the frame (ITU T.81 table B.1, T.87 C.1.1)."""
_BY_PILLOW = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_BY_IMAGECODECS: dict[int, Callable[[bytes], NDArray[Any]]] = {
    **dict.fromkeys((0xC0, 0xC1, 0xC2, 0xC3), imagecodecs.jpeg8_decode),
    0xF7: imagecodecs.jpegls_decode,
}
READ_FRAMES = _BY_PILLOW | _BY_IMAGECODECS.keys()
_OF_ONE_PASS = frozenset({0xC0, 0xC1, 0xC3, 0xC9})
_SCAN, _END, _EXIF = b"\xff\xda", b"\xff\xd9", b"Exif\0\0"
_TAILS = tuple(bytes([filler]) * 64 for filler in (0x00, 0x55, 0xA9))
"""What a decoder would take for pixels if some were missing; no two of these give the same ones."""
END_IS_MISSING = "end marker missing: read, as every pixel is there"
_CUT_SHORT = "damaged JPEG: it ends before its last pixel"


def read_jpeg(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode a JPEG of any depth; one without its end marker where every pixel is there.

    Args:
        content: the whole file.
        at_least_px: see `read_with_pillow`.

    Raises:
        UnreadableFilmError: a kind that is not read, cut short, or of an impossible size.
    """
    marker, bits = jpeg_frame(content)
    if bits == 8 and marker in _BY_PILLOW:
        read: Callable[[bytes], DecodedFilm] = lambda given: read_with_pillow(given, at_least_px)  # noqa: E731
    elif marker in _BY_IMAGECODECS:
        read = _read_deep
    else:
        raise UnreadableFilmError(f"JPEG ({name_of(marker, bits)}), which is not read")
    if content.endswith(_END) or content.find(_END, jpeg_scan(content)) >= 0:
        return read(content)
    return _read_without_end(content, marker, read)


def name_of(marker: int, bits: int) -> str:
    """Return how a JPEG is coded, in words.

    >>> name_of(0xC3, 16)
    'lossless, 16 bits'
    """
    return f"{JPEG_FRAMES.get(marker, 'unknown coding')}, {bits} bits"


def _read_without_end(
    content: bytes, marker: int, read: Callable[[bytes], DecodedFilm]
) -> DecodedFilm:
    """Read a JPEG of one scan without its end marker.

    Decoders make up what is missing. So it is decoded with one tail of nonsense and with another:
    where all pixels are there, nobody looks at the tail.

    Raises:
        UnreadableFilmError: pixels are missing, or nobody can say whether they are.
    """
    if marker not in _OF_ONE_PASS or content.count(_SCAN, jpeg_scan(content)) != 1:
        raise UnreadableFilmError(f"{_CUT_SHORT}, or lacks its end marker")
    inside = content.rstrip(b"\xff")
    first, *others = (read(inside + tail + _END) for tail in _TAILS)
    if not all(np.array_equal(first.pixels, other.pixels) for other in others):
        raise UnreadableFilmError(_CUT_SHORT)
    return replace(first, normalisation=(*first.normalisation, END_IS_MISSING))


def _read_deep(content: bytes) -> DecodedFilm:
    """Decode what Pillow refuses: more than 8 bits, lossless, JPEG-LS."""
    marker, bits = jpeg_frame(content)
    with deep_values(content) as values:
        colours = 1 if values.ndim == 2 else values.shape[2]
        shown = shown_samples(Samples(values=values, colours=colours, bits=bits))
    steps = [f"JPEG ({name_of(marker, bits)})"]
    return film_as_shown(shown, "JPEG", jpeg_orientation(content), steps)


@contextmanager
def deep_values(content: bytes, more_work: float = 0) -> Iterator[NDArray[Any]]:
    """Decode what Pillow refuses, with room for so many bytes a pixel more.

    Raises:
        UnreadableFilmError: it has odd colours, or claims too much.
    """
    marker, bits = jpeg_frame(content)
    claim = claim_of(content)
    if claim is None or claim.samples not in {1, 3}:
        raise UnreadableFilmError(f"JPEG ({name_of(marker, bits)}) of odd colours, not read")
    check_size(claim.width_px, claim.height_px)
    work = work_of_samples(claim.samples, max(bits, 8)) + more_work
    with room_for(claim.width_px * claim.height_px, work, len(content)):
        yield np.asarray(_BY_IMAGECODECS[marker](content))


def is_deep_jpeg(content: bytes) -> bool:
    """Whether Pillow refuses a JPEG that is read.

    Raises:
        UnreadableFilmError: it has no frame.
    """
    marker, bits = jpeg_frame(content)
    return marker in _BY_IMAGECODECS and (bits != 8 or marker not in _BY_PILLOW)


def jpeg_orientation(content: bytes) -> int:
    """Return the orientation tag of the Exif segment of a JPEG, 1 where there is none."""
    place = content.find(_EXIF, 0, content.find(_SCAN))
    if place < 4:
        return 1
    (length,) = struct.unpack(">H", content[place - 2 : place])
    return exif_orientation(content[place : place + length - 2])
