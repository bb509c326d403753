"""Writes a scene as DICOM so that the display chain of its tags gives back the scene."""

from io import BytesIO

import imagecodecs
import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

CHAINS = (
    "none", "window", "exact window", "sigmoid window", "two windows", "narrow window", "rescale",
    "rescale with a fraction", "rescale and no window", "modality table", "VOI table",
    "VOI table of few bits", "shape IDENTITY", "shape INVERSE",
)  # fmt: skip
SHAPES = ("shape IDENTITY", "shape INVERSE")
_CORNER = (slice(0, 2), slice(0, 24))
_TABLE = 256


def shown_of(scene, chain, *, padded):
    """Return what is seen of a scene: a sigmoid reaches neither end, padding is black."""
    shown = sigmoid_shown(scene) if chain == "sigmoid window" else scene.copy()
    if padded:
        shown[_CORNER] = 0
    return shown


def grey(scene, facts, syntax):
    """Write a grey film that is not packed, or packed by RLE."""
    dataset, stored = _with_chain(scene, facts)
    frames = facts.get("frames", 1)
    if frames > 1:
        dataset.NumberOfFrames = frames
        stored = np.stack([stored, *[stored[::-1, ::-1]] * (frames - 1)])
    _set_pixels(dataset, stored, syntax, frames)
    return _file(dataset, syntax)


def packed_grey(scene, facts, syntax):
    """Write a grey film packed by this syntax."""
    dataset, stored = _with_chain(scene, facts)
    packed = _ENCODERS[syntax](stored, facts["bits"][1])
    dataset.PixelData = encapsulate([packed])
    dataset["PixelData"].VR = "OB"
    return _file(dataset, syntax)


def colour(scene, facts, syntax):
    """Write a grey scene as colour."""
    bits, kind = facts["bits"], facts["kind"]
    dataset = _dataset(bits, bits, False, kind)
    grey = np.rint(scene * (2**bits - 1)).astype(f"u{bits // 8}")
    if kind == "PALETTE COLOR":
        _palette(dataset, bits)
        samples = (2**bits - 1 - grey)[..., None] if bits == 8 else (255 - (grey >> 8))[..., None]
        samples = samples.astype(grey.dtype)
    else:
        centre = 2 ** (bits - 1)
        parts = [grey, np.full_like(grey, centre), np.full_like(grey, centre)]
        samples = np.dstack(parts if kind == "YBR_FULL" else [grey] * 3)
        dataset.PlanarConfiguration = facts["planar"]
    dataset.SamplesPerPixel = samples.shape[2]
    planes = np.moveaxis(samples, -1, 0) if facts["planar"] else samples
    _set_pixels(dataset, planes, syntax, 1)
    return _file(dataset, syntax)


def floating(scene):
    """Write a film of floating point numbers, which PS3.3 C.7.6.24 allows."""
    dataset = _dataset(32, 32, False, "MONOCHROME2")
    dataset.FloatPixelData = scene.astype("<f4").tobytes()
    del dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    return _file(dataset, ExplicitVRLittleEndian)


def _palette(dataset, bits):
    """From white to black, so that whoever forgets the palette shows a negative."""
    table = np.linspace(65535, 0, _TABLE).astype("<u2").tobytes()
    for name in ("Red", "Green", "Blue"):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [_TABLE, 0, 16])
        setattr(dataset, f"{name}PaletteColorLookupTableData", table)


def _dataset(allocated, stored_bits, signed, kind):
    dataset = Dataset()
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.Modality = "DX"
    dataset.PatientID = "made up"
    dataset.Rows, dataset.Columns = 40, 48
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = kind
    dataset.BitsAllocated, dataset.BitsStored = allocated, stored_bits
    dataset.HighBit, dataset.PixelRepresentation = stored_bits - 1, int(signed)
    return dataset


def _with_chain(scene, facts):
    """Return a dataset without pixels, and the values to store in it."""
    allocated, bits = facts["bits"]
    signed, mono1, chain = facts["signed"], facts["mono1"], facts["chain"]
    dataset = _dataset(allocated, bits, signed, "MONOCHROME1" if mono1 else "MONOCHROME2")
    inverted = (chain == "shape INVERSE") if chain in SHAPES else mono1
    low, high = _range(bits, signed, facts["padded"])
    share = _tags_of(chain, dataset, low, high)(1 - scene if inverted else scene)
    stored = np.rint(low + share * (high - low)).astype(np.int64)
    if facts["padded"]:
        padding = -(2 ** (bits - 1)) if signed else 0
        stored[_CORNER] = padding
        dataset.add_new("PixelPaddingValue", "SS" if signed else "US", padding)
    return dataset, stored.astype(f"{'i' if signed else 'u'}{allocated // 8}")


def _range(bits, signed, padded):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return (low + (high - low) // 16, high) if padded else (low, high)


def _tags_of(chain, dataset, low, high):
    """Set the tags of a chain; return what takes brightness to a share of low to high."""

    def same(brightness):
        return brightness

    if chain in SHAPES:
        dataset.PresentationLUTShape = chain.split()[1]
    if chain in {"window", *SHAPES}:
        _window(dataset, low, high)
    elif chain == "exact window":
        _set_window(dataset, (low + high) / 2, high - low, "LINEAR_EXACT")
    elif chain == "two windows":
        centre, width = (low + high + 1) / 2, high - low + 1
        dataset.WindowCenter, dataset.WindowWidth = [centre, 1], [width, 1]
    elif chain == "narrow window":
        # The middle half of the range is all that is seen.
        quarter = (high - low) / 4
        _window(dataset, low + quarter, high - quarter)
        return lambda brightness: 0.25 + brightness / 2
    elif chain == "sigmoid window":
        _set_window(dataset, (low + high) / 2, (high - low) / 4, "SIGMOID")
        return _before_sigmoid
    else:
        return _rescaled_or_by_table(chain, dataset, low, high) or same
    return same


def _rescaled_or_by_table(chain, dataset, low, high):
    if chain.startswith("rescale"):
        slope, intercept = (0.5, -17.0) if "fraction" in chain else (3.0, -1024.0)
        dataset.RescaleSlope, dataset.RescaleIntercept = slope, intercept
        if "no window" not in chain:
            _set_window(
                dataset, slope * (low + high) / 2 + intercept, slope * (high - low), "LINEAR_EXACT"
            )
        return None
    if chain == "modality table":
        # Of the values above the middle, the square root; those below it take the first entry.
        first, entries = _first_and_entries(low, high)
        table = np.rint(np.sqrt(np.linspace(0, 1, entries)) * 4095)
        _set_table(dataset, "ModalityLUTSequence", first, table, 16)
        _set_window(dataset, 4095 / 2, 4095, "LINEAR_EXACT")
        return lambda brightness: _at_entry(brightness**2, first, entries, low, high)
    if chain.startswith("VOI table"):
        bits = 12 if "few" in chain else 16
        first, entries = _first_and_entries(low, high)
        table = np.rint(np.sqrt(np.linspace(0, 1, entries)) * (2**bits - 1))
        _set_table(dataset, "VOILUTSequence", first, table, bits)
        return lambda brightness: _at_entry(brightness**2, first, entries, low, high)
    return None


def _first_and_entries(low, high):
    """Return where a table begins that fits the tags (16 bits) and how long it is."""
    entries = int(min(high - low + 1, 4096))
    return int(max(low, -32768)), entries


def _at_entry(share, first, entries, low, high):
    """Return the share of low to high at which a table has its entry for this share of it."""
    return (first + share * (entries - 1) - low) / (high - low)


def _before_sigmoid(brightness):
    """Undo 1 / (1 + exp(-4 (x - c) / w)) for a window of a quarter of the range."""
    shown = sigmoid_shown(brightness)
    return np.clip(0.5 + np.log(shown / (1 - shown)) / 16, 0, 1)


def sigmoid_shown(brightness):
    """Return the brightness that a sigmoid can reach: neither black nor white."""
    return 0.002 + 0.996 * brightness


def _window(dataset, low, high):
    """Set the window that PS3.3 C.11.2.1.2 spreads from low to high."""
    _set_window(dataset, (low + high + 1) / 2, high - low + 1, None)


def _set_window(dataset, centre, width, function):
    dataset.WindowCenter, dataset.WindowWidth = centre, width
    if function:
        dataset.VOILUTFunction = function


def _set_table(dataset, name, first, table, bits):
    item = Dataset()
    signed = dataset.PixelRepresentation == 1
    item.add_new("LUTDescriptor", "SS" if signed else "US", [len(table) % 65536, first, bits])
    item.add_new("LUTData", "OW", table.astype("<u2").tobytes())
    if name == "ModalityLUTSequence":
        item.ModalityLUTType = "US"
    setattr(dataset, name, Sequence([item]))


def _set_pixels(dataset, values, syntax, frames):
    if syntax == RLELossless:
        parts = values if frames > 1 else [values]
        dataset.PixelData = encapsulate([_run_lengths(part) for part in parts])
        dataset["PixelData"].VR = "OB"
        return
    order = "little" if syntax.is_little_endian else "big"
    dataset.PixelData = _padded(_ordered(values, order))
    dataset["PixelData"].VR = "OB" if values.dtype.itemsize == 1 else "OW"


def _run_lengths(values):
    """Pack a frame of samples in planes, the highest byte of each first (PS3.5 G)."""
    big = np.ascontiguousarray(values, values.dtype.newbyteorder(">"))
    planes = big if big.ndim == 3 and big.shape[0] == 3 else big.reshape(1, 40, 48)
    parts = planes.view(np.uint8).reshape(len(planes), 40, 48, -1)
    packed = [
        _padded(b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in part))
        for plane in parts for part in np.moveaxis(plane, -1, 0)
    ]  # fmt: skip
    places = np.cumsum([64, *map(len, packed)])[:-1]
    head = np.zeros(16, "<u4")
    head[0], head[1 : len(packed) + 1] = len(packed), places
    return head.tobytes() + b"".join(packed)


def _ordered(values, order):
    kind = values.dtype.newbyteorder("<" if order == "little" else ">")
    return np.ascontiguousarray(values).astype(kind).tobytes()


def _padded(content):
    return content + b"\0" * (len(content) % 2)


def _file(dataset, syntax):
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    for element in dataset.iterall():
        if element.keyword == "LUTData" and not syntax.is_little_endian:
            element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _jpeg(stored, bits):
    depth = 8 if bits == 8 else 12
    return imagecodecs.jpeg8_encode(stored, level=95, bitspersample=depth)


def _lossless(predictor):
    return lambda stored, bits: imagecodecs.jpeg8_encode(
        stored, lossless=True, predictor=predictor, bitspersample=bits
    )


def _jpeg2000(*, reversible):
    return lambda stored, bits: imagecodecs.jpeg2k_encode(
        stored, level=0 if reversible else 60, codecformat="j2k", bitspersample=bits,
        reversible=reversible,
    )  # fmt: skip


def _htj2k(*, reversible):
    return lambda stored, _bits: imagecodecs.htj2k_encode(
        stored, level=None if reversible else 0.0005, reversible=reversible
    )


_ENCODERS = {
    JPEGBaseline8Bit: _jpeg,
    JPEGExtended12Bit: _jpeg,
    JPEGLossless: _lossless(6),
    JPEGLosslessSV1: _lossless(1),
    JPEGLSLossless: lambda stored, _bits: imagecodecs.jpegls_encode(stored),
    JPEGLSNearLossless: lambda stored, _bits: imagecodecs.jpegls_encode(stored, level=1),
    JPEG2000Lossless: _jpeg2000(reversible=True),
    JPEG2000: _jpeg2000(reversible=False),
    HTJ2KLossless: _htj2k(reversible=True),
    HTJ2KLosslessRPCL: _htj2k(reversible=True),
    HTJ2K: _htj2k(reversible=False),
}
