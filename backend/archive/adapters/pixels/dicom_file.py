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
from pydicom.pixels.utils import pixel_array
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from backend.archive.adapters.pixels.dicom_limits import (
    check_before_parsing,
    check_count,
    check_elements,
)
from backend.archive.adapters.pixels.dicom_pixels import first_frame, frames_of, work_of_frames
from backend.archive.adapters.pixels.luminance import luminance
from backend.archive.adapters.pixels.work_room import room_for
from backend.archive.core.decoded_film import DecodedFilm, HeaderFacts, check_size
from backend.archive.core.grey_mapping import (
    GreyRules,
    LookUpTable,
    ShownGreys,
    Window,
    WindowFunction,
    show,
)
from backend.archive.core.header_words import age_in_years, sex_letter, view_name
from backend.archive.core.kept_tags import KEPT, kept_tags, may_be_kept
from backend.base.adapters.bounded_child import ChildLimitError, run_bounded
from backend.base.core.errors import UnreadableFilmError

_MAGIC = b"DICM"
_MAGIC_PLACE = 128
_BARE_STARTS = (b"\x08\0\0\0", b"\x08\0\x05\0", b"\x08\0\x08\0", b"\x08\0\x16\0", b"\x02\0\0\0")
"""First tags of a dataset that was written without the preamble of PS3.10."""

# A warning about a value that breaks the standard quotes the value, which may be a name.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_LONGEST_TAG = 64
_MOST_WINDOWS = 32
FIRST_FRAME, ALL_FRAMES = "first_frame_packed", "all_frames_packed"
_COPIES = 1
"""Of the stored pixels, while they are turned, inverted and written."""
_SIDE = struct.Struct(">q")
_CHILD_BYTES, _CHILD_SECONDS, _MORE_BYTES = 600_000_000, 8, 10_000_000
"""What a child may take for a file of 10 MB; a larger one gets more."""
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
    work = work_of_frames(dataset, every=False)
    with room_for(work.values, work.bytes_per_value, len(content)):
        frame = (
            first_frame(dataset, at_least_px)
            if work.is_plain
            else _in_child(FIRST_FRAME, content, at_least_px)
        )
        is_colour = _is_colour(dataset)
        shown = _shown_colour(frame, dataset) if is_colour else _shown_grey(frame, dataset)
    frames = frames_of(dataset)
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
    check_before_parsing(content)
    if everything:
        check_count(content)
    wanted: list[str] | None = None if everything else [*KEPT, *_USED_TAGS]
    dataset = pydicom.dcmread(BytesIO(content), force=True, specific_tags=wanted)
    if "TransferSyntaxUID" not in getattr(dataset, "file_meta", {}):
        # PS3.10 asks for it; files cut out of a network stream lack it, and are never compressed.
        is_implicit = dataset.original_encoding[0]
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
        )
    check_elements(dataset, {*KEPT, *_USED_TAGS})
    _check_is_picture(dataset)
    return dataset


def all_frames(dataset: Dataset, content: bytes) -> NDArray[Any]:
    """Return the stored pixels of all frames, as pydicom does.

    Args:
        dataset: from `parse_dicom`, with everything.
        content: the whole file.

    Raises:
        UnreadableFilmError: they claim more than such a file can hold.
    """
    work = work_of_frames(dataset, every=True)
    per_value = work.bytes_per_value + _COPIES * work.stored_bytes
    with room_for(work.values, per_value, len(content)):
        return pixel_array(dataset) if work.is_plain else _in_child(ALL_FRAMES, content, None)


def first_frame_packed(asked: bytes) -> bytes:
    """Decode the first frame, in a child: see `_in_child` for what comes and goes."""
    at_least_px, content = _SIDE.unpack(asked[: _SIDE.size])[0], asked[_SIDE.size :]
    return _packed(first_frame(parse_dicom(content), at_least_px or None))


def all_frames_packed(asked: bytes) -> bytes:
    """Decode all frames, in a child."""
    return _packed(pixel_array(parse_dicom(asked[_SIDE.size :], everything=True)))


def _in_child(function: str, content: bytes, at_least_px: int | None) -> NDArray[Any]:
    """Let a child decode what may take any memory and time, with little of both."""
    more = len(content) // _MORE_BYTES
    try:
        packed = run_bounded(
            f"{__name__}:{function}",
            _SIDE.pack(at_least_px or 0) + content,
            memory_bytes=_CHILD_BYTES * (1 + more),
            seconds=_CHILD_SECONDS * (1 + more),
        )
    except ChildLimitError as error:
        raise UnreadableFilmError(f"damaged DICOM: to decode it takes {error}") from error
    return np.asarray(np.load(BytesIO(packed), allow_pickle=False))


def _packed(pixels: NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, pixels, allow_pickle=False)
    return file.getvalue()


def _check_is_picture(dataset: Dataset) -> None:
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise UnreadableFilmError("DICOM with floating point pixels, which no film has")
    if not all(name in dataset for name in ("PixelData", "Rows", "Columns")):
        modality = str(dataset.get("Modality", "") or "")
        kind = modality if may_be_kept("Modality", modality) else "unknown modality"
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
    said = kind if may_be_kept("PhotometricInterpretation", kind) else "colour"
    return luminance(np.asarray(grey, np.uint8), colours, [f"{said}: luminance taken"])


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
    """Yield the windows, the first ones of very many: each is tried on the film."""
    name = str(dataset.get("VOILUTFunction", "") or "LINEAR").strip().upper()
    function = WindowFunction(name) if name in set(WindowFunction) else WindowFunction.LINEAR
    for centre, width in zip(
        all_values(dataset.get("WindowCenter"))[:_MOST_WINDOWS],
        all_values(dataset.get("WindowWidth"))[:_MOST_WINDOWS],
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
    tags = {name: dataset.get(name) for name in KEPT}
    kept = kept_tags({name: _plain(value) for name, value in tags.items() if value is not None})
    syntax = dataset.file_meta.TransferSyntaxUID
    # A UID of one's own may be made of the number of a patient; those of the standard have names.
    return {**kept, "TransferSyntaxUID": str(syntax) if syntax.name != syntax else "private"}


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
