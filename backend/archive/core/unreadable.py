"""Why a file is no film, as a whole sentence: what was expected, what came, what to do.

A reason is kept short where it is found, because it goes into sentences of others as well. It names
kinds and counts, and never what a header holds, which may be a name.
"""

import re

from backend.archive.core.decoded_film import MIN_SIDE_PX

_AGAIN = "copy it again from where it came from, or export it again"
_LEAVE = "nothing is to be done unless it should be a film"
_SENTENCES = (
    (r"empty", f"expected a film, got an empty file; {_AGAIN}"),
    (
        r"not an image \((?P<kinds>.*?)\), though its name ends in (?P<suffix>\S+)",
        r"expected \g<kinds>, as the ending \g<suffix> says, got a file that begins like none of "
        f"them; {_AGAIN}",
    ),
    (
        r"not an image \((?P<kinds>.*)\)",
        rf"expected \g<kinds>, got a file that begins like none of them; {_LEAVE}",
    ),
    (
        r"damaged (?P<kind>[A-Z]+): (?P<why>.*)",
        rf"expected a whole \g<kind>, got a damaged one: \g<why>; {_AGAIN}",
    ),
    (
        r"too small: (?P<size>.*)",
        rf"expected at least {MIN_SIDE_PX} x {MIN_SIDE_PX} px, got \g<size>; {_LEAVE}",
    ),
    (
        r"huge: (?P<size>.*)",
        r"expected a film of a size that can be decoded, got \g<size>; export it again, smaller",
    ),
    (
        r"DICOM without a picture \((?P<kind>.*)\)",
        rf"expected a DICOM film, got DICOM without a picture (\g<kind>); {_LEAVE}",
    ),
    (r"broken link", "expected a film, got a link to nothing; mend the link, or remove it"),
    (
        r"not a regular file",
        "expected a film, got a pipe, a socket or a device; move it out of the archive",
    ),
    (
        r"cannot be opened: (?P<why>.*)",
        r"expected a file that can be read, got an answer of the system (\g<why>); give yourself "
        "the right to read it, or look whether its disk is there",
    ),
    (
        r"its name is not UTF-8; rename it",
        "expected a name in UTF-8, got one that is not; rename the file",
    ),
)


def whole_sentence(problem: str) -> str:
    """Return the reason why a file is no film as a whole sentence.

    >>> whole_sentence("too small: 3 x 1 px")
    'expected at least 16 x 16 px, got 3 x 1 px; nothing is to be done unless it should be a film'
    >>> whole_sentence("JPEG (arithmetic, 12 bits), which is not read")
    'expected a film, got JPEG (arithmetic, 12 bits), which is not read; export it in another form'
    """
    for pattern, sentence in _SENTENCES:
        if found := re.fullmatch(pattern, problem):
            return found.expand(sentence)
    cure = "" if "; " in problem else "; export it in another form"
    return f"expected a film, got {problem}{cure}"
