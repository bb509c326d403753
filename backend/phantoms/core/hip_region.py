"""From landmarks of a pelvis to the boxes around its two hip joints."""

import numpy as np
from numpy.typing import NDArray

from backend.labels.core.box import Box, LabelledBox

LABELS = ("hip_left_of_image", "hip_right_of_image")
"""By the side of the picture: 'left' of the patient needs to know whether the film is mirrored."""
SIDE = 0.5
"""Side of the square, as a share of the distance between the two hips' inner landmarks: from above
the roof of the socket to the neck of the femur on ten films that were looked at."""
LOWERED = 0.08
"""How far below the middle of the roof the square's middle lies, on the same scale."""

Point = NDArray[np.floating]
"""x and y in pixels."""


def hip_boxes(
    roofs: tuple[tuple[Point, Point], ...], size_px: tuple[int, int]
) -> list[LabelledBox]:
    """Return a square around each hip joint.

    Args:
        roofs: for each of two hips the outer and the inner end of the roof of its socket.
        size_px: width and height of the film.
    """
    (_, one), (_, other) = roofs
    apart = float(np.hypot(*(np.asarray(one, float) - other)))
    middles = [
        (np.asarray(outer, float) + inner) / 2 + [0, LOWERED * apart] for outer, inner in roofs
    ]
    middles.sort(key=lambda middle: float(middle[0]))
    side = SIDE * apart
    return [
        LabelledBox(label, Box.from_pixels((*(middle - side / 2), side, side), size_px))
        for label, middle in zip(LABELS, middles, strict=True)
    ]
