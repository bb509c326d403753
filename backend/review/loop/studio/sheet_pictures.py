"""Small pictures of whole contact sheets, for the list of items in Label Studio.

They are put together from the small pictures of the films. No note of them is kept: what lies in
the folder under such a name is a sheet's picture, and goes with the pictures of its films.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.files import write_atomically
from backend.review.adapters.screens.sheet_screen import best_columns
from backend.review.core.item import SHEET, Item

_CELL_PX, _GAP_PX, _GROUND = 64, 2, 119
_SHAPE = 1.6
"""Width over height that a sheet's picture is laid out for."""
_QUALITY = 80
_SUFFIX = "_sheet.jpg"


def sheet_picture_url(item: Item) -> str:
    """Return where Label Studio shows the picture of a sheet."""
    return f"/data/local-files/?d={quote(f'review/{item.item_key}{_SUFFIX}')}"


def make_sheet_pictures(pictures: Path, items: Iterable[Item]) -> None:
    """Make the pictures of sheets that are not there; those of their films have to be."""
    for item in items:
        path = _path(pictures, item.item_key)
        if item.kind == SHEET and item.shown_ids and not path.is_file():
            films = [_thumbnail(pictures / f"{shown}.jpg") for shown in item.shown_ids]
            _, packed = cv2.imencode(".jpg", montage(films), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            write_atomically(path, packed.tobytes())


def remove_sheet_pictures(pictures: Path, still_needed: Collection[str]) -> None:
    """Delete the pictures of sheets whose keys are not among those still needed."""
    keep = {_path(pictures, key) for key in still_needed}
    for path in pictures.glob(f"*{_SUFFIX}"):
        if path not in keep:
            path.unlink(missing_ok=True)


def montage(films: Collection[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return films side by side, in the order of the sheet; 8 bits grey.

    Args:
        films: one or more, 8 bits grey, of any size.
    """
    columns = best_columns(len(films), _SHAPE)
    rows = -(-len(films) // columns)
    step = _CELL_PX + _GAP_PX
    sheet = np.full((rows * step, columns * step), _GROUND, np.uint8)
    for place, film in enumerate(films):
        scale = _CELL_PX / max(film.shape)
        height, width = (max(1, round(side * scale)) for side in film.shape)
        cell = cv2.resize(film, (width, height), interpolation=cv2.INTER_AREA)
        top = place // columns * step + (_CELL_PX - height) // 2
        left = place % columns * step + (_CELL_PX - width) // 2
        sheet[top : top + height, left : left + width] = cell
    return sheet


def _thumbnail(path: Path) -> NDArray[np.uint8]:
    packed = np.frombuffer(path.read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def _path(pictures: Path, item_key: str) -> Path:
    return pictures / f"{item_key}{_SUFFIX}"
