"""Pictures of the films in the review batch, in the folder that Label Studio serves."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import cv2

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
        _write_picture(Path(film.path), large, LARGE_PX)
        _write_picture(Path(film.path), small, THUMB_PX)


def _write_picture(source: Path, target: Path, longest_px: int) -> None:
    pixels = picture_at(source.read_bytes(), source.name, longest_px)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    write_atomically(target, encoded.tobytes())


def _url(relative: str) -> str:
    return f"/data/local-files/?d={quote(relative)}"
