"""The stored pixels of a DICOM dataset's first frame, by the fastest decoder that is exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import generate_frames, get_frame
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

from backend.archive.adapters.pixels.codestream import JPEG2000_MAGIC, claim_of, wavelet_levels

_JPEG2000_WORK = 10.0
_WORK = {1: 4.0, 8: 5.0, 16: 8.0}
"""Bytes a value, by its bits; measured on blank films of 25 megapixels."""

# Two to three times as fast as the decoders pydicom would choose, with equal results.
_FAST_DECODERS = {
    JPEGLossless: imagecodecs.ljpeg_decode,
    JPEGLosslessSV1: imagecodecs.ljpeg_decode,
    JPEGLSLossless: imagecodecs.jpegls_decode,
}


@dataclass(frozen=True, slots=True)
class PixelWork:
    """How much it takes to decode frames of a dataset."""

    values: int
    bytes_per_value: float
    """To decode them and to show them."""
    stored_bytes: int
    """Of a value."""
    is_plain: bool
    """Whether that follows from their size alone; otherwise a child has to decode them."""


def work_of_frames(dataset: Dataset, *, every: bool) -> PixelWork:
    """Return what the header and the packed frames claim, whichever is more; nothing is decoded.

    Args:
        dataset: with transfer syntax and pixel data.
        every: all frames are decoded; otherwise the first one.

    Raises:
        UnreadableFilmError: packed pixels make no sense.
    """
    samples = int(dataset.get("SamplesPerPixel", 1))
    values = int(dataset.Rows) * int(dataset.Columns) * max(samples, 1)
    syntax, bits = dataset.file_meta.TransferSyntaxUID, int(dataset.get("BitsAllocated", 16))
    packed = _encoded(dataset, every=every) if syntax.is_encapsulated else ()
    said = [claim_of(encoded) for encoded in packed]
    claims = [claim for claim in said if claim]
    frames = max(frames_of(dataset), len(said)) if every else 1
    most = max([values, *(claim.values for claim in claims)])
    per_value = _JPEG2000_WORK if syntax in JPEG2000TransferSyntaxes else _WORK.get(bits, 16.0)
    is_plain = all(claim.is_plain for claim in claims)
    return PixelWork(most * frames, per_value, -(-bits // 8), is_plain)


def first_frame(dataset: Dataset, at_least_px: int | None) -> NDArray[Any]:
    """Return the first frame, shape (height, width), or (height, width, 3) for colour (RGB).

    Args:
        dataset: with transfer syntax and pixel data; `work_of_frames` says what it takes.
        at_least_px: JPEG and JPEG 2000 are decoded at a lower resolution where neither side falls
            below this.
    """
    frame = _fast_frame(dataset, at_least_px) if _is_plain_grey(dataset) else None
    return pixel_array(dataset, index=0) if frame is None else frame


def _is_plain_grey(dataset: Dataset) -> bool:
    kind = dataset.get("SamplesPerPixel", 1), dataset.get("PixelRepresentation", 0)
    return kind == (1, 0)


def _fast_frame(dataset: Dataset, at_least_px: int | None) -> NDArray[Any] | None:
    """Return the frame, or None where pydicom has to decode it."""
    syntax = dataset.file_meta.TransferSyntaxUID
    whole = (int(dataset.Columns), int(dataset.Rows))
    try:
        if at_least_px and syntax in _REDUCIBLE:
            return _REDUCIBLE[syntax](_encoded_frame(dataset), whole, at_least_px)
        if syntax in _FAST_DECODERS:
            frame = np.asarray(_FAST_DECODERS[syntax](_encoded_frame(dataset)))
            return frame if frame.shape == whole[::-1] else None
    except Exception:  # pydicom's decoders, which are asked next, have the last word
        return None
    return None


def frames_of(dataset: Dataset) -> int:
    """Return the number of frames that the header claims."""
    return max(1, int(dataset.get("NumberOfFrames", 1) or 1))


def _encoded_frame(dataset: Dataset) -> bytes:
    return next(_encoded(dataset, every=False))


def _encoded(dataset: Dataset, *, every: bool) -> Iterator[bytes]:
    """Yield packed frames just as pydicom takes them out: it has one way for all, one for one."""
    table = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    offsets, frames = table if all(table) else None, frames_of(dataset)
    packed = dataset.PixelData
    if every:
        yield from generate_frames(packed, number_of_frames=frames, extended_offsets=offsets)
    else:
        yield get_frame(packed, 0, number_of_frames=frames, extended_offsets=offsets)


def _reduced_jpeg(encoded: bytes, whole: tuple[int, int], at_least_px: int) -> NDArray[Any] | None:
    """Decode an 8-bit JPEG at 1/2, 1/4 or 1/8, whichever is large enough."""
    with Image.open(BytesIO(encoded), formats=("JPEG",)) as image:
        if image.size != whole or image.mode != "L":
            return None
        image.draft("L", (at_least_px, at_least_px))
        return np.asarray(image)


def _reduced_jpeg2000(
    encoded: bytes, whole: tuple[int, int], at_least_px: int
) -> NDArray[Any] | None:
    """Decode the coarsest resolution level of a JPEG 2000 codestream that is large enough."""
    bits = _unsigned_bits(encoded)
    if bits is None or not 8 <= bits <= 16:
        return None
    with Image.open(BytesIO(encoded), formats=("JPEG2000",)) as image:
        if image.size != whole:
            return None
        halvings = max(min(whole) // at_least_px, 1).bit_length() - 1
        pixels = _load_halved(image, min(halvings, wavelet_levels(encoded)))
    # Pillow scales 9 to 15 bits up to 16.
    return pixels if pixels.dtype == np.uint8 else pixels >> (16 - bits)


def _load_halved(image: Image.Image, halvings: int) -> NDArray[Any]:
    # A side is halved upwards (ISO 15444-1 B.15), but Pillow rounds and then refuses the picture;
    # of a side that can be halved evenly, both make the same.
    step = 1 << halvings
    width, height = image.size
    image._size = (-(-width // step) * step, -(-height // step) * step)
    image.reduce = halvings  # type: ignore[method-assign, assignment]
    image.load()
    return np.asarray(image)


def _unsigned_bits(encoded: bytes) -> int | None:
    """Return the bits of a sample by the SIZ marker (ISO 15444-1 A.5.1), None where signed."""
    if not encoded.startswith(JPEG2000_MAGIC):
        return None
    signed_and_depth = encoded[42]
    return None if signed_and_depth & 0x80 else signed_and_depth + 1


_REDUCIBLE = {
    JPEGBaseline8Bit: _reduced_jpeg,
    JPEG2000: _reduced_jpeg2000,
    JPEG2000Lossless: _reduced_jpeg2000,
}
