"""How much of a picture is coloured: said in one sentence of its normalisation, read from there."""

import re
from collections.abc import Iterable

_LEAST_SHARE = 0.0002
"""Less is noise of the encoder, or a mark of a few pixels."""
_SENTENCE = re.compile(r"(\d+(?:\.\d+)?)% of the pixels are coloured")


def colour_sentence(share: float) -> str | None:
    """Return the sentence for a share of coloured pixels, 0 to 1; None where it is negligible.

    >>> colour_sentence(0.013), colour_sentence(0.0001)
    ('1.30% of the pixels are coloured', None)
    """
    return f"{share:.2%} of the pixels are coloured" if share >= _LEAST_SHARE else None


def coloured_share(normalisation: Iterable[str]) -> float:
    """Return the share of coloured pixels, 0 to 1, to the hundredth of a percent.

    >>> coloured_share(["RGB: luminance taken", "1.30% of the pixels are coloured"])
    0.013
    """
    found = (_SENTENCE.fullmatch(sentence) for sentence in normalisation)
    return next((round(float(match[1]) / 100, 6) for match in found if match), 0.0)
