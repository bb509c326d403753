"""The contact sheets of the archive report: small pictures of what was found."""

import base64
from collections.abc import Iterator
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.export.adapters.page.words import paragraph
from backend.export.core.report import FoundClass, Picture
from backend.export.core.report_sentences import counted

LONGEST_PX = 128
_QUALITY = 72
_SHORTEST_PX = 8
_DECIDED = {"REVIEWER": "a reviewer", "REPORT": "a report", "RULE": "a rule"}


def class_sheet(found: FoundClass, *, with_pictures: bool) -> str:
    """Return the films of one class: how many, what becomes of them, and pictures of some."""
    head = f"<h4>{escape(found.label)}: {counted(found.films)}</h4>"
    said = paragraph(" ".join(_words(found)))
    if not with_pictures or not found.pictures:
        return f'<div class="class">{head}{said}</div>'
    films = "".join(_film(one, found.label) for one in found.pictures)
    return f'<div class="class">{head}{said}<ul class="sheet">{films}</ul></div>'


def _words(found: FoundClass) -> Iterator[str]:
    decided = ", ".join(
        f"{count:,} by {_DECIDED.get(source, source)}" for source, count in found.by_source.items()
    )
    yield f"Confirmed: {decided}."
    if found.corrected:
        yield f"{found.corrected:,} can be put right, and then pass every detector."
    if found.refuted:
        yield (
            f"{found.refuted:,} could be put right, but a detector objects: they wait for another "
            "look."
        )
    if found.pictures and len(found.pictures) < found.films:
        yield f"{len(found.pictures)} of {found.films:,} are shown, the first by their ids."


def _film(picture: Picture, label: str) -> str:
    size = picture.width_px, picture.height_px
    shown = _figure(picture.found, size, f"film {picture.short_id} as found: {label}", "as found")
    if picture.corrected is not None:
        size = size[::-1] if picture.turned else size
        alt = f"film {picture.short_id} as corrected"
        shown += _figure(picture.corrected, size, alt, "as corrected")
    return f'<li><div class="pair">{shown}</div><code>{escape(picture.short_id)}</code></li>'


def _figure(pixels: NDArray[np.uint8], size: tuple[int, int], alt: str, caption: str) -> str:
    width, height = _shown_size(*size)
    shown = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    content = base64.b64encode(encoded.tobytes()).decode()
    return (
        f'<figure><img src="data:image/jpeg;base64,{content}" width="{width}" height="{height}" '
        f'alt="{escape(alt)}"><figcaption>{caption}</figcaption></figure>'
    )


def _shown_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return width and height in the proportions of the film, the longer side `LONGEST_PX`."""
    scale = LONGEST_PX / max(width_px, height_px)
    return (
        max(_SHORTEST_PX, round(width_px * scale)),
        max(_SHORTEST_PX, round(height_px * scale)),
    )
