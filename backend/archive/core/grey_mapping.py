"""From stored values to the grey a person sees: the display chain of DICOM, applied once.

The chain is modality (rescale or table), then VOI (window or table), then presentation; PS3.3
C.11.1, C.11.2 and C.7.6.3.1.2. Where a header gives no usable window, the greys of the film itself
are spread from black to white.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
"""Stored or rescaled pixel values, of any number type and shape."""

_SPREAD_PERCENT = (0.5, 99.5)
"""Markers and dead pixels are fewer than 1 in 200; anatomy is more."""
_SAMPLE_PIXELS = 250_000
"""Enough for percentiles to within a grey level, cheap on a film of 10 megapixels."""
_LEAST_VISIBLE_SHARE = 0.01
"""A window that shows fewer pixels between black and white was meant for other values."""
_TABLE_LIMIT = 1 << 20
_PART_VALUES = 1 << 19


class WindowFunction(StrEnum):
    """How a window maps values (VOI LUT Function, PS3.3 C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """A range of (rescaled) values spread from black to white."""

    centre: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR

    @property
    def is_valid(self) -> bool:
        """Whether the width is one that PS3.3 C.11.2.1.2 and C.11.2.1.3 allow."""
        return self.width >= 1 if self.function is WindowFunction.LINEAR else self.width > 0

    def brightness(self, values: Values) -> NDArray[np.float64]:
        """Return 0.0 (black) to 1.0 (white) for each value.

        >>> Window(2048, 4096).brightness(np.array([0, 4095])).tolist()
        [0.0, 1.0]
        """
        if self.function is WindowFunction.SIGMOID:
            steps = np.clip(-4 * (values - self.centre) / self.width, -700, 700)
            return np.asarray(1 / (1 + np.exp(steps)))
        if self.function is WindowFunction.LINEAR_EXACT:
            return np.asarray(np.clip((values - self.centre) / self.width + 0.5, 0.0, 1.0))
        # A width of 1 is a threshold; the tiny divisor keeps it one without a special case.
        width = max(self.width - 1, 1e-9)
        return np.asarray(np.clip((values - (self.centre - 0.5)) / width + 0.5, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class LookUpTable:
    """A table of outputs; values before its first or after its last take the first or the last."""

    first_value: int
    outputs: NDArray[np.uint16]
    bits: int
    """Of an output: white is 2 ** bits - 1."""

    def look_up(self, values: Values) -> NDArray[np.float64]:
        """Return the output for each value."""
        places = np.rint(values).astype(np.int64) - self.first_value
        return self.outputs[np.clip(places, 0, len(self.outputs) - 1)].astype(np.float64)

    def brightness(self, values: Values) -> NDArray[np.float64]:
        """Return 0.0 (black) to 1.0 (white) for each value."""
        return np.asarray(np.clip(self.look_up(values) / (2**self.bits - 1), 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyRules:
    """What a header says about showing its pixels."""

    bits_stored: int
    slope: float = 1.0
    intercept: float = 0.0
    modality_table: LookUpTable | None = None
    windows: tuple[Window, ...] = ()
    voi_table: LookUpTable | None = None
    is_monochrome1: bool = False
    presentation_shape: str | None = None
    padding: tuple[int, int] | None = None
    """Stored values, both ends included, that are not part of the film."""


@dataclass(frozen=True, slots=True)
class ShownGreys:
    """Pixels as a person sees them, and what was done to get there."""

    pixels: NDArray[np.uint8]
    steps: tuple[str, ...]
    coloured_share: float = 0.0
    """Share of the pixels that were coloured, 0 to 1."""


def show(stored: Values, rules: GreyRules) -> ShownGreys:
    """Apply the display chain.

    Args:
        stored: integers of any shape, as stored (not rescaled).
        rules: from the header.
    """
    sample = _sample(stored)
    is_film = ~_is_padding(sample, rules)
    film_values = _modality(sample[is_film] if is_film.any() else sample, rules)
    voi, voi_steps = _choose_voi(film_values, rules)
    inverted, inversion_steps = _polarity(rules)

    def grey(values: Values) -> NDArray[np.uint8]:
        brightness = voi.brightness(_modality(values, rules))
        shown = to_grey(1.0 - brightness if inverted else brightness)
        shown[_is_padding(values, rules)] = 0
        return shown

    steps = [*_modality_steps(rules), *voi_steps, *inversion_steps]
    if not is_film.all():
        steps.append("padding: shown black")
    return ShownGreys(_by_table(stored, grey), tuple(steps))


def spread(values: Values) -> ShownGreys:
    """Show values that have no window: their own range, but for stray pixels, black to white.

    Args:
        values: any numbers; those that are not finite are shown black.
    """
    finite = values
    steps: list[str] = []
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        finite = np.where(np.isfinite(values), values, -np.inf)
        steps.append("values that are not numbers: shown black")
    sample = _sample(finite)
    low, high = _spread_range(sample[sample > -np.inf] if steps else sample)
    window = _range_window(low, high)
    steps.append(_spread_step(low, high))
    return ShownGreys(
        _by_table(finite, lambda part: to_grey(window.brightness(part))), tuple(steps)
    )


def to_grey(brightness: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return 0 (black) to 255 (white) for brightness 0.0 to 1.0."""
    return np.rint(brightness * 255).astype(np.uint8)


def _modality(values: Values, rules: GreyRules) -> NDArray[np.float64]:
    if rules.modality_table is not None:
        return rules.modality_table.look_up(values)
    return values * float(rules.slope) + rules.intercept


def _modality_steps(rules: GreyRules) -> Iterator[str]:
    if rules.modality_table is not None:
        yield "modality look-up table applied"
    elif (rules.slope, rules.intercept) != (1.0, 0.0):
        yield f"rescaled: {rules.slope:g} x stored + {rules.intercept:g}"


def _choose_voi(values: Values, rules: GreyRules) -> tuple[Window | LookUpTable, list[str]]:
    """Choose what makes values visible; a window that would show nothing is passed over."""
    if rules.voi_table is not None:
        return rules.voi_table, ["VOI look-up table applied"]
    ignored: list[str] = []
    for place, window in enumerate(rules.windows):
        name = f"window {window.centre:g}/{window.width:g} ({window.function.value})"
        if window.is_valid and _visible_share(window, values) >= _LEAST_VISIBLE_SHARE:
            more = f", number {place + 1} of {len(rules.windows)}" if len(rules.windows) > 1 else ""
            return window, [*ignored, f"{name} applied{more}"]
        why = "shows hardly any pixel" if window.is_valid else "has an impossible width"
        ignored.append(f"{name} ignored: it {why}")
    return _default_voi(values, rules, ignored)


def _default_voi(
    values: Values, rules: GreyRules, steps: list[str]
) -> tuple[Window | LookUpTable, list[str]]:
    if rules.bits_stored <= 8 and values.min() >= 0 and not steps and _is_unscaled(rules):
        return _range_window(0, 2**rules.bits_stored - 1), steps
    low, high = _spread_range(values)
    return _range_window(low, high), [*steps, _spread_step(low, high)]


def _is_unscaled(rules: GreyRules) -> bool:
    return rules.modality_table is None and (rules.slope, rules.intercept) == (1.0, 0.0)


def _polarity(rules: GreyRules) -> tuple[bool, list[str]]:
    """Return whether to swap black and white, and what to say about it.

    The presentation LUT is the last step of the chain, so its shape decides where it is given; it
    repeats the photometric interpretation (PS3.3 C.8.11.3.1.2) and must not be added to it.
    """
    shape = rules.presentation_shape
    if shape not in {"IDENTITY", "INVERSE"}:
        if rules.is_monochrome1:
            return True, ["MONOCHROME1: inverted, so that white is dense"]
        return False, []
    inverted = shape == "INVERSE"
    photometric = "MONOCHROME1" if rules.is_monochrome1 else "MONOCHROME2"
    if inverted and rules.is_monochrome1:
        return True, ["MONOCHROME1 and Presentation LUT Shape INVERSE: inverted, once"]
    if inverted == rules.is_monochrome1:
        return inverted, []
    done = "inverted" if inverted else "not inverted"
    return inverted, [f"Presentation LUT Shape {shape} contradicts {photometric}: {done}"]


def _by_table(values: Values, shown: Callable[[Values], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Map integers through a table of all values that occur: ten times faster than one by one."""
    if values.dtype.kind not in "ui":
        return _in_parts(values, shown)
    low, high = int(values.min()), int(values.max())
    if high - low > _TABLE_LIMIT:
        return _in_parts(values, shown)
    table = shown(np.arange(low, high + 1))
    if low == 0:
        return _in_parts(values, lambda part: table[part])
    return _in_parts(values, lambda part: table[part.astype(np.int64) - low])


def _in_parts(values: Values, shown: Callable[[Values], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Map some rows after the others: what is worked out on the way takes many times their room."""
    mapped = np.empty(values.shape, np.uint8)
    rows = max(1, _PART_VALUES * max(1, len(values)) // max(1, values.size))
    for at in range(0, len(values), rows):
        mapped[at : at + rows] = shown(values[at : at + rows])
    return mapped


def _sample(values: Values) -> Values:
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // _SAMPLE_PIXELS)]


def _is_padding(values: Values, rules: GreyRules) -> NDArray[np.bool_]:
    if rules.padding is None:
        return np.zeros(values.shape, np.bool_)
    return np.asarray((values >= rules.padding[0]) & (values <= rules.padding[1]))


def _visible_share(window: Window, values: Values) -> float:
    brightness = window.brightness(values)
    return float(((brightness > 0.001) & (brightness < 0.999)).mean())


def _spread_range(values: Values) -> tuple[float, float]:
    if not values.size:
        return 0.0, 0.0
    low, high = (float(value) for value in np.percentile(values, _SPREAD_PERCENT))
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def _spread_step(low: float, high: float) -> str:
    if low == high:
        return f"all values are {low:g}: shown black"
    return f"no window: values {low:g} to {high:g} spread from black to white"


def _range_window(low: float, high: float) -> Window:
    if low == high:
        return Window(low + 0.5, 1.0, WindowFunction.LINEAR_EXACT)
    return Window((low + high) / 2, high - low, WindowFunction.LINEAR_EXACT)
