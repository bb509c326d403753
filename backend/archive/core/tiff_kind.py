"""What a TIFF says of its pixels: how many bits, of which sign, in planes or not, packed how."""

from collections.abc import Mapping
from dataclasses import dataclass

TiffTags = Mapping[int, tuple[int, ...]]
"""Values of the tags of one directory that hold whole numbers, by tag."""

BITS, PACKING, PHOTOMETRIC, ORIENTATION = 258, 259, 262, 274
SAMPLES, PLANES, EXTRA_SAMPLES, SAMPLE_FORMAT = 277, 284, 338, 339
_DEPTH, _FILL_ORDER = 32997, 266
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
PACKINGS = {
    1: "none",
    2: "CCITT",
    3: "CCITT group 3",
    4: "CCITT group 4",
    5: "LZW",
    6: "JPEG (old style)",
    7: "JPEG",
    8: "deflate",
    32946: "deflate",
    32773: "PackBits",
    34925: "LZMA",
    50000: "Zstandard",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
}
"""Ways of packing that are read, by the value of tag 259."""
OF_ONE_BIT = frozenset({2, 3, 4})
OLD_JPEG, JPEG = 6, 7
JPEG_2000 = frozenset({33003, 33005, 34712})
UNREAD_PACKINGS = {
    34661: "JBIG",
    34676: "LogLuv",
    34677: "LogLuv",
    34887: "LERC",
    34892: "lossy DNG",
    34933: "PNG",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
    32809: "ThunderScan",
    32908: "Pixar film",
    32909: "Pixar log",
}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB = 0, 1, 2, 3, 5, 6, 8
COLOURS = {
    WHITE_IS_ZERO: "grey, white is zero",
    BLACK_IS_ZERO: "grey, black is zero",
    RGB: "RGB",
    PALETTE: "palette",
    4: "mask",
    CMYK: "CMYK",
    YCBCR: "YCbCr",
    CIELAB: "CIELab",
}
"""What values stand for, by the value of tag 262."""
_DEEP_COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, CMYK: 4}
_COMMON_BITS = {
    WHITE_IS_ZERO: (1, 2, 4, 8, 16),
    BLACK_IS_ZERO: (1, 2, 4, 8, 16),
    PALETTE: (1, 2, 4, 8),
}
_MULTIPLIED = 1


@dataclass(frozen=True, slots=True)
class TiffKind:
    """How the pixels of one page of a TIFF are stored."""

    bits: tuple[int, ...]
    """Of each sample of a pixel."""
    sample_format: int
    samples: int
    has_planes: bool
    photometric: int
    packing: int
    extra: tuple[int, ...] = ()
    """What samples beyond the colours are (tag 338)."""
    depth: int = 1
    is_guessed: bool = False
    """Whether what the values stand for is guessed: tag 262 is missing."""
    is_mirrored: bool = False
    """Whether the last bit of each byte comes first (tag 266), of which Pillow knows little."""

    @property
    def colours(self) -> int:
        """Samples of a pixel that are its colour; the next one, where there is one, is opacity."""
        return _DEEP_COLOURS.get(self.photometric, self.samples)

    @property
    def is_multiplied(self) -> bool:
        """Whether the colours are multiplied by their opacity already (associated alpha)."""
        return self.extra[:1] == (_MULTIPLIED,)

    @property
    def is_white_zero(self) -> bool:
        """Whether zero is white."""
        return self.photometric == WHITE_IS_ZERO

    @property
    def is_common(self) -> bool:
        """Whether Pillow reads it, and reads it rightly."""
        if self.sample_format != UNSIGNED or self.depth != 1:
            return False
        if self.packing not in PACKINGS.keys() - JPEG_2000:
            return False
        if (self.is_guessed or self.is_mirrored) and self.packing not in OF_ONE_BIT:
            return False
        return self._has_common_grey if self.samples == 1 else self._has_common_colours

    @property
    def _has_common_grey(self) -> bool:
        return self.bits[0] in _COMMON_BITS.get(self.photometric, ())

    @property
    def _has_common_colours(self) -> bool:
        if self.photometric in {WHITE_IS_ZERO, BLACK_IS_ZERO} or set(self.bits) != {8}:
            return False
        # Pillow takes such a JPEG for YCbCr.
        return self.packing != JPEG or self.photometric == YCBCR

    @property
    def refusal(self) -> str | None:
        """Why a page that is not common cannot be shown; None where it can."""
        if self.packing not in PACKINGS:
            name = UNREAD_PACKINGS.get(self.packing, "an unknown method")
            return f"TIFF packed by {name}, which is not read; save it without compression"
        if self.depth != 1:
            return "TIFF of more than one layer (a volume), which is not read"
        if self.sample_format not in {UNSIGNED, SIGNED, FLOAT}:
            return "TIFF of complex or undefined values, which is not read"
        return self._refusal_of_values()

    def _refusal_of_values(self) -> str | None:
        name = COLOURS.get(self.photometric, "of unknown colours")
        if self.photometric not in _DEEP_COLOURS:
            return f"TIFF: {name} of {self.bits[0]} bits, which is not read; save it as grey"
        if self.samples < self.colours:
            return f"damaged TIFF: {self.samples} samples for {name}"
        if len(set(self.bits)) > 1 or not 1 <= self.bits[0] <= 64:
            return f"TIFF: {name} of samples of different or impossible sizes, which is not read"
        return None

    @property
    def name(self) -> str:
        """Return what the values are, in words.

        >>> TiffKind((12,), UNSIGNED, 1, False, BLACK_IS_ZERO, 1).name
        '12 bits'
        """
        kind = {SIGNED: " signed", FLOAT: " floating point"}.get(self.sample_format, "")
        return f"{self.bits[0]} bits{kind}"


def tiff_kind(tags: TiffTags) -> TiffKind:
    """Return how pixels are stored; what is missing has the default of TIFF 6.0."""
    samples, packing = first_of(tags, SAMPLES, 1), first_of(tags, PACKING, 1)
    bits = tags.get(BITS, (1,)) or (1,)
    return TiffKind(
        bits=bits if len(bits) == samples else bits[:1] * max(1, samples),
        sample_format=first_of(tags, SAMPLE_FORMAT, UNSIGNED),
        samples=samples,
        has_planes=first_of(tags, PLANES, 1) == 2 and samples > 1,
        photometric=first_of(tags, PHOTOMETRIC, _likely_photometric(samples, packing)),
        packing=packing,
        extra=tags.get(EXTRA_SAMPLES, ()),
        depth=first_of(tags, _DEPTH, 1),
        is_guessed=not tags.get(PHOTOMETRIC),
        is_mirrored=first_of(tags, _FILL_ORDER, 1) == 2,
    )


def _likely_photometric(samples: int, packing: int) -> int:
    """Guess as libtiff does: faxes are black on white, all else is light."""
    if samples >= 3:
        return RGB
    return WHITE_IS_ZERO if packing in OF_ONE_BIT else BLACK_IS_ZERO


def first_of(tags: TiffTags, tag: int, otherwise: int) -> int:
    """Return the first value of a tag."""
    return next(iter(tags.get(tag, ())), otherwise)
