"""A corrected copy of a DICOM file: its header kept, its pixels turned, mirrored or inverted."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from backend.archive.adapters.pixels.dicom_file import all_frames, parse_dicom
from backend.archive.adapters.pixels.dicom_tags import all_values
from backend.base.core.errors import UnreadableFilmError
from backend.base.core.pixel_change import PixelChange

_SPACINGS = (
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
)
"""Two values each: between rows, between columns."""
_TRUE_OF_THE_ORIGINAL_ONLY = (
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "DigitalSignaturesSequence",
    "MACParametersSequence",
)
_PART_VALUES = 1 << 20
_OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
_SHUTTER_GROUP, _SHUTTER_ELEMENTS = 0x0018, range(0x1600, 0x1625)


def corrected_dicom(content: bytes, change: PixelChange) -> bytes:
    """Return a copy of a DICOM file with all frames changed, uncompressed, with a new instance UID.

    Raises:
        UnreadableFilmError: no picture in it, or a kind of pixels that cannot be changed.
    """
    dataset = parse_dicom(content, everything=True)
    pixels = all_frames(dataset, content)
    invert_pixels = change.invert and not _swap_polarity_instead(dataset)
    moved = _moved(pixels, PixelChange(change.turns_ccw, change.mirror), dataset)
    changed = _inverted(moved, dataset) if invert_pixels else moved
    if change.turns_ccw or change.mirror:
        _move_header(dataset, change)
    _set_pixels(dataset, changed)
    _declare_derived(dataset, _in_words(change))
    return _encoded(dataset)


def cut_dicom(content: bytes, corners_px: tuple[int, int, int, int]) -> bytes:
    """Return a copy of a DICOM file with all frames cut, uncompressed, with a new instance UID.

    Args:
        content: the whole file.
        corners_px: left, top, right and bottom of the part.

    Raises:
        UnreadableFilmError: no picture in it.
    """
    left, top, right, bottom = corners_px
    dataset = parse_dicom(content, everything=True)
    pixels = all_frames(dataset, content)
    after_columns = int(dataset.get("SamplesPerPixel", 1)) > 1
    frames = (slice(None),) * (pixels.ndim - after_columns - 2)
    part = np.ascontiguousarray(pixels[(*frames, slice(top, bottom), slice(left, right))])
    _drop_drawn_over(dataset)
    _set_pixels(dataset, part)
    _declare_derived(dataset, f"columns {left} to {right}, rows {top} to {bottom} cut out")
    return _encoded(dataset)


def _moved(pixels: NDArray[Any], change: PixelChange, dataset: Dataset) -> NDArray[Any]:
    if int(dataset.get("SamplesPerPixel", 1)) == 1:
        return change.apply(pixels, white=0)
    planes = change.apply(np.moveaxis(pixels, -1, 0), white=0)
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1))


def _swap_polarity_instead(dataset: Dataset) -> bool:
    """Invert by tags where lookup tables turn pixels into greys; return whether that was done.

    No change of a modality or VOI lookup table makes inverted pixels look inverted.
    """
    if dataset.get("PhotometricInterpretation") == "PALETTE COLOR":
        raise UnreadableFilmError("a colour palette cannot be inverted without loss")
    if not dataset.get("ModalityLUTSequence") and not dataset.get("VOILUTSequence"):
        return False
    was_monochrome1 = dataset.PhotometricInterpretation == "MONOCHROME1"
    dataset.PhotometricInterpretation = "MONOCHROME2" if was_monochrome1 else "MONOCHROME1"
    if "PresentationLUTShape" in dataset:
        was_inverse = dataset.PresentationLUTShape == "INVERSE"
        dataset.PresentationLUTShape = "IDENTITY" if was_inverse else "INVERSE"
    return True


def _inverted(pixels: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    """Invert pixel values within the range of the stored bits; adapt the header to them."""
    mirror = _lowest_plus_highest(pixels, dataset)
    for name in ("PixelPaddingValue", "PixelPaddingRangeLimit"):
        if name in dataset:
            dataset[name].value = mirror - int(dataset[name].value)
    _mirror_windows(dataset, mirror)
    # Part by part: 64 bits hold every difference, and take up to eight times the room.
    flat = pixels.reshape(-1)
    inverted = np.empty_like(flat)
    for at in range(0, flat.size, _PART_VALUES):
        part = slice(at, at + _PART_VALUES)
        inverted[part] = mirror - flat[part].astype(np.int64)
    return inverted.reshape(pixels.shape)


def _lowest_plus_highest(pixels: NDArray[Any], dataset: Dataset) -> int:
    # Signed values of any number of bits run from -n - 1 to n.
    return -1 if pixels.dtype.kind == "i" else 2 ** _bits_stored(pixels, dataset) - 1


def _bits_stored(pixels: NDArray[Any], dataset: Dataset) -> int:
    """Return the bits stored, or all bits where the pixels prove the header wrong."""
    stored = int(dataset.get("BitsStored", dataset.BitsAllocated))
    used = max(int(pixels.max()), -1 - int(pixels.min())).bit_length()
    needed = used + (pixels.dtype.kind == "i")
    return stored if needed <= stored else pixels.dtype.itemsize * 8


def _mirror_windows(dataset: Dataset, mirror: int) -> None:
    """Move window centres so that inverted pixels look inverted (PS3.3 C.11.2.1.2)."""
    centres = all_values(dataset.get("WindowCenter"))
    if not centres:
        return
    slope = float(dataset.get("RescaleSlope", 1) or 1)
    intercept = float(dataset.get("RescaleIntercept", 0) or 0)
    # The linear function puts its middle half a value below the centre.
    is_linear = str(dataset.get("VOILUTFunction", "") or "LINEAR").strip() == "LINEAR"
    total = slope * mirror + 2 * intercept + (1 if is_linear else 0)
    dataset.WindowCenter = [f"{total - float(centre):.10g}" for centre in centres]


def _move_header(dataset: Dataset, change: PixelChange) -> None:
    if change.turns_ccw % 2:
        for name in _SPACINGS:
            if len(all_values(dataset.get(name))) == 2:
                dataset[name].value = all_values(dataset[name].value)[::-1]
    # Nobody knows whether it described the film as stored or as it should have been.
    dataset.PatientOrientation = ""
    _drop_drawn_over(dataset)


def _drop_drawn_over(dataset: Dataset) -> None:
    """Remove overlays and shutters: their places are those of the original film."""
    drawn_over = [
        element.tag
        for element in dataset
        if element.tag.group in _OVERLAY_GROUPS
        or (element.tag.group == _SHUTTER_GROUP and element.tag.element in _SHUTTER_ELEMENTS)
    ]
    for tag in drawn_over:
        del dataset[tag]


def _set_pixels(dataset: Dataset, pixels: NDArray[Any]) -> None:
    for name in _TRUE_OF_THE_ORIGINAL_ONLY:
        dataset.pop(name, None)
    is_colour = int(dataset.get("SamplesPerPixel", 1)) > 1
    kind = "RGB" if is_colour else str(dataset.PhotometricInterpretation)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.set_pixel_data(pixels, kind, _bits_stored(pixels, dataset))


def _declare_derived(dataset: Dataset, done: str) -> None:
    kinds = [str(kind) for kind in all_values(dataset.get("ImageType"))]
    dataset.ImageType = ["DERIVED", *(kinds[1:] or ["SECONDARY"])]
    dataset.DerivationDescription = f"radsieve: {done}"


def _in_words(change: PixelChange) -> str:
    done = [f"turned {90 * change.turns_ccw} degrees counter-clockwise"] * bool(change.turns_ccw)
    done = ["mirrored"] * change.mirror + done + ["inverted"] * change.invert
    return ", ".join(done) or "unchanged"


def _encoded(dataset: Dataset) -> bytes:
    encoded = BytesIO()
    dataset.save_as(encoded, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return encoded.getvalue()
