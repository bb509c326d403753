"""Where the boxes of a film go when the film is shifted, zoomed, tilted or mirrored."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.detectors.core.augment import Views
from backend.labels.core.box import Boxes


def mirrored_places(labels: Sequence[str], renamed: Mapping[str, str]) -> NDArray[np.int64]:
    """Return for each label of a mirrored film the position of the label it had before.

    >>> mirrored_places(("left", "right", "nose"), {"left": "right", "right": "left"}).tolist()
    [1, 0, 2]
    """
    return np.array([labels.index(renamed.get(label, label)) for label in labels], dtype=np.int64)


def unmirrored(boxes: Boxes, mirrored: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return boxes of mirror images as they lie on the original films, shape (..., labels, 4)."""
    back = np.array(boxes[..., mirrored, :], dtype=np.float64)
    back[..., 0] = 1 - back[..., 0] - back[..., 2]
    return back


def moved_boxes(boxes: Boxes, views: Views, mirrored: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the boxes of films in random views; NaN where a box's middle has left the film.

    A box keeps its sides upright when the film is tilted, because the anatomy in it is about as
    large in every direction.

    Args:
        boxes: shape (films, labels, 4).
        views: one per film, as `detectors.adapters.training.view_painter.paint` paints them.
        mirrored: of `mirrored_places`.
    """
    moved = np.where(views.mirror[:, None, None], boxes[:, mirrored], boxes).astype(np.float64)
    middle = 2 * (moved[..., :2] + moved[..., 2:] / 2) - 1
    middle[..., 0] *= np.where(views.mirror, -1, 1)[:, None]
    tilt = np.radians(views.tilt_ccw_degrees)
    # Rows point down, so counter-clockwise is the mirror image of the matrix in the books.
    turn = np.moveaxis(
        np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]]), -1, 0
    )
    zoom = views.zoom[:, None, None]
    middle = zoom * np.einsum("fij,flj->fli", turn, middle)
    middle += 2 * np.stack([views.shift_right, views.shift_down], axis=1)[:, None]
    size = zoom * moved[..., 2:]
    in_view = np.concatenate([(middle + 1) / 2 - size / 2, size], axis=-1)
    in_view[(np.abs(middle) >= 1).any(axis=-1)] = np.nan
    return np.asarray(in_view, dtype=np.float64)
