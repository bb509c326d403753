"""Image formats that are known by their first bytes and not read, so that each is named."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherFormat:
    """An image format that is not read."""

    name: str
    start: re.Pattern[bytes]
    """What its files begin with."""
    instead: str = "convert it to PNG"

    @property
    def refusal(self) -> str:
        """What a person is told of such a file.

        >>> other_format(b"GIF89a" + bytes(20)).refusal
        'GIF, which is not read; convert it to PNG'
        """
        return f"{self.name}, which is not read; {self.instead}"


def _format(name: str, start: bytes, instead: str = "convert it to PNG") -> OtherFormat:
    return OtherFormat(name, re.compile(start, re.DOTALL), instead)


_DEEP = "convert it to PNG or TIFF of 16 bits"
_VOLUME = "a film is a PNG, JPEG, TIFF or DICOM file"
OTHER_FORMATS = (
    _format("BMP", rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"),
    _format("GIF", rb"GIF8[79]a"),
    _format("WebP", rb"RIFF.{4}WEBP"),
    _format("JPEG 2000", rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", _DEEP),
    _format("JPEG XL", rb"\0\0\0\x0cJXL |\xff\x0a", _DEEP),
    _format("JPEG XR", rb"II\xbc\x01", _DEEP),
    _format("HEIC or AVIF", rb".{4}ftyp(?:hei|hev|mif1|msf1|avi)", "convert it to JPEG or PNG"),
    _format("Photoshop", rb"8BPS", _DEEP),
    _format("OpenEXR", rb"\x76\x2f\x31\x01", _DEEP),
    _format("Radiance HDR", rb"#\?RADIANCE|#\?RGBE", _DEEP),
    _format("portable grey or colour map (PGM, PPM)", rb"P[456]\s+[#\d]", _DEEP),
    _format("DjVu", rb"AT&TFORM"),
    _format("JBIG2", rb"\x97JB2\r\n\x1a\n"),
    _format("DPX", rb"SDPX|XPDS", _DEEP),
    _format("FITS", rb"SIMPLE  =", _DEEP),
    _format("NRRD", rb"NRRD\d", _VOLUME),
    _format("MetaImage", rb"(?:ObjectType|NDims) *= *(?:Image|\d)", _VOLUME),
    _format(
        "NIfTI or Analyze",
        rb"\x5c\x01\0\0.{36}[\x01-\x07]\0|\0\0\x01\x5c.{36}\0[\x01-\x07]",
        _VOLUME,
    ),
    _format("HDF5", rb"\x89HDF\r\n\x1a\n", _VOLUME),
    _format("NumPy array", rb"\x93NUMPY", _VOLUME),
)


def other_format(head: bytes) -> OtherFormat | None:
    """Return the format of a file that is not read, by its first bytes; None where unknown."""
    return next((one for one in OTHER_FORMATS if one.start.match(head)), None)
