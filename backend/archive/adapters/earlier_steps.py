"""What an earlier radsieve kept only in the sentences on how a film was read.

Films that are indexed now have columns for these values. In the rows of films that were indexed
before there were such columns, the columns are empty and the sentences are read instead.
"""

import re
from collections.abc import Iterable

_COLOURED = re.compile(r"(\d+(?:\.\d+)?)% of the pixels are coloured")
_WHITE_IS_ZERO = "WhiteIsZero: inverted"


def coloured_share(stored: float | None, steps: Iterable[str]) -> float:
    """Return the share of coloured pixels, 0 to 1: the stored one, else that of the sentences.

    >>> coloured_share(None, ["RGB: luminance taken", "1.30% of the pixels are coloured"])
    0.013
    """
    if stored is not None:
        return stored
    matches = (_COLOURED.fullmatch(step) for step in steps)
    return next((round(float(match[1]) / 100, 6) for match in matches if match), 0.0)


def white_is_zero(stored: bool | None, steps: Iterable[str]) -> bool:
    """Return whether the tag of a TIFF said that zero is white: as stored, else by the sentences.

    >>> white_is_zero(None, ["WhiteIsZero: inverted"]), white_is_zero(None, [])
    (True, False)
    """
    return stored if stored is not None else _WHITE_IS_ZERO in steps
