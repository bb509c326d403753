"""From stored values to the grey a person sees: the display chain of DICOM, applied once.

The chain is modality (rescale or table), then VOI (table or window), then presentation, padding and
shutter; PS3.3 C.11.1, C.11.2, C.7.6.3.1.2 and C.7.6.11. Each part is tried on the film: what would
show nothing is passed over, and said. Where no table and no window is left, the greys of the film
itself are spread from black to white.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backend.archive.core.grey_functions import LookUpTable, Values, Window, WindowFunction
from backend.archive.core.shutter import Shutter

_SPREAD_PERCENT = (0.5, 99.5)
"""Markers and dead pixels are fewer than 1 in 200; anatomy is more."""
_SAMPLE_PIXELS = 250_000
"""Enough for percentiles to within a grey level, cheap on a film of 10 megapixels."""
_LEAST_VISIBLE_SHARE = 0.01
"""A window or table that shows fewer pixels between black and white was meant for other values."""
_LEAST_OPEN_SHARE = 0.05
"""A shutter that leaves less of a film, or padding that does, is a mistake of whoever wrote it."""
_FLAT_SHARE = 0.02
_TABLE_LIMIT = 1 << 20
_PART_VALUES = 1 << 19


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyRules:
    """What a header says about showing its pixels."""

    bits_stored: int
    slope: float = 1.0
    intercept: float = 0.0
    modality_table: LookUpTable | None = None
    windows: tuple[Window, ...] = ()
    voi_tables: tuple[LookUpTable, ...] = ()
    is_monochrome1: bool = False
    presentation_shape: str | None = None
    padding: tuple[int, int] | None = None
    """Stored values, both ends included, that are not part of the film."""
    shutter: Shutter | None = None


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
        stored: integers as stored (not rescaled), shape (height, width).
        rules: from the header.
    """
    is_open, shutter_steps = open_pixels(stored, rules.shutter)
    sample = _sample(stored if is_open is None else stored[is_open])
    padding, padding_steps = _usable_padding(sample, rules.padding)
    film = sample[~_is_padding(sample, padding)]
    modality, modality_steps = _choose_modality(film, rules)
    voi, voi_steps = _choose_voi(modality.rescaled(film), modality, rules)
    inverted, inversion_steps = _polarity(rules)

    def grey(values: Values) -> NDArray[np.uint8]:
        brightness = voi.brightness(modality.rescaled(values))
        shown = to_grey(1.0 - brightness if inverted else brightness)
        shown[_is_padding(values, padding)] = 0
        return shown

    pixels = _by_table(stored, grey)
    if is_open is not None:
        pixels[~is_open] = 0
    steps = [*modality_steps, *voi_steps, *inversion_steps, *padding_steps, *shutter_steps]
    return ShownGreys(pixels, tuple(steps))


def open_pixels(
    picture: Values, shutter: Shutter | None
) -> tuple[NDArray[np.bool_] | None, list[str]]:
    """Return what a shutter leaves of a picture, None for all of it, and what to say about it."""
    if shutter is None:
        return None, []
    is_open = shutter.open_at(*picture.shape[:2])
    if is_open.mean() < _LEAST_OPEN_SHARE:
        return None, ["shutter ignored: it would hide the film"]
    return (None, []) if is_open.all() else (is_open, ["shutter: shown black outside"])


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


def in_colour(values: Values, palette: Sequence[LookUpTable]) -> NDArray[np.uint8]:
    """Return the colours of values, shape (height, width, 3), by tables of red, green and blue."""
    # Tables of 8 bits are at times declared as of 16.
    shift = 8 if max(table.white for table in palette) > 255 else 0
    planes = [_by_table(values, partial(_entry, table, shift)) for table in palette]
    return np.stack(planes, axis=-1)


def _entry(table: LookUpTable, shift: int, values: Values) -> NDArray[np.uint8]:
    return (table.look_up(values).astype(np.uint16) >> shift).astype(np.uint8)


def to_grey(brightness: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return 0 (black) to 255 (white) for brightness 0.0 to 1.0."""
    return np.rint(brightness * 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Modality:
    """What turns stored values into those that windows are given in."""

    slope: float = 1.0
    intercept: float = 0.0
    table: LookUpTable | None = None

    @property
    def is_nothing(self) -> bool:
        return self.table is None and (self.slope, self.intercept) == (1.0, 0.0)

    def rescaled(self, values: Values) -> NDArray[np.float64]:
        if self.table is not None:
            return self.table.look_up(values)
        return values * float(self.slope) + self.intercept


def _choose_modality(film: Values, rules: GreyRules) -> tuple[_Modality, list[str]]:
    steps: list[str] = []
    table = rules.modality_table
    if table is not None:
        if _has_entries(table, film):
            return _Modality(table=table), ["modality look-up table applied"]
        steps.append("modality look-up table ignored: it shows hardly any pixel")
    rescale = _Modality(rules.slope, rules.intercept)
    if not rescale.is_nothing:
        steps.append(f"rescaled: {rules.slope:g} x stored + {rules.intercept:g}")
    return rescale, steps


def _choose_voi(
    values: Values, modality: _Modality, rules: GreyRules
) -> tuple[Window | LookUpTable, list[str]]:
    """Choose what makes values visible; what would show nothing is passed over."""
    ignored: list[str] = []
    for place, table in enumerate(rules.voi_tables):
        if _has_entries(table, values) and _visible_share(table, values) >= _LEAST_VISIBLE_SHARE:
            step = f"VOI look-up table applied{_table_note(table)}"
            return table, [*ignored, f"{step}{_number(place, rules.voi_tables)}"]
        ignored.append("VOI look-up table ignored: it shows hardly any pixel")
    for place, window in enumerate(rules.windows):
        name = f"window {window.centre:g}/{window.width:g} ({window.function.value})"
        if window.is_valid and _visible_share(window, values) >= _LEAST_VISIBLE_SHARE:
            return window, [*ignored, f"{name} applied{_number(place, rules.windows)}"]
        why = "shows hardly any pixel" if window.is_valid else "has an impossible width"
        ignored.append(f"{name} ignored: it {why}")
    return _default_voi(values, modality, rules.bits_stored, ignored)


def _number(place: int, of: Sequence[object]) -> str:
    return f", number {place + 1} of {len(of)}" if len(of) > 1 else ""


def _table_note(table: LookUpTable) -> str:
    if table.black:
        return f", entries {table.black} to {table.white} from black to white"
    declared = 2**table.bits - 1
    return "" if table.white == declared else f", white is its largest entry, {table.white}"


def _has_entries(table: LookUpTable, values: Values) -> bool:
    """Whether a table has entries for the values of a film, and not all the same."""
    low, high = _spread_range(values)
    film = values[(values >= low) & (values <= high)]
    if np.ptp(table.look_up(film)) > 0:
        return True
    # On a blank film the entries that it uses are few, and may well be one grey.
    is_wide = high - low > _FLAT_SHARE * len(table.outputs)
    return not is_wide and bool(table.covers(film).any())


def _default_voi(
    values: Values, modality: _Modality, bits: int, steps: list[str]
) -> tuple[Window | LookUpTable, list[str]]:
    if bits <= 8 and values.min() >= 0 and not steps and modality.is_nothing:
        return _range_window(0, 2**bits - 1), steps
    low, high = _spread_range(values)
    return _range_window(low, high), [*steps, _spread_step(low, high)]


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


def _usable_padding(
    sample: Values, padding: tuple[int, int] | None
) -> tuple[tuple[int, int] | None, list[str]]:
    is_padding = _is_padding(sample, padding)
    if is_padding.mean() > 1 - _LEAST_VISIBLE_SHARE:
        return None, ["padding ignored: it would cover the film"]
    return padding, ["padding: shown black"] if is_padding.any() else []


def _is_padding(values: Values, padding: tuple[int, int] | None) -> NDArray[np.bool_]:
    if padding is None:
        return np.zeros(values.shape, np.bool_)
    return np.asarray((values >= padding[0]) & (values <= padding[1]))


def _visible_share(window: Window | LookUpTable, values: Values) -> float:
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
