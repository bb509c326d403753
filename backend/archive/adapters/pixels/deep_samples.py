"""From decoded samples of any depth, sign and number to the greys that a person sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.luminance import luminance
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.grey_mapping import ShownGreys, spread
from backend.archive.core.header_tags import orientation_steps, shown_by

_ROWS = 256
"""So many at once: what is worked out on the way is small."""
ON_BLACK = "transparency: put on black"


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Pixels as a decoder hands them out."""

    values: NDArray[Any]
    """Shape (height, width), or (height, width, samples)."""
    colours: int = 1
    """1 grey, 3 RGB, 4 CMYK; the next sample, where there is one, is opacity."""
    bits: int
    """Of a sample."""
    is_multiplied: bool = False
    """Whether the colours are multiplied by their opacity."""
    is_white_zero: bool = False


def work_of_samples(samples: int, bits: int) -> float:
    """Return the bytes that each pixel takes while it is decoded and shown.

    Measured on blank pictures of 25 megapixels: 2 (signed bytes) to 21 (RGB and opacity of 16
    bits). Numbers that are not finite take one copy more.
    """
    return samples * (2 * max(1, bits / 8) + 1) + 6


def shown_samples(samples: Samples) -> ShownGreys:
    """Return them in grey, with what was done; transparent parts are put on black."""
    values = _of_a_type_that_computes(samples.values)
    colours, opacity = _parted(values, samples)
    shown = _as_8_bits(colours, samples)
    steps = shown.steps
    if samples.is_white_zero:
        shown = ShownGreys(255 - shown.pixels, steps)
        steps = (*steps, "WhiteIsZero: inverted")
    greys = ShownGreys(shown.pixels, steps)
    if samples.colours > 1:
        greys = _grey_of(shown.pixels, samples, steps)
    return greys if opacity is None else _on_black(greys, opacity, samples)


def film_as_shown(
    shown: ShownGreys,
    file_format: str,
    orientation: int,
    steps: Iterable[str] = (),
    *,
    white_is_zero: bool = False,
) -> DecodedFilm:
    """Return a film, turned as its orientation tag asks.

    Args:
        shown: its greys as they are stored.
        file_format: for people.
        orientation: the tag; 1 or unknown: as stored.
        steps: what was done before it was made grey.
        white_is_zero: see `DecodedFilm`.
    """
    upright = shown_by(orientation).apply(shown.pixels, 255)
    return DecodedFilm(
        pixels=upright,
        width_px=upright.shape[1],
        height_px=upright.shape[0],
        file_format=file_format,
        normalisation=(*orientation_steps(orientation), *steps, *shown.steps),
        coloured_share=shown.coloured_share,
        white_is_zero=white_is_zero,
    )


def _of_a_type_that_computes(values: NDArray[Any]) -> NDArray[Any]:
    """Return bits as 0 and 1, and floating point values of 16 bits as of 32: sums overflow."""
    if values.dtype == np.bool_:
        return values.astype(np.uint8)
    return values.astype(np.float32) if values.dtype == np.float16 else values


def _parted(values: NDArray[Any], samples: Samples) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the colours, and the opacity where it says anything."""
    if values.ndim == 2:
        return values, None
    colours = values[..., 0] if samples.colours == 1 else values[..., : samples.colours]
    if values.shape[2] <= samples.colours:
        return np.ascontiguousarray(colours), None
    opacity = values[..., samples.colours]
    is_opaque = bool((opacity == _most(samples, values.dtype)).all())
    return np.ascontiguousarray(colours), None if is_opaque else opacity


def _most(samples: Samples, dtype: np.dtype[Any]) -> float:
    """Return the value of full opacity."""
    if dtype.kind == "f":
        return 1.0
    return float(2 ** (samples.bits - (dtype.kind == "i")) - 1)


def _as_8_bits(colours: NDArray[Any], samples: Samples) -> ShownGreys:
    """Return values black to white; of 8 bits they are that already."""
    if colours.dtype == np.uint8 and samples.bits == 8:
        return ShownGreys(colours, ())
    return spread(colours)


def _grey_of(pixels: NDArray[np.uint8], samples: Samples, steps: tuple[str, ...]) -> ShownGreys:
    colours = _rgb_of_cmyk(pixels) if samples.colours == 4 else pixels
    greys = np.asarray(cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY), np.uint8)
    name = "CMYK" if samples.colours == 4 else "RGB"
    return luminance(greys, colours, (*steps, f"{name}: luminance taken"))


def _rgb_of_cmyk(inks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.empty((*inks.shape[:2], 3), np.uint8)
    for at in range(0, len(inks), _ROWS):
        paper = 255 - inks[at : at + _ROWS].astype(np.uint16)
        colours[at : at + _ROWS] = (paper[..., :3] * paper[..., 3:] + 127) // 255
    return colours


def _on_black(greys: ShownGreys, opacity: NDArray[Any], samples: Samples) -> ShownGreys:
    if samples.is_multiplied:
        return ShownGreys(greys.pixels, (*greys.steps, ON_BLACK), greys.coloured_share)
    pixels = np.empty_like(greys.pixels)
    most = _most(samples, opacity.dtype)
    for at in range(0, len(pixels), _ROWS):
        share = np.clip(opacity[at : at + _ROWS] / most, 0.0, 1.0)
        pixels[at : at + _ROWS] = np.rint(greys.pixels[at : at + _ROWS] * np.nan_to_num(share))
    return ShownGreys(pixels, (*greys.steps, ON_BLACK), greys.coloured_share)
