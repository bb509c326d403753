"""The page on files: what is read, how it is shown, what is refused; made from the code's tables.

`make docs` writes it; a test fails when it is out of date.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydicom.uid import UID

from backend.archive.adapters.archive_files import MAX_FILE_BYTES
from backend.archive.adapters.pixels.codestream import MOST_SCANS
from backend.archive.adapters.pixels.dicom_syntaxes import SYNTAXES
from backend.archive.adapters.pixels.jpeg_file import JPEG_FRAMES, READ_FRAMES
from backend.archive.adapters.pixels.tiff_tags import MOST_PAGES
from backend.archive.core.decoded_film import MAX_PIXELS, MIN_SIDE_PX
from backend.archive.core.other_formats import OTHER_FORMATS
from backend.archive.core.tiff_kind import (
    CIELAB,
    CMYK,
    COLOURS,
    PACKINGS,
    RGB,
    UNREAD_PACKINGS,
    UNSIGNED,
    YCBCR,
    TiffKind,
)

_SAMPLES = {RGB: 3, CMYK: 4, YCBCR: 3, CIELAB: 3}
_BITS = (1, 2, 4, 8, 10, 12, 14, 16, 32, 64)
PAGE = Path("docs") / "files.md"
_HEAD = """# Files

Made from the tables in the code by `make docs`; change these, not this page.

The content of a file decides what it is, never its name. What was done to show a film is kept,
one sentence for each step: `radsieve why film.png` tells them. What cannot be read is named with
its reason: `radsieve paths --unreadable`. Each way of writing in the tables is written and read
back by [tests/archive/reference](../tests/archive/reference)."""
_GREYS = """## How greys are shown

Greys of 8 bits without sign are shown as they are. All others are spread: but for one pixel in
200 at either end, the darkest is black and the lightest white; the step says from which values.
DICOM is shown as its tags ask, see below.

- Colour is shown by its luminance, and how much of it is coloured is kept.
- Transparent parts are put on black, whether or not the colours are multiplied by their opacity.
- The orientation tag is applied, in PNG, JPEG and TIFF.
- Where zero is white, greys are inverted; in a TIFF that does not say, it is white in faxes only.
- Of several pages or frames the first is used.
- Resolution, colour profiles and the gamma of PNG change nothing."""
_PNG = """## PNG

1, 2, 4, 8 and 16 bits, grey, colour and palette, with and without opacity or one clear colour,
interlaced or not, and animated ones (their first picture). Damaged checksums and missing ends are
refused."""
_JPEG = """## JPEG

A JPEG that lacks its end marker is read where decoders that are given nonsense after its end
agree on every pixel, and refused otherwise."""
_TIFF = """## TIFF

Whole numbers of 1 to 64 bits with and without sign, floating point numbers of 16, 32 and 64 bits,
in strips or tiles, one pixel after the other or in planes, with or without predictor, in either
order of bytes and of bits, BigTIFF as well."""


_DICOM = """## DICOM

A film is shown as PS3.3 says: modality (rescale or table), then VOI (table or window), then
polarity. What shows hardly any pixel is passed over, what is optional and cannot be used as well;
each time a step says so."""


def files_markdown() -> str:
    """Return the whole page."""
    parts = [
        _HEAD,
        _GREYS,
        _PNG,
        _JPEG,
        _table("coding", "read", _jpeg_rows()),
        _TIFF,
        _table("packed by (tag 259)", "read", _packing_rows()),
        _table("colours (tag 262)", "bits", _colour_rows()),
        "Volumes, complex numbers and samples of different sizes are refused by name.",
        _DICOM,
        _table("transfer syntax", "packed as", _syntax_rows()),
        "Others are refused by the name that the standard gives them.",
        "## What is refused",
        _table("format", "what to do", ((one.name, one.instead) for one in OTHER_FORMATS)),
        _table("limit", "why", _limits()),
    ]
    return "\n\n".join(parts) + "\n"


def _table(left: str, right: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {first} | {second} |" for first, second in rows]
    return "\n".join([f"| {left} | {right} |", "|---|---|", *lines])


def _jpeg_rows() -> Iterator[tuple[str, str]]:
    for marker, name in JPEG_FRAMES.items():
        yield name, "yes" if marker in READ_FRAMES else "no, and named"


def _syntax_rows() -> Iterator[tuple[str, str]]:
    for uid, syntax in SYNTAXES.items():
        name = UID(uid).name
        yield f"`{uid}`" if name == uid else f"{name} (`{uid}`)", syntax.name


def _packing_rows() -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(PACKINGS.values()):
        yield name, "yes"
    for name in dict.fromkeys(UNREAD_PACKINGS.values()):
        yield name, "no, and named"


def _colour_rows() -> Iterator[tuple[str, str]]:
    for photometric, name in COLOURS.items():
        yield name, bits_read(photometric)


def bits_read(photometric: int) -> str:
    """Return which bits of a sample are read, asked of the code that decides it."""
    samples = _SAMPLES.get(photometric, 1)
    read = [
        bits
        for bits in _BITS
        for kind in [TiffKind((bits,) * samples, UNSIGNED, samples, False, photometric, 1)]
        if kind.is_common or not kind.refusal
    ]
    return "none" if not read else ", ".join(map(str, read))


def _limits() -> Iterator[tuple[str, str]]:
    yield f"a side below {MIN_SIDE_PX} pixels", "an icon, not a film"
    yield f"more than {MAX_PIXELS // 1_000_000} megapixels", "no detector makes such films"
    yield f"more than {MAX_FILE_BYTES >> 30} GiB", "a film is read whole"
    yield f"a TIFF of more than {MOST_PAGES:,} pages", "nobody scans as many"
    yield f"a progressive JPEG of more than {MOST_SCANS} scans", "each is a walk over the picture"
    yield "more pixels than a file of its size can hold", "a few bytes can claim any memory"


if __name__ == "__main__":
    PAGE.write_text(files_markdown())
