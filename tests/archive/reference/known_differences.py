"""Why other readers show some files of the reference test otherwise than we do."""

OPENCV, PILLOW, IMAGECODECS, PYDICOM = "by_opencv", "by_pillow", "by_imagecodecs", "by_pydicom"


def _is_turned(facts):
    return facts.get("orientation", 1) > 1


def _has_opacity(facts):
    return bool(facts.get("clear")) or "opacity" in facts.get("layout", "")


def _has_white_zero(facts):
    told = facts.get("layout"), facts.get("photometric")
    return "grey, white is zero" in told or "miniswhite" in told or bool(facts.get("white is zero"))


def _is_wide(facts):
    return facts.get("dtype") in {"i2", "u4", "i4", "f4"} and facts.get("layout") == "grey"


def _is_signed_byte(facts):
    return "i1" in {facts.get("dtype"), facts.get("libtiff")}


KNOWN = [
    ({OPENCV, PILLOW, IMAGECODECS}, _is_turned, "decoders leave the orientation tag to the viewer"),
    ({OPENCV, PILLOW, IMAGECODECS}, _has_opacity, "decoders hand out opacity beside the colours"),
    ({OPENCV, PILLOW, IMAGECODECS}, _has_white_zero, "decoders leave the polarity to the viewer"),
    ({IMAGECODECS}, lambda facts: facts.get("mode") == "CMYK", "libjpeg hands out inks"),
    ({OPENCV, PILLOW}, lambda facts: facts.get("layout") == "RGB in planes", "they mix up planes"),
    ({PILLOW}, _is_signed_byte, "Pillow reads signed bytes as unsigned"),
    ({PILLOW}, _is_wide, "Pillow wraps 32 bits, and gets some predictors wrong"),
    ({PYDICOM}, lambda facts: facts.get("mono1"), "pydicom leaves the polarity to the viewer"),
    (
        {PYDICOM},
        lambda facts: facts.get("chain") == "shape INVERSE",
        "pydicom knows no Presentation LUT Shape",
    ),
    ({PYDICOM}, lambda facts: facts.get("padded"), "pydicom takes padding for a part of the film"),
    (
        {PYDICOM},
        lambda facts: facts.get("signed") and facts.get("chain") == "VOI table",
        "pydicom keeps to the first value of the table as if it had no sign",
    ),
]
"""Readers, which combinations, and why they differ."""


def reasons_for(reader, combination):
    """Return the places of the rows that explain a difference."""
    return [
        place
        for place, (readers, fits, _) in enumerate(KNOWN)
        if reader in readers and fits(combination.facts)
    ]
