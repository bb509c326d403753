"""DICOM files: the first frame as a person sees it, and the few header fields that may be kept."""

import struct
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from backend.archive.adapters.pixels.dicom_form import mend_form, stored_bits
from backend.archive.adapters.pixels.dicom_limits import (
    check_before_parsing,
    check_count,
    check_elements,
)
from backend.archive.adapters.pixels.dicom_pixels import (
    every_frame,
    first_frame,
    frames_of,
    work_of_frames,
)
from backend.archive.adapters.pixels.dicom_rules import (
    FUNCTIONAL_GROUPS,
    aspect_steps,
    grey_rules,
    palette_of,
    shutter_of,
)
from backend.archive.adapters.pixels.dicom_start import with_preamble
from backend.archive.adapters.pixels.dicom_stream import mend_by_stream
from backend.archive.adapters.pixels.dicom_syntaxes import SYNTAXES
from backend.archive.adapters.pixels.dicom_tags import TagReader
from backend.archive.adapters.pixels.luminance import luminance
from backend.archive.adapters.pixels.quiet import silence_libraries
from backend.archive.adapters.pixels.work_room import room_for
from backend.archive.core.decoded_film import DecodedFilm, HeaderFacts, check_size
from backend.archive.core.grey_mapping import ShownGreys, in_colour, open_pixels, show
from backend.archive.core.header_words import age_in_years, sex_letter, view_name
from backend.archive.core.kept_tags import KEPT, kept_tags, may_be_kept
from backend.archive.core.stored_bits import pixel_values
from backend.base.adapters.bounded_child import ChildLimitError, run_bounded
from backend.base.core.errors import UnreadableFilmError

# A warning about a value that breaks the standard quotes the value, which may be a name.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_LONGEST_TAG = 64
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
    "PixelAspectRatio",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
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
    *FUNCTIONAL_GROUPS,
    "ShutterShape",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "CenterOfCircularShutter",
    "RadiusOfCircularShutter",
    "VerticesOfThePolygonalShutter",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "PixelData",
)
"""Everything else in the header, names and dates above all, is not even parsed."""


def read_dicom(content: bytes, at_least_px: int | None) -> DecodedFilm:
    """Decode the first frame of a DICOM file, with or without its preamble.

    Args:
        content: the whole file.
        at_least_px: see `first_frame`.

    Raises:
        UnreadableFilmError: no picture in it, of an impossible size, or of a kind not read.
    """
    dataset, notes = _parsed(content, everything=False)
    tags = TagReader(dataset, notes)
    work = work_of_frames(dataset, every=False)
    with room_for(work.values, work.bytes_per_value, len(content)):
        frame = (
            first_frame(dataset, at_least_px)
            if work.is_plain
            else _in_child(FIRST_FRAME, content, at_least_px)
        )
        shown = _shown(frame, tags)
    kept, facts, aspect = _kept_tags(tags), _header_facts(tags), aspect_steps(tags)
    frames = frames_of(dataset)
    frame_steps = (f"frame 1 of {frames} used",) if frames > 1 else ()
    return DecodedFilm(
        pixels=shown.pixels,
        width_px=int(dataset.Columns),
        height_px=int(dataset.Rows),
        file_format="DICOM",
        normalisation=(*frame_steps, *tags.notes, *shown.steps, *aspect),
        dicom_tags=kept,
        header=facts,
        coloured_share=shown.coloured_share,
    )


def parse_dicom(content: bytes, *, everything: bool = False) -> Dataset:
    """Parse a DICOM file that holds a picture, and put right how it says to decode it.

    Args:
        content: the whole file.
        everything: the whole header, to be copied; otherwise names and dates are left unparsed.

    Raises:
        UnreadableFilmError: no picture in it, of an impossible size, or of a kind not read.
    """
    return _parsed(content, everything=everything)[0]


def _parsed(content: bytes, *, everything: bool) -> tuple[Dataset, list[str]]:
    """Return the dataset, and what was put right in it."""
    silence_libraries()
    content = with_preamble(content)
    check_before_parsing(content)
    if everything:
        check_count(content)
    wanted: list[str] | None = None if everything else [*KEPT, *_USED_TAGS]
    dataset = pydicom.dcmread(BytesIO(content), force=True, specific_tags=wanted)
    _set_syntax(dataset)
    # Of the groups only two items are read, each with a limit of its own.
    check_elements(dataset, {*KEPT, *_USED_TAGS} - {*FUNCTIONAL_GROUPS})
    _check_is_picture(dataset)
    return dataset, [*mend_by_stream(dataset), *mend_form(dataset)]


def _set_syntax(dataset: Dataset) -> None:
    said = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if said:
        dataset.file_meta.TransferSyntaxUID = UID(str(said).strip(" \0"))
        return
    # PS3.10 asks for it; files cut out of a network stream lack it, and are never compressed.
    is_implicit, is_little = dataset.original_encoding
    explicit = ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else explicit


def all_frames(dataset: Dataset, content: bytes) -> NDArray[Any]:
    """Return the pixels of all frames, of several with the frames first.

    Args:
        dataset: from `parse_dicom`, with everything.
        content: the whole file.

    Raises:
        UnreadableFilmError: they claim more than such a file can hold.
    """
    work = work_of_frames(dataset, every=True)
    per_value = work.bytes_per_value + _COPIES * work.stored_bytes
    with room_for(work.values, per_value, len(content)):
        return every_frame(dataset) if work.is_plain else _in_child(ALL_FRAMES, content, None)


def first_frame_packed(asked: bytes) -> bytes:
    """Decode the first frame, in a child: see `_in_child` for what comes and goes."""
    at_least_px, content = _SIDE.unpack(asked[: _SIDE.size])[0], asked[_SIDE.size :]
    return _packed(first_frame(parse_dicom(content), at_least_px or None))


def all_frames_packed(asked: bytes) -> bytes:
    """Decode all frames, in a child."""
    return _packed(every_frame(parse_dicom(asked[_SIDE.size :], everything=True)))


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
    tags = TagReader(dataset)
    if "PixelData" not in dataset or not (tags.integer("Rows") and tags.integer("Columns")):
        modality = tags.text("Modality")
        kind = modality if may_be_kept("Modality", modality) else "unknown modality"
        raise UnreadableFilmError(f"DICOM without a picture ({kind})")
    check_size(int(dataset.Columns), int(dataset.Rows))


def _shown(frame: NDArray[Any], tags: TagReader) -> ShownGreys:
    dataset = tags.dataset
    if int(dataset.SamplesPerPixel) > 1:
        if frame.dtype != np.uint8:
            deep = pixel_values(frame, stored_bits(dataset))
            frame = (deep.values >> max(deep.bits - 8, 0)).clip(0, 255).astype(np.uint8)
        return _shown_colour(frame, tags)
    found = pixel_values(frame, stored_bits(dataset))
    for step in found.steps:
        tags.note(step)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        if palette := palette_of(tags):
            return _shown_colour(in_colour(found.values, palette), tags)
        tags.note("the palette cannot be used: shown as MONOCHROME2")
    return show(found.values, grey_rules(tags, found.bits))


def _shown_colour(colours: NDArray[np.uint8], tags: TagReader) -> ShownGreys:
    """Return the luminance; no window applies to colour (PS3.3 C.11.2.1.2)."""
    grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY), np.uint8)
    steps = [f"{tags.dataset.PhotometricInterpretation}: luminance taken"]
    is_open, shutter_steps = open_pixels(grey, shutter_of(tags))
    if is_open is not None:
        grey[~is_open] = 0
    return luminance(grey, colours, [*steps, *shutter_steps])


def _kept_tags(tags: TagReader) -> dict[str, str]:
    written = {name: tags.written(name)[:_LONGEST_TAG] for name in KEPT if name in tags.dataset}
    syntax = tags.dataset.file_meta.TransferSyntaxUID
    # A UID of one's own may be made of the number of a patient; those of the standard have names.
    known = str(syntax) if syntax.name != syntax or syntax in SYNTAXES else "private"
    return {**kept_tags(written), "TransferSyntaxUID": known}


def _header_facts(tags: TagReader) -> HeaderFacts:
    def said(name: str) -> str:
        return str(tags.raw(name) or "")

    return HeaderFacts(
        patient_id=said("PatientID") or None,
        study_uid=said("StudyInstanceUID") or None,
        age_years=age_in_years(said("PatientAge")),
        sex=sex_letter(said("PatientSex")),
        view_position=view_name(said("ViewPosition")),
    )
