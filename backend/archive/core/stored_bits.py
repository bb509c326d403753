"""Which bits of a stored value are the pixel: what the header says, and whether it can be true."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROWS = 256
"""So many tell whether a picture is smooth."""


@dataclass(frozen=True, slots=True)
class StoredBits:
    """Where in a stored value the pixel lies (PS3.5 8.1.1)."""

    allocated: int
    stored: int
    high: int
    """Place of the highest bit of the pixel; the standard asks for stored - 1."""
    is_signed: bool
    is_coded: bool = False
    """A codec wrote the values as numbers: nothing else stands in the bits beside them."""

    @property
    def is_all(self) -> bool:
        """Whether the pixel fills the stored value."""
        return self.stored >= self.allocated


@dataclass(frozen=True, slots=True)
class PixelValues:
    """Values of pixels, how many bits they have, and what was done to get them."""

    values: NDArray[Any]
    bits: int
    steps: tuple[str, ...] = ()


def pixel_values(raw: NDArray[Any], bits: StoredBits) -> PixelValues:
    """Return the values of the pixels, without the bits beside them.

    Args:
        raw: integers of any width; of signed ones it does not matter whether they look unsigned.
        bits: what the header says.
    """
    raw = _with_sign(raw, is_signed=bits.is_signed)
    if bits.is_all or not raw.size:
        return PixelValues(raw, bits.allocated)
    if bits.high >= bits.stored and _is_left_aligned(raw, bits):
        step = f"High Bit {bits.high} with {bits.stored} bits stored: values shifted to the right"
        shifted = raw >> (bits.high + 1 - bits.stored)
        found = pixel_values(shifted, replace(bits, high=bits.stored - 1))
        return replace(found, steps=(step, *found.steps))
    if _fits(raw, bits):
        return PixelValues(raw, bits.stored)
    return _without_more(raw, bits)


def _with_sign(raw: NDArray[Any], *, is_signed: bool) -> NDArray[Any]:
    if raw.dtype.kind == ("i" if is_signed else "u") or raw.dtype.kind not in "iu":
        return raw
    if not is_signed and raw.min() >= 0:
        return raw.view(raw.dtype.str.replace("i", "u"))
    return raw.view(raw.dtype.str.replace("u", "i")) if is_signed else raw


def _is_left_aligned(raw: NDArray[Any], bits: StoredBits) -> bool:
    """Whether values are shifted as the tag says; many files say it of values that are not."""
    below = (1 << (bits.high + 1 - bits.stored)) - 1
    return not _fits(raw, bits) or not (raw & below).any()


def _fits(raw: NDArray[Any], bits: StoredBits) -> bool:
    """Whether all values are numbers of so many bits."""
    low, high = int(raw.min()), int(raw.max())
    if raw.dtype.kind == "i":
        return low >= -(1 << (bits.stored - 1)) and high < 1 << (bits.stored - 1)
    return high < 1 << bits.stored


def _without_more(raw: NDArray[Any], bits: StoredBits) -> PixelValues:
    """Drop the bits beyond those stored, but where that tears the picture apart.

    Those bits may hold an overlay (before 2004), the sign, or nothing that means anything; but
    they are a part of the pixels where the header gives too few. Only then the picture is smoother
    with them.
    """
    unused = raw.dtype.itemsize * 8 - bits.stored
    # Up and down again: of signed values the highest bit is the sign.
    masked = (raw << unused) >> unused
    # Zeros beside the sign are how some write signed values; nothing is lost.
    is_sign = raw.dtype.kind == "i" and int(raw.min()) >= 0 and int(raw.max()) < 1 << bits.stored
    if is_sign and bits.is_coded:
        return PixelValues(masked, bits.stored)
    if bits.is_coded or _roughness(raw) < _roughness(masked):
        step = f"values need more than the {bits.stored} bits that the header gives: all bits used"
        return PixelValues(raw, bits.allocated, (step,))
    step = f"bits beyond the {bits.stored} that the header gives: passed over"
    return PixelValues(masked, bits.stored, () if is_sign else (step,))


def _roughness(values: NDArray[Any]) -> float:
    """Return how much neighbours in a row differ, in the mean over some rows."""
    rows = values[:: max(1, len(values) // _ROWS)].astype(np.float64)
    return float(np.abs(np.diff(rows, axis=-1)).mean()) if rows.shape[-1] > 1 else 0.0
