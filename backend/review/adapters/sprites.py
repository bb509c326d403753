"""Many thumbnails in one JPEG, so that a page of the grid is one request and not two hundred."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore

SPRITE_SIDES_PX = (64, 128, THUMBNAIL_PX)
"""Sides of one thumbnail in a sprite that a page may ask for."""
SPRITE_COLUMNS = 20
MOST_IN_SPRITE = 400
_QUALITY = 82


def sprite(store: ThumbnailStore, rows: Sequence[int], side_px: int) -> bytes:
    """Return a JPEG of thumbnails, `SPRITE_COLUMNS` in a row, in the order asked for.

    Args:
        store: the thumbnails.
        rows: one to `MOST_IN_SPRITE` rows of it.
        side_px: of each square in the picture; the films are squashed to squares as in the store.

    Raises:
        RadsieveError: a row is missing.
    """
    tall = math.ceil(len(rows) / SPRITE_COLUMNS)
    wide = min(len(rows), SPRITE_COLUMNS)
    sheet = np.zeros((tall * side_px, wide * side_px), np.uint8)
    for place, thumbnail in enumerate(store.read(rows)):
        small = thumbnail
        if side_px != THUMBNAIL_PX:
            small = cv2.resize(thumbnail, (side_px, side_px), interpolation=cv2.INTER_AREA)
        top, left = divmod(place, SPRITE_COLUMNS)
        sheet[top * side_px : (top + 1) * side_px, left * side_px : (left + 1) * side_px] = small
    return jpeg(sheet)


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Return grey pixels as a JPEG."""
    _, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return content.tobytes()
