"""What a DICOM header says about showing its pixels, as rules for the display chain."""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.dicom_tags import TagReader, title
from backend.archive.core.grey_functions import LookUpTable, Window, WindowFunction
from backend.archive.core.grey_mapping import GreyRules
from backend.archive.core.segments import expanded_segments
from backend.archive.core.shutter import Shutter

_MOST_WINDOWS, _MOST_TABLES = 32, 8
_SHARED, _OF_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
_MOST_CORNERS = 1000
FUNCTIONAL_GROUPS = (_OF_FRAME, _SHARED)
_NEARLY_SQUARE = 0.01
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


def grey_rules(tags: TagReader, bits_stored: int) -> GreyRules:
    """Return the rules of a film; what cannot be used is noted.

    Args:
        tags: of a mended dataset.
        bits_stored: how many bits its pixels have.
    """
    slope, intercept, modality_table = _modality(tags)
    signed = _is_signed(tags) or intercept < 0
    return GreyRules(
        bits_stored=bits_stored,
        slope=slope,
        intercept=intercept,
        modality_table=modality_table,
        windows=tuple(_windows(_group(tags, "FrameVOILUTSequence", "WindowCenter"))),
        voi_tables=tuple(
            _tables(
                _group(tags, "FrameVOILUTSequence", "VOILUTSequence"),
                "VOILUTSequence",
                signed=signed,
            )
        ),
        is_monochrome1=tags.text("PhotometricInterpretation") == "MONOCHROME1",
        presentation_shape=tags.text("PresentationLUTShape") or None,
        padding=_padding(tags),
        shutter=shutter_of(tags),
    )


def aspect_steps(tags: TagReader) -> Iterator[str]:
    """Say where pixels are not square (PS3.3 C.7.6.3.1.7); films are shown pixel by pixel."""
    pair = tags.numbers("PixelAspectRatio") or next(filter(None, map(tags.numbers, _SPACINGS)), [])
    if len(pair) == 2 and min(pair) > 0 and abs(pair[0] / pair[1] - 1) > _NEARLY_SQUARE:
        yield f"pixels are {pair[0] / pair[1]:.2f} times as high as wide: not stretched"


def shutter_of(tags: TagReader) -> Shutter | None:
    """Return the shutter of a film, None where there is none that can be used."""
    group = _group(tags, "FrameDisplayShutterSequence", "ShutterShape")
    shapes = set(group.written("ShutterShape").upper().replace(" ", "").split("\\")) - {""}
    if not shapes:
        return None
    shutter = Shutter(
        whole=(int(tags.dataset.Rows), int(tags.dataset.Columns)),
        rectangle=_rectangle(group) if "RECTANGULAR" in shapes else None,
        circle=_circle(group) if "CIRCULAR" in shapes else None,
        polygon=_polygon(group) if "POLYGONAL" in shapes else (),
    )
    used = [shutter.rectangle, shutter.circle, shutter.polygon or None]
    if sum(one is not None for one in used) < len(shapes):
        tags.note("a part of the shutter cannot be read: not applied")
    return shutter if any(used) else None


def palette_of(tags: TagReader) -> tuple[LookUpTable, ...] | None:
    """Return the tables of red, green and blue, None where they cannot be used."""
    found = [_palette(tags, colour) for colour in ("Red", "Green", "Blue")]
    tables = tuple(table for table in found if table)
    return tables if len(tables) == len(found) else None


def _group(tags: TagReader, sequence: str, name: str) -> TagReader:
    """Return where a tag stands: in the header, or in the functional groups of the first frame."""
    if tags.is_empty(name):
        for place in (_OF_FRAME, _SHARED):
            if found := tags.item(place, sequence):
                return found
    return tags


def _modality(tags: TagReader) -> tuple[float, float, LookUpTable | None]:
    group = _group(tags, "PixelValueTransformationSequence", "RescaleSlope")
    slope, intercept = group.number("RescaleSlope"), group.number("RescaleIntercept")
    if slope == 0:
        group.note(f"{title('RescaleSlope')} is 0: passed over")
        slope, intercept = None, None
    table = next(_tables(tags, "ModalityLUTSequence", signed=_is_signed(tags)), None)
    return (1.0 if slope is None else slope), intercept or 0.0, table


def _is_signed(tags: TagReader) -> bool:
    return int(tags.dataset.PixelRepresentation) == 1


def _windows(tags: TagReader) -> Iterator[Window]:
    """Yield the windows, the first ones of very many: each is tried on the film."""
    name = tags.text("VOILUTFunction").replace(" ", "_") or "LINEAR"
    if name not in set(WindowFunction):
        tags.note(f"{title('VOILUTFunction')} is unknown: LINEAR taken")
        name = "LINEAR"
    centres, widths = tags.numbers("WindowCenter"), tags.numbers("WindowWidth")
    if bool(centres) != bool(widths):
        tags.note("window ignored: its centre or its width is missing")
    for centre, width in zip(centres[:_MOST_WINDOWS], widths[:_MOST_WINDOWS], strict=False):
        yield Window(centre, width, WindowFunction(name))


def _tables(tags: TagReader, sequence: str, *, signed: bool) -> Iterator[LookUpTable]:
    """Yield the usable tables of a LUT sequence (PS3.3 C.11.1.1, C.11.2.1.1)."""
    kind = "modality" if sequence.startswith("Modality") else "VOI"
    for item in list(tags.items(sequence))[:_MOST_TABLES]:
        table = _table(item, "LUTDescriptor", "LUTData", signed=signed)
        if table is None:
            tags.note(
                f"{kind} look-up table ignored: it is empty, constant or shorter than it says"
            )
        else:
            yield table


def _table(tags: TagReader, descriptor: str, data: str, *, signed: bool) -> LookUpTable | None:
    """Return a table, None where it shows nothing."""
    entries, first, bits = _descriptor(tags, descriptor)
    outputs = _entries(tags, data, entries)
    if outputs is None or len(outputs) < entries or not np.ptp(outputs):
        return None
    return LookUpTable(_with_sign(first, 16, signed=signed), outputs[:entries], bits)


def _descriptor(tags: TagReader, name: str) -> tuple[int, int, int]:
    """Return the number of entries, the first value and the bits; no entries where unreadable."""
    raw = tags.raw(name)
    if isinstance(raw, bytes) and len(raw) == 6:
        found: list[float] = list(struct.unpack(_order(tags) + "3H", raw))
    else:
        found = tags.numbers(name)
    if len(found) != 3:
        return 1 << 16, 0, 0
    entries, first, bits = (int(value) for value in found)
    return entries % (1 << 16) or 1 << 16, first, bits


def _entries(tags: TagReader, name: str, entries: int) -> NDArray[np.uint16] | None:
    raw = tags.raw(name)
    if not isinstance(raw, bytes):
        values = [int(value) % (1 << 16) for value in tags.numbers(name)]
        return np.asarray(values, np.uint16) if values else None
    # Tables of 8 bits come with one entry a byte or, just as often, padded to two.
    if len(raw) >= 2 * entries:
        return np.frombuffer(raw[: 2 * entries], _order(tags) + "u2").astype(np.uint16)
    return np.frombuffer(raw, "u1").astype(np.uint16) if raw else None


def _order(tags: TagReader) -> str:
    """Return the order of bytes, of struct and numpy."""
    is_little = tags.dataset.original_encoding[1]
    return "<" if is_little or is_little is None else ">"


def _padding(tags: TagReader) -> tuple[int, int] | None:
    ends = [_padding_end(tags, name) for name in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    found = [end for end in ends if end is not None]
    return (min(found), max(found)) if ends[0] is not None else None


def _padding_end(tags: TagReader, name: str) -> int | None:
    """Return a value whose type follows the pixels, which an implicit header leaves as bytes."""
    raw = tags.raw(name)
    if isinstance(raw, bytes):
        values: list[float] = list(struct.unpack(_order(tags) + "H", raw)) if len(raw) == 2 else []
    else:
        values = tags.numbers(name)
    if len(values) != 1 or values[0] != int(values[0]):
        if raw is not None and raw != "":
            tags.note(f"{title(name)} is not one whole number: passed over")
        return None
    return _with_sign(int(values[0]), int(tags.dataset.BitsAllocated), signed=_is_signed(tags))


def _with_sign(value: int, bits: int, *, signed: bool) -> int:
    """Read a number again that was written with the wrong type (PS3.3 C.7.5.1.1.2, C.11.2.1.1).

    >>> _with_sign(64512, 16, signed=True), _with_sign(-1, 16, signed=False)
    (-1024, 65535)
    """
    if signed and value >= 1 << (bits - 1):
        return value - (1 << bits)
    return value + (1 << bits) if value < 0 and not signed else value


def _rectangle(tags: TagReader) -> tuple[float, float, float, float] | None:
    edges = ("LeftVertical", "RightVertical", "UpperHorizontal", "LowerHorizontal")
    found = [tags.number(f"Shutter{edge}Edge") for edge in edges]
    left, right, upper, lower = found
    if left is None or right is None or upper is None or lower is None:
        return None
    return min(left, right), max(left, right), min(upper, lower), max(upper, lower)


def _circle(tags: TagReader) -> tuple[float, float, float] | None:
    centre, radius = tags.numbers("CenterOfCircularShutter"), tags.number("RadiusOfCircularShutter")
    return (centre[0], centre[1], radius) if len(centre) == 2 and radius else None


def _polygon(tags: TagReader) -> tuple[tuple[float, float], ...]:
    found = tags.numbers("VerticesOfThePolygonalShutter")
    corners = tuple(zip(found[::2], found[1::2], strict=False))
    return corners if 3 <= len(corners) <= _MOST_CORNERS else ()


def _palette(tags: TagReader, colour: str) -> LookUpTable | None:
    name = f"{colour}PaletteColorLookupTable"
    entries, first, bits = _descriptor(tags, f"{name}Descriptor")
    outputs = _entries(tags, f"{name}Data", entries)
    if outputs is None:
        outputs = _expanded(tags, f"Segmented{name}Data", entries, "u1" if bits == 8 else "u2")
    if outputs is None or len(outputs) < entries:
        return None
    return LookUpTable(_with_sign(first, 16, signed=_is_signed(tags)), outputs[:entries], bits)


def _expanded(tags: TagReader, name: str, entries: int, kind: str) -> NDArray[np.uint16] | None:
    raw = tags.raw(name)
    if not isinstance(raw, bytes):
        return None
    words = np.frombuffer(raw[: len(raw) // 2 * 2], _order(tags) + kind)
    return expanded_segments(words.tolist(), entries)
