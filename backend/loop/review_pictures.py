"""Pictures of the films in the review batch, in the folder that Label Studio serves."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.adapters.catalogue import films
from backend.adapters.files import write_atomically
from backend.adapters.film_reader import picture_at
from backend.adapters.workspace import Workspace

THUMB_PX = 320
"""Longest side on a contact sheet: twice the largest cell's height would be wasted bytes."""
LARGE_PX = 1024
"""Longest side when a film is looked at alone."""
JPEG_QUALITY = 88


def thumb_url(radiograph_id: str) -> str:
    """Return where Label Studio shows the small picture."""
    return _url(f"review/{radiograph_id}.jpg")


def large_url(radiograph_id: str) -> str:
    """Return where Label Studio shows the large picture."""
    return _url(f"review/{radiograph_id}_large.jpg")


def make_review_pictures(workspace: Workspace, radiograph_ids: Iterable[str]) -> None:
    """Make the pictures that are not there yet; the films are decoded once more, at full size."""
    wanted = set(radiograph_ids)
    for film in films(workspace.database):
        if film.radiograph_id not in wanted:
            continue
        small = workspace.review / f"{film.radiograph_id}.jpg"
        large = workspace.review / f"{film.radiograph_id}_large.jpg"
        if small.exists() and large.exists():
            continue
        source = Path(film.path)
        pixels = picture_at(source.read_bytes(), source.name, LARGE_PX)
        write_atomically(large, _jpeg(pixels))
        write_atomically(small, _jpeg(_shrunk(pixels, THUMB_PX)))


def _shrunk(pixels: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    height, width = pixels.shape
    scale = min(1.0, longest_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return encoded.tobytes()


def _url(relative: str) -> str:
    return f"/data/local-files/?d={quote(relative)}"
