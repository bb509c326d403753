"""How the pixels of a DICOM file are stored: what its header says, put right where it must be.

Others leave out tags that the standard asks for, or spell them in a way of their own. What GDCM and
DCMTK take for granted is written into the parsed dataset, so that all that comes after finds it.
"""

from pydicom import Dataset

from backend.archive.adapters.pixels.dicom_syntaxes import syntax_of
from backend.archive.adapters.pixels.dicom_tags import TagReader, title
from backend.archive.core.stored_bits import StoredBits
from backend.base.core.errors import UnreadableFilmError

_GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
_COLOUR = (
    "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT",
)  # fmt: skip
_WIDTHS = (1, 8, 16, 32, 64)


def mend_form(dataset: Dataset) -> list[str]:
    """Write into a dataset what its pixels need to be decoded, and return what was mended.

    Args:
        dataset: parsed, with pixel data, rows and columns.

    Raises:
        UnreadableFilmError: of a kind that is not read.
    """
    tags = TagReader(dataset)
    samples = _samples(tags)
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = _photometric(tags, samples)
    _mend_bits(tags, samples)
    if samples > 1:
        dataset.PlanarConfiguration = _one_of(tags, "PlanarConfiguration", (0, 1))
    frames = tags.integer("NumberOfFrames")
    if frames is not None and frames > 0:
        dataset.NumberOfFrames = frames
    elif "NumberOfFrames" in dataset:
        del dataset["NumberOfFrames"]
    return tags.notes


def stored_bits(dataset: Dataset) -> StoredBits:
    """Return where the pixels lie in what a mended dataset stores."""
    return StoredBits(
        allocated=int(dataset.BitsAllocated),
        stored=int(dataset.BitsStored),
        high=int(dataset.HighBit),
        is_signed=int(dataset.PixelRepresentation) == 1,
        is_coded=syntax_of(dataset).is_coded,
    )


def _samples(tags: TagReader) -> int:
    samples = tags.integer("SamplesPerPixel")
    if samples in {1, 3}:
        return int(samples)
    if samples and samples > 0:
        raise UnreadableFilmError(f"DICOM with {samples} samples a pixel, which is not read")
    taken = 3 if tags.text("PhotometricInterpretation") in _COLOUR else 1
    tags.note(f"{title('SamplesPerPixel')} is missing: {taken} taken")
    return taken


def _photometric(tags: TagReader, samples: int) -> str:
    name = "PhotometricInterpretation"
    said = tags.text(name).replace("-", "_")
    allowed, taken = (_GREY, "MONOCHROME2") if samples == 1 else (_COLOUR, "RGB")
    if said in allowed:
        return said
    why = "does not fit the samples of a pixel" if said in (*_GREY, *_COLOUR) else "is unknown"
    tags.note(f"{title(name)} {why if said else 'is missing'}: {taken} taken")
    return taken


def _mend_bits(tags: TagReader, samples: int) -> None:
    dataset = tags.dataset
    allocated = tags.integer("BitsAllocated")
    if not allocated:
        allocated = _bits_by_length(dataset, samples)
        tags.note(f"{title('BitsAllocated')} is missing: {allocated} taken")
    if allocated not in _WIDTHS:
        raise UnreadableFilmError(f"DICOM with {allocated} bits a value, which is not read")
    stored = tags.integer("BitsStored")
    if not stored or not 0 < stored <= allocated:
        why = "is missing" if stored is None else "is impossible"
        tags.note(f"{title('BitsStored')} {why}: {allocated} taken")
        stored = allocated
    high = tags.integer("HighBit")
    if high is None or not stored - 1 <= high < allocated:
        if high is not None:
            tags.note(f"{title('HighBit')} does not fit the bits stored: {stored - 1} taken")
        high = stored - 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, high
    dataset.PixelRepresentation = _one_of(tags, "PixelRepresentation", (0, 1))


def _bits_by_length(dataset: Dataset, samples: int) -> int:
    """Return 8 where one byte a value is all there is, else 16."""
    values = int(dataset.Rows) * int(dataset.Columns) * samples
    is_packed = dataset.file_meta.TransferSyntaxUID.is_encapsulated
    return 8 if not is_packed and len(dataset.PixelData) < 2 * values else 16


def _one_of(tags: TagReader, name: str, allowed: tuple[int, int]) -> int:
    found = tags.integer(name)
    if found in allowed:
        return int(found)
    why = "is missing" if found is None else "is impossible"
    tags.note(f"{title(name)} {why}: {allowed[0]} taken")
    return allowed[0]
