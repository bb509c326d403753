"""What is wrong with a damaged file, in our own words.

Decoders quote what a header holds, which may be a name, a date or a number of a patient. So none of
their text is passed on: it only decides which of our sentences is true. What is filled in comes
from the dictionary of DICOM, never from the file.
"""

import re

from pydicom.datadict import dictionary_description, dictionary_has_tag
from pydicom.uid import AllTransferSyntaxes

_PACKED = "its pixels are packed in a way that is not read"
_KINDS = (
    (r"crc|check ?sum", "its check sum does not fit its content"),
    (
        r"truncat|too small|too short|not enough|unexpected end|\beof\b|requires a buffer"
        r"|out of range|less than expected",
        "it ends before its last pixel",
    ),
    (r"cannot identify|not a tiff|bad magic", "its first bytes promise a film, the rest is none"),
    (r"missing required element", "the element {element} is missing"),
    (r"unknown .*value|is invalid", "the element {element} holds what DICOM does not know"),
    (
        r"invalid literal|could not convert|argument must be|not a number",
        "a number in its header cannot be read as one",
    ),
    (r"does not support|unable to decode|unsupported|not supported|no decoder|plugin", "{packed}"),
)
"""What decoders say -> what we say; the first that fits counts."""
_TAG = re.compile(r"\(([0-9a-f]{4}),([0-9a-f]{4})\)", re.IGNORECASE)
_QUOTED, _BITS = re.compile(r"'([^']*)'"), re.compile(r"\b(\d{1,2})-bit\b")
_SYNTAXES = {syntax.name for syntax in AllTransferSyntaxes}


def what_is_damaged(said: str) -> str:
    """Return what is wrong with a file, by what its decoder says.

    >>> what_is_damaged("Missing required element: (0028,0101) 'Bits Stored'")
    'the element Bits Stored is missing'
    >>> what_is_damaged("invalid literal for int() with base 10: '1945-02-01 Doe'")
    'a number in its header cannot be read as one'
    """
    for pattern, words in _KINDS:
        if re.search(pattern, said, re.IGNORECASE):
            return words.format(element=_element(said), packed=_packed(said))
    return "it cannot be decoded"


def _element(said: str) -> str:
    """Return the name that the dictionary gives to the element that is spoken of."""
    found = _TAG.search(said)
    tag = int(found[1] + found[2], 16) if found else 0
    return dictionary_description(tag) if dictionary_has_tag(tag) else "that it needs"


def _packed(said: str) -> str:
    syntax = next((name for name in _QUOTED.findall(said) if _is_syntax(name)), "")
    bits = _BITS.search(said)
    if not syntax:
        return _PACKED
    of_bits = f" of {bits[1]} bits" if bits else ""
    return f"its pixels are packed as {syntax}{of_bits}, which is not read"


def _is_syntax(name: str) -> bool:
    return any(known.startswith(name) for known in _SYNTAXES) and len(name) > 2
