"""DICOM files: the first frame as a person sees it, and the few header fields that may be kept."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from backend.archive.adapters.pixels.dicom_pixels import first_frame
from backend.archive.adapters.pixels.image_file import luminance
from backend.archive.core.decoded_film import DecodedFilm, HeaderFacts, check_size
from backend.archive.core.grey_mapping import (
    GreyRules,
    LookUpTable,
    ShownGreys,
    Window,
    WindowFunction,
    show,
)
from backend.archive.core.patients import age_in_years, sex_letter, view_name
from backend.base.core.errors import UnreadableFilmError

_MAGIC = b"DICM"
_MAGIC_PLACE = 128
_BARE_STARTS = (b"\x08\0\0\0", b"\x08\0\x05\0", b"\x08\0\x08\0", b"\x08\0\x16\0", b"\x02\0\0\0")
"""First tags of a dataset that was written without the preamble of PS3.10."""

# A warning about a value that breaks the standard quotes the value, which may be a name.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_KEPT_TAGS = (
    "Modality",
    "PhotometricInterpretation",
    "BitsStored",
    "ViewPosition",
    "BodyPartExamined",
    "PatientOrientation",
    "Manufacturer",
    "ManufacturerModelName",
    "Rows",
    "Columns",
    "PresentationLUTShape",
)
"""No station, no institution, no dates: together they name people."""
_LONGEST_TAG = 64
_USED_TAGS = (
    "PatientID",
    "StudyInstanceUID",
    "PatientAge",
    "PatientSex",
    "SamplesPerPixel",
    "PlanarConfiguration",
    "NumberOfFrames",
    "BitsAllocated",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "PixelData",
)
"""Everything else in the header, names and dates above all, is not even parsed."""


def is_dicom(head: bytes) -> bool:
    """Tell whether a file that begins like this is DICOM, with or without the preamble."""
    return head[_MAGIC_PLACE:].startswith(_MAGIC) or head.startswith(_BARE_STARTS)


def read_dicom(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode the first frame of a DICOM file, with or without its preamble.

    Args:
        content: the whole file.
        at_least_px: see `first_frame`.

    Raises:
        UnreadableFilmError: no picture in it, of an impossible size, or of a kind not read.
    """
    dataset = parse_dicom(content)
    frame = first_frame(dataset, at_least_px)
    shown = _shown_colour(frame, dataset) if _is_colour(dataset) else _shown_grey(frame, dataset)
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    frame_steps = (f"frame 1 of {frames} used",) if frames > 1 else ()
    return DecodedFilm(
        pixels=shown.pixels,
        width_px=int(dataset.Columns),
        height_px=int(dataset.Rows),
        file_format="DICOM",
        normalisation=(*frame_steps, *shown.steps),
        dicom_tags=_kept_tags(dataset),
        header=_header_facts(dataset),
        coloured_share=shown.coloured_share,
    )


def parse_dicom(content: bytes, *, everything: bool = False) -> Dataset:
    """Parse a DICOM file that holds a picture.

    Args:
        content: the whole file.
        everything: the whole header, to be copied; otherwise names and dates are left unparsed.

    Raises:
        UnreadableFilmError: no picture in it, of an impossible size, or of a kind not read.
    """
    wanted: list[str] | None = None if everything else [*_KEPT_TAGS, *_USED_TAGS]
    dataset = pydicom.dcmread(BytesIO(content), force=True, specific_tags=wanted)
    if "TransferSyntaxUID" not in getattr(dataset, "file_meta", {}):
        # PS3.10 asks for it; files cut out of a network stream lack it, and are never compressed.
        is_implicit = dataset.original_encoding[0]
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
        )
    _check_is_picture(dataset)
    return dataset


def _check_is_picture(dataset: Dataset) -> None:
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise UnreadableFilmError("DICOM with floating point pixels, which no film has")
    if not all(name in dataset for name in ("PixelData", "Rows", "Columns")):
        kind = str(dataset.get("Modality", "") or "unknown modality")[:16]
        raise UnreadableFilmError(f"DICOM without a picture ({kind})")
    check_size(int(dataset.Columns), int(dataset.Rows))


def _is_colour(dataset: Dataset) -> bool:
    palette = dataset.get("PhotometricInterpretation") == "PALETTE COLOR"
    return palette or int(dataset.get("SamplesPerPixel", 1)) > 1


def _shown_colour(frame: NDArray[Any], dataset: Dataset) -> ShownGreys:
    """Return the luminance; no window applies to colour (PS3.3 C.11.2.1.2)."""
    kind = str(dataset.PhotometricInterpretation)
    colours = apply_color_lut(frame, dataset) if kind == "PALETTE COLOR" else frame
    if colours.dtype != np.uint8:
        bits = 16 if kind == "PALETTE COLOR" else int(dataset.BitsStored)
        colours = (colours >> max(bits - 8, 0)).astype(np.uint8)
    grey = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY)
    return luminance(np.asarray(grey, np.uint8), colours, [f"{kind}: luminance taken"])


def _shown_grey(frame: NDArray[Any], dataset: Dataset) -> ShownGreys:
    return show(frame, _grey_rules(dataset))


def _grey_rules(dataset: Dataset) -> GreyRules:
    shape = str(dataset.get("PresentationLUTShape", "") or "").strip().upper()
    return GreyRules(
        bits_stored=int(dataset.get("BitsStored", dataset.BitsAllocated)),
        slope=float(_first(dataset.get("RescaleSlope"), 1.0)),
        intercept=float(_first(dataset.get("RescaleIntercept"), 0.0)),
        modality_table=_table(dataset, "ModalityLUTSequence"),
        windows=tuple(_windows(dataset)),
        voi_table=_table(dataset, "VOILUTSequence"),
        is_monochrome1=dataset.get("PhotometricInterpretation") == "MONOCHROME1",
        presentation_shape=shape or None,
        padding=_padding(dataset),
    )


def _windows(dataset: Dataset) -> Iterator[Window]:
    name = str(dataset.get("VOILUTFunction", "") or "LINEAR").strip().upper()
    function = WindowFunction(name) if name in set(WindowFunction) else WindowFunction.LINEAR
    for centre, width in zip(
        all_values(dataset.get("WindowCenter")),
        all_values(dataset.get("WindowWidth")),
        strict=False,
    ):
        yield Window(float(centre), float(width), function)


def _table(dataset: Dataset, sequence: str) -> LookUpTable | None:
    """Return the first table of a LUT sequence (PS3.3 C.11.1.1, C.11.2.1.1)."""
    if not dataset.get(sequence):
        return None
    item = dataset[sequence].value[0]
    entries, first_value, bits = (int(value) for value in item.LUTDescriptor)
    data = item.LUTData
    if isinstance(data, bytes):
        # 8-bit tables come with one entry a byte or, just as often, padded to two.
        kind = "<u2" if len(data) >= 2 * (entries or 65536) else "u1"
        outputs = np.frombuffer(data, kind).astype(np.uint16)
    else:
        outputs = np.asarray(all_values(data), np.uint16)
    return LookUpTable(first_value, outputs[: entries or 65536], bits)


def _padding(dataset: Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = [_as_stored(end, dataset) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _as_stored(value: int | bytes, dataset: Dataset) -> int:
    """Read a value whose type follows the pixels, which an implicit header leaves as bytes."""
    if isinstance(value, bytes):
        signed = dataset.get("PixelRepresentation", 0) == 1
        return int(struct.unpack("<h" if signed else "<H", value[:2])[0])
    return int(value)


def _kept_tags(dataset: Dataset) -> dict[str, str]:
    tags = {name: dataset.get(name) for name in _KEPT_TAGS}
    kept = {name: _plain(value) for name, value in tags.items() if value not in (None, "")}
    return {**kept, "TransferSyntaxUID": str(dataset.file_meta.TransferSyntaxUID)}


def _plain(value: object) -> str:
    parts = value if isinstance(value, MultiValue) else [value]
    return "\\".join(str(part) for part in parts)[:_LONGEST_TAG]


def _header_facts(dataset: Dataset) -> HeaderFacts:
    return HeaderFacts(
        patient_id=str(dataset.get("PatientID", "") or "") or None,
        study_uid=str(dataset.get("StudyInstanceUID", "") or "") or None,
        age_years=age_in_years(str(dataset.get("PatientAge", "") or "")),
        sex=sex_letter(str(dataset.get("PatientSex", "") or "")),
        view_position=view_name(str(dataset.get("ViewPosition", "") or "")),
    )


def all_values(value: Any) -> list[Any]:  # noqa: ANN401 - of any type
    """Return the values of an element that may have none, one or several."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _first(value: Any, otherwise: float) -> Any:  # noqa: ANN401
    return next(iter(all_values(value)), otherwise)
