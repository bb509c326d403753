"""The contact sheets of the archive report: small pictures of what was found."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.core.words import counted
from backend.export.core.fact_sentences import bases_in_words
from backend.export.core.report import FoundClass, Picture

LONGEST_PX = 128
_QUALITY = 72
_SHORTEST_PX = 8


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A picture that a page shows."""

    jpeg: str
    """In base64."""
    width: int
    height: int
    what: str
    """What it shows, for those who do not see it."""
    caption: str


@dataclass(frozen=True, slots=True)
class FilmPictures:
    """The pictures of one film: as found and, if that can be shown, as corrected."""

    short_id: str
    pictures: Sequence[EncodedPicture]


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """The films of one class: how many, what becomes of them, and pictures of some."""

    label: str
    films: str
    words: str
    shown: Sequence[FilmPictures]


def class_sheet(found: FoundClass, *, with_pictures: bool) -> ClassSheet:
    """Return the sentences and pictures of one class of bad films on the page."""
    pictures = found.pictures if with_pictures else []
    shown = [_film(picture, found.called) for picture in pictures]
    return ClassSheet(found.called, counted(found.films), " ".join(_words(found)), shown)


def _words(found: FoundClass) -> Iterator[str]:
    yield f"{bases_in_words(found.by_basis)}."
    if found.corrected:
        passes = "passes" if found.corrected == 1 else "pass"
        yield f"{found.corrected:,} can be corrected, and then {passes} every detector."
    if found.refuted:
        yield (
            f"{found.refuted:,} could be corrected, but a detector objects: "
            f"{'it waits' if found.refuted == 1 else 'they wait'} for another look."
        )
    if found.pictures and len(found.pictures) < found.films:
        yield f"{len(found.pictures)} of {found.films:,} are shown, the first by their ids."


def _film(picture: Picture, label: str) -> FilmPictures:
    size = picture.width_px, picture.height_px
    film = f"film {picture.short_id}"
    shown = [_encoded(picture.found, size, f"{film} as found: {label}", "as found")]
    if picture.corrected is not None:
        size = size[::-1] if picture.turned else size
        shown.append(_encoded(picture.corrected, size, f"{film} as corrected", "as corrected"))
    return FilmPictures(picture.short_id, shown)


def _encoded(
    pixels: NDArray[np.uint8], size: tuple[int, int], what: str, caption: str
) -> EncodedPicture:
    width, height = _shown_size(*size)
    shown = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return EncodedPicture(
        base64.b64encode(encoded.tobytes()).decode(), width, height, what, caption
    )


def _shown_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return width and height in the proportions of the film, the longer side `LONGEST_PX`."""
    scale = LONGEST_PX / max(width_px, height_px)
    return (
        max(_SHORTEST_PX, round(width_px * scale)),
        max(_SHORTEST_PX, round(height_px * scale)),
    )
