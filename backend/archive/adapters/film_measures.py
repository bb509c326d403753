"""The measures of one film's picture, by imagehash and by our own core."""

from dataclasses import dataclass
from hashlib import blake2b

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.archive.core.near_copies import HASH_BYTES
from backend.archive.core.picture_measures import content_box, sharpness, structure, white_share

_HASH_SIDE = 16
"""256 bits: with imagehash's default of 64, copies and other patients' chest films overlap."""


@dataclass(frozen=True, slots=True)
class FilmMeasures:
    """Measures of a film's thumbnail; they change only when the thumbnail does."""

    border_share: float
    structure: float
    brightness_p99: float
    grey_range: float
    white_share: float
    sharpness: float
    perceptual_hash: bytes
    """pHash, 32 bytes."""
    picture_hash: bytes
    """Of the thumbnail, 16 bytes."""


MEASURES = tuple(name for name in FilmMeasures.__dataclass_fields__ if not name.endswith("_hash"))
"""Those that are one number."""


def measure_film(thumbnail: NDArray[np.uint8]) -> FilmMeasures:
    """Measure a thumbnail, shape (side, side); brightness and sharpness inside its border.

    Greys are shares of white, 0 to 1: the percentiles that CleanVision takes of a grey picture. A
    test compares them with CleanVision's. It is not asked itself, because it brings matplotlib,
    which takes seconds to import, and because its other properties do not serve: its blurriness
    looks at 64 pixels, its test for light films at the darkest 5 %, which the dark corners of a
    film fill, and size and shape are in the catalogue, not in the square thumbnail.
    """
    box = content_box(thumbnail)
    content = np.ascontiguousarray(box.of(thumbnail))
    darkest, lightest = (float(grey) for grey in np.percentile(content / 255.0, (1, 99)))
    bits = imagehash.phash(Image.fromarray(thumbnail), hash_size=_HASH_SIDE).hash
    return FilmMeasures(
        border_share=box.border_share(len(thumbnail)),
        structure=structure(thumbnail),
        brightness_p99=lightest,
        grey_range=lightest - darkest,
        white_share=white_share(content),
        sharpness=sharpness(content),
        perceptual_hash=np.packbits(bits).tobytes()[:HASH_BYTES],
        picture_hash=blake2b(thumbnail.tobytes(), digest_size=16).digest(),
    )
