"""The transfer syntaxes that are read, and what decodes each: one table.

pydicom finds the frames of all of them, and decodes most by its own plugins. What these refuse, or
decode more slowly with the same result, is decoded here.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID

from backend.base.core.errors import UnreadableFilmError

Decoder = Callable[[bytes], NDArray[Any]]

_JPEG_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"
_DEFLATED_FRAME_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Syntax:
    """A way to pack pixels."""

    name: str
    decoders: tuple[Decoder, ...] = ()
    """Ours, tried one after the other; each gives the pixels of one frame."""
    is_fast: bool = False
    """Ours are as exact as those of pydicom and faster, so that they come first."""
    is_known: bool = True
    """pydicom is asked, too; not where its plugins take half a minute over damage, or make
    up what is missing."""
    leaves_ybr: bool = False
    """Ours give colours as they are stored, which need not be red, green and blue."""
    is_weighed: bool = True
    """What the packed pixels claim is read before they are decoded; otherwise a child does that."""
    is_packed: bool = True
    """Each frame is packed by itself."""
    is_coded: bool = True
    """Values are packed as numbers, not as the bytes that hold them."""
    bytes_per_value: float | None = None
    """To decode and show it, where more than by its bits."""


def _decoder(name: str, *, needs_end: bool = True) -> Decoder:
    """Return a decoder of imagecodecs, which loads each when it is asked for the first time.

    Args:
        name: of its function.
        needs_end: pixels without their end marker are refused: it would make up the rest.
    """

    def decode(encoded: bytes) -> NDArray[Any]:
        if needs_end:
            _check_end(encoded)
        return np.asarray(getattr(imagecodecs, name)(encoded))

    return decode


def _check_end(encoded: bytes) -> None:
    # Among packed pixels the marker cannot occur, but in the preview of a header.
    if _JPEG_END not in encoded[-64:] and encoded.rfind(_JPEG_END) <= encoded.rfind(_JPEG_SCAN):
        raise ValueError("packed pixels without their end")


def _unpacked(encoded: bytes) -> NDArray[Any]:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    return np.frombuffer(unpacking.decompress(encoded, _DEFLATED_FRAME_BYTES), np.uint8)


_JPEG, _LOSSLESS_JPEG = _decoder("jpeg_decode"), _decoder("ljpeg_decode")
_J2K = _decoder("jpeg2k_decode", needs_end=False)
_NATIVE = Syntax("uncompressed", is_packed=False, is_coded=False)
_RETIRED_JPEG = Syntax("JPEG, a retired process", (_JPEG,), is_known=False)
_JPEG_XL = Syntax(
    "JPEG XL", (_decoder("jpegxl_decode", needs_end=False),), is_known=False, is_weighed=False
)
_DEFLATED_FRAMES = Syntax(
    "each frame deflated", (_unpacked,), is_known=False, is_weighed=False, is_coded=False
)
_WAVELET_WORK = 10.0
"""Measured on blank films of 25 megapixels."""
_UID = "1.2.840.10008.1.2"


def _jpeg_ls(name: str) -> Syntax:
    return Syntax(name, (_decoder("jpegls_decode"),), is_known=False, leaves_ybr=True)


def _wavelets(name: str, *decoders: Decoder, is_known: bool = False) -> Syntax:
    return Syntax(name, decoders, is_known=is_known, bytes_per_value=_WAVELET_WORK)


# Lossy pixels that overshoot white wrap round to black in OpenJPH, which is asked second.
_HTJ2K = _wavelets("HTJ2K", _decoder("jpeg2k_decode"), _decoder("htj2k_decode"))

SYNTAXES: dict[str, Syntax] = {
    _UID: _NATIVE,
    f"{_UID}.1": _NATIVE,
    f"{_UID}.1.99": Syntax("uncompressed, the file deflated", is_packed=False, is_coded=False),
    f"{_UID}.2": _NATIVE,
    f"{_UID}.5": Syntax("RLE", is_coded=False),
    f"{_UID}.8.1": _DEFLATED_FRAMES,
    f"{_UID}.4.50": Syntax("JPEG of 8 bits", (_JPEG,)),
    f"{_UID}.4.51": Syntax("JPEG of 8 or 12 bits", (_JPEG,), is_fast=True),
    **{f"{_UID}.4.{process}": _RETIRED_JPEG for process in (52, 53, 54, 55, 56, 58)},
    f"{_UID}.4.57": Syntax("JPEG, lossless", (_LOSSLESS_JPEG, _JPEG), is_fast=True),
    f"{_UID}.4.70": Syntax("JPEG, lossless", (_LOSSLESS_JPEG, _JPEG), is_fast=True),
    f"{_UID}.4.80": _jpeg_ls("JPEG-LS, lossless"),
    f"{_UID}.4.81": _jpeg_ls("JPEG-LS, near lossless"),
    f"{_UID}.4.90": _wavelets("JPEG 2000, lossless", _J2K, is_known=True),
    f"{_UID}.4.91": _wavelets("JPEG 2000", _J2K, is_known=True),
    f"{_UID}.4.92": _wavelets("JPEG 2000 part 2, lossless", _J2K),
    f"{_UID}.4.93": _wavelets("JPEG 2000 part 2", _J2K),
    f"{_UID}.4.110": _JPEG_XL,
    f"{_UID}.4.111": _JPEG_XL,
    f"{_UID}.4.112": _JPEG_XL,
    f"{_UID}.4.201": _HTJ2K,
    f"{_UID}.4.202": _HTJ2K,
    f"{_UID}.4.203": _HTJ2K,
}
"""By the UID of the standard (PS3.5 annex A, PS3.6 annex A)."""


def syntax_of(dataset: Dataset) -> Syntax:
    """Return the syntax of a dataset.

    Raises:
        UnreadableFilmError: one that is not read, by its name.
    """
    uid = UID(dataset.file_meta.TransferSyntaxUID)
    if uid not in SYNTAXES:
        raise UnreadableFilmError(f"DICOM of {_name(uid)}, which is not read")
    return SYNTAXES[uid]


def _name(uid: UID) -> str:
    """Return what to call a transfer syntax; a private UID may be made of a patient's number.

    >>> _name(UID("1.2.3")), _name(UID("1.2.840.10008.1.2.4.100"))
    ('a private transfer syntax', 'the transfer syntax MPEG2 Main Profile / Main Level')
    """
    return "a private transfer syntax" if uid.name == uid else f"the transfer syntax {uid.name}"
