"""Ways of writing a film that are refused, and the reason that is given."""

REFUSED = [
    ("TIFF", {"packing": "lerc"}, "TIFF packed by LERC, which is not read"),
    ("TIFF", {"packing": "png"}, "TIFF packed by PNG, which is not read"),
    ("TIFF", {"packing": "webp"}, "TIFF packed by WebP, which is not read"),
    ("TIFF", {"packing": "jpegxl"}, "TIFF packed by JPEG XL, which is not read"),
    ("TIFF", {"dtype": "c8"}, "TIFF of complex or undefined values"),
    ("TIFF", {"layout": "palette of 16 bits"}, "TIFF: palette of 16 bits"),
    ("TIFF", {"layout": "volume"}, "TIFF of more than one layer"),
    ("TIFF", {"layout": "filter array"}, "TIFF: of unknown colours of 16 bits"),
    ("JPEG", {"mode": "CMYK", "bits": 12}, r"JPEG \(sequential, 12 bits\) of odd colours"),
    ("JPEG", {"lossless": "grey and opacity"}, r"JPEG \(lossless, 8 bits\) of odd colours"),
    ("DICOM", {"kind": "floating point"}, "DICOM with floating point pixels"),
]
"""Format, facts of the combination, what the reason says."""


def refusal_of(combination):
    """Return what the reason must say for a combination that is refused; None where it is read."""
    rows = (row for row in REFUSED if row_fits(row, combination))
    return next((reason for _, _, reason in rows), None)


def row_fits(row, combination):
    """Whether a row of the table is about a combination."""
    kind, facts, _ = row
    return kind == combination.format and facts.items() <= combination.facts.items()
