"""The stored pixels of a DICOM dataset's first frame, by the fastest decoder that is exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import generate_frames, get_frame
from pydicom.pixels.processing import convert_color_space
from pydicom.pixels.utils import pixel_array
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit

from backend.archive.adapters.pixels.codestream import claim_of, jpeg2000_sample, wavelet_levels
from backend.archive.adapters.pixels.dicom_form import stored_bits
from backend.archive.adapters.pixels.dicom_syntaxes import Syntax, syntax_of
from backend.archive.core.stored_bits import pixel_values
from backend.base.core.errors import UnreadableFilmError

_WORK = {1: 4.0, 8: 5.0, 16: 8.0}
"""Bytes a value, by its bits; measured on blank films of 25 megapixels."""


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
        dataset: mended, with transfer syntax and pixel data.
        every: all frames are decoded; otherwise the first one.

    Raises:
        UnreadableFilmError: packed pixels make no sense, or are packed in a way that is not read.
    """
    values = int(dataset.Rows) * int(dataset.Columns) * int(dataset.SamplesPerPixel)
    bits, how = int(dataset.BitsAllocated), syntax_of(dataset)
    packed = _encoded(dataset, every=every) if how.is_packed else ()
    said = [claim_of(encoded) for encoded in packed]
    claims = [claim for claim in said if claim]
    frames = max(frames_of(dataset), len(said)) if every else 1
    most = max([values, *(claim.values for claim in claims)])
    per_value = how.bytes_per_value or _WORK.get(bits, 16.0)
    # What is coded and does not say how large it is may be of any size.
    is_plain = how.is_weighed and all(one.is_plain if one else not how.is_coded for one in said)
    return PixelWork(most * frames, per_value, -(-bits // 8), is_plain)


def first_frame(dataset: Dataset, at_least_px: int | None) -> NDArray[Any]:
    """Return the first frame, shape (height, width), or (height, width, 3) for colour (RGB).

    Args:
        dataset: mended, with transfer syntax and pixel data; `work_of_frames` says what it takes.
        at_least_px: JPEG and JPEG 2000 are decoded at a lower resolution where neither side falls
            below this.

    Raises:
        UnreadableFilmError: packed pixels that nothing here can decode.
    """
    frame = _fast_frame(dataset, at_least_px) if _is_plain_grey(dataset) else None
    return _frames(dataset, every=False) if frame is None else frame


def every_frame(dataset: Dataset) -> NDArray[Any]:
    """Return the values of all frames, as `first_frame` does; of several, frames come first."""
    return pixel_values(_frames(dataset, every=True), stored_bits(dataset)).values


def _is_plain_grey(dataset: Dataset) -> bool:
    return (dataset.SamplesPerPixel, dataset.PixelRepresentation) == (1, 0)


def _fast_frame(dataset: Dataset, at_least_px: int | None) -> NDArray[Any] | None:
    """Return the frame, or None where another way has to decode it."""
    uid, how = dataset.file_meta.TransferSyntaxUID, syntax_of(dataset)
    try:
        if at_least_px and uid in _REDUCIBLE:
            whole = (int(dataset.Columns), int(dataset.Rows))
            return _REDUCIBLE[uid](_encoded_frame(dataset), whole, at_least_px)
        if how.is_fast:
            return _decoded(_encoded_frame(dataset), how, dataset)
    except Exception:  # pydicom's decoders, which are asked next, have the last word
        return None
    return None


def _frames(dataset: Dataset, *, every: bool) -> NDArray[Any]:
    """Let pydicom decode what it can, and decode the rest."""
    how = syntax_of(dataset)
    if how.is_known:
        try:
            return pixel_array(dataset, index=None if every else 0, correct_unused_bits=False)
        except Exception:  # what its plugins raise is not documented
            if not how.is_packed:
                raise
    frames = [_decoded(encoded, how, dataset) for encoded in _encoded(dataset, every=every)]
    found = [frame for frame in frames if frame is not None]
    if not found or len(found) < len(frames):
        raise UnreadableFilmError(f"damaged DICOM: its pixels ({how.name}) cannot be decoded")
    return np.stack(found) if len(found) > 1 else found[0]


def _decoded(encoded: bytes, how: Syntax, dataset: Dataset) -> NDArray[Any] | None:
    """Return a frame by the first of our decoders that gives one of the right shape."""
    samples = int(dataset.SamplesPerPixel)
    shape = (int(dataset.Rows), int(dataset.Columns), *([samples] if samples > 1 else []))
    for decode in how.decoders:
        try:
            frame = decode(encoded)
        except Exception:  # what decoders raise on damaged pixels is not documented by any
            continue
        if frame.ndim == 1:
            size = int(dataset.BitsAllocated) // 8
            frame = frame[: int(np.prod(shape)) * size].view(f"<u{size}").reshape(shape)
        if frame.shape == shape:
            kind = str(dataset.PhotometricInterpretation)
            is_ybr = how.leaves_ybr and kind.startswith("YBR_FULL")
            return convert_color_space(frame, "YBR_FULL", "RGB") if is_ybr else frame
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
    bits, is_signed = jpeg2000_sample(encoded) or (0, False)
    if is_signed or not 8 <= bits <= 16:
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


_REDUCIBLE = {
    JPEGBaseline8Bit: _reduced_jpeg,
    JPEG2000: _reduced_jpeg2000,
    JPEG2000Lossless: _reduced_jpeg2000,
}
