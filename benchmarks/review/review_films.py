"""Films for a scripted reviewer: a small archive of real films, some turned, with known answers.

The archive is indexed and its review pictures are made by radsieve itself, so that the browser
fetches what it would fetch in a review.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.pixels.film_reader import picture_at
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.review.loop.studio.pictures import large_url, make_review_pictures, thumb_url

_SUFFIXES = {".png", ".jpg", ".jpeg"}
_FILM_PX = 1024
"""Longest side of a film in the archive; none is enlarged."""
_CUT_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class ShownFilm:
    """A film as the reviewer meets it, and what it truly is."""

    radiograph_id: str
    label: str
    """One of the detector task's; not the expected label for an exception."""
    thumb_url: str
    large_url: str


@dataclass(frozen=True, slots=True)
class Material:
    """The films of one run."""

    films: tuple[ShownFilm, ...]
    """In the order in which they are shown."""
    exceptions: frozenset[str]
    """Ids of the films that are not what their sheet says."""
    described: str
    """Which films these are, in words."""

    def first(self, count: int) -> "Material":
        """Return the first films and the exceptions among them."""
        films = self.films[:count]
        ids = {film.radiograph_id for film in films}
        return Material(films, self.exceptions & ids, self.described)


def make_material(
    workspace: Workspace, source: Path, task: DetectorTask, *, count: int, exceptions: int
) -> Material:
    """Return `count` pictures of the films below a folder, some turned, ready to be served.

    Where the folder holds fewer films, each is shown again with another edge cut off. Large files
    are taken first.

    Args:
        workspace: where the archive is indexed and the pictures are made.
        source: searched to the bottom for PNG and JPEG files.
        task: says how an exception is made out of an upright film.
        count: pictures in all.
        exceptions: so many of them are turned, spread at random by a fixed seed.
    """
    paths = _distinct(_largest_first(source))[:count]
    labels = _labels(task, count, exceptions)
    folder = workspace.root / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    for number, (pixels, label) in enumerate(zip(_pictures(paths, count), labels, strict=True)):
        turned = task.made_by[label].apply(pixels, 255)
        cv2.imwrite(str(folder / f"{number:04d}.png"), turned, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    index(workspace, [folder])
    ids = {int(Path(film.path).stem): film.radiograph_id for film in films(workspace.database)}
    make_review_pictures(workspace.database, workspace.review, ids.values())
    shown = tuple(_shown(ids[number], label) for number, label in enumerate(labels))
    out = frozenset(film.radiograph_id for film in shown if film.label != task.expected_label)
    return Material(shown, out, _described(paths, count, exceptions))


def _shown(radiograph_id: str, label: str) -> ShownFilm:
    return ShownFilm(radiograph_id, label, thumb_url(radiograph_id), large_url(radiograph_id))


def _largest_first(source: Path) -> list[Path]:
    found = [path for path in sorted(source.rglob("*")) if path.suffix.lower() in _SUFFIXES]
    return sorted(found, key=lambda path: -path.stat().st_size)


def _distinct(paths: list[Path]) -> list[Path]:
    """Leave out copies: a film that comes twice is one film."""
    seen: dict[bytes, Path] = {}
    for path in paths:
        seen.setdefault(hashlib.sha256(_film(path).tobytes()).digest(), path)
    return list(seen.values())


def _labels(task: DetectorTask, count: int, exceptions: int) -> list[str]:
    others = [label for label in task.labels if label != task.expected_label]
    labels = [task.expected_label] * count
    places = np.random.default_rng(7).choice(count, exceptions, replace=False)
    for turn, place in enumerate(places):
        labels[place] = others[turn % len(others)]
    return labels


def _pictures(paths: list[Path], count: int) -> Iterator[NDArray[np.uint8]]:
    for number in range(count):
        again, which = divmod(number, len(paths))
        yield _cut(_film(paths[which]), again)


def _film(path: Path) -> NDArray[np.uint8]:
    return picture_at(path.read_bytes(), path.name, _FILM_PX)


def _cut(pixels: NDArray[np.uint8], again: int) -> NDArray[np.uint8]:
    """Return the film without a strip at one edge, another edge or more of it each time."""
    if not again:
        return pixels
    share = _CUT_SHARE * ((again - 1) // 4 + 1)
    strip = max(1, round(share * min(pixels.shape)))
    whole = slice(None)
    rows, columns = (
        (slice(strip, None), whole),
        (whole, slice(strip, None)),
        (slice(None, -strip), whole),
        (whole, slice(None, -strip)),
    )[(again - 1) % 4]
    return np.ascontiguousarray(pixels[rows, columns])


def _described(paths: list[Path], count: int, exceptions: int) -> str:
    sides = [max(_film(path).shape) for path in paths]
    small, large = min(sides), max(sides)
    size = f"{large} px" if small == large else f"{small} to {large} px"
    again = (
        "" if len(paths) == count else f" shown as {count} pictures (again with an edge cut off)"
    )
    return (
        f"{len(paths)} distinct films, longest side {size}{again}; {exceptions} of the {count} "
        "turned by 90, 180 or 270 degrees"
    )
