"""A large archive out of a small one, with planted and naturally bad films: for label_efficiency.

330 films cannot hold one bad film in 2,000. So every film stands for several: slight tilts, crops
and exposures of it (synthetic), all of the same patient, who is either in the archive or in the
test. Features are those every head of radsieve uses; they are computed once and kept.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.backbone import backbone_name, load_backbone
from benchmarks.detectors.films.kinds_of_films import read_films

GOOD_LOOKS = 16
"""Films that one frontal film of the NIH stands for."""
SIDE, SKETCH = 256, 16
_LOOKS = {
    "frontal": GOOD_LOOKS,
    "rotated": 3,
    "inverted": 2,
    "zoomed": 1,
    "lateral": 6,
    "abdomen": 6,
    "child pelvis": 6,
    "hand": 1,
    "other hospital": 3,
    "low resolution": 1,
}
_FOLDERS = {
    "frontal": "nih_chest",
    "rotated": "nih_chest",
    "inverted": "nih_chest",
    "zoomed": "nih_chest",
    "lateral": "lateral_chest",
    "abdomen": "abdomen",
    "child pelvis": "pelvis_child",
    "hand": "hand_64px",
    "other hospital": "chest_covid chest_openi",
    "low resolution": "chest_64px",
}
_SEED = 7
_CODE = "2"
"""Raise it when the looks change."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Archive:
    """All films there are to draw from."""

    features: NDArray[np.float32]
    """Shape (films, width)."""
    sketches: Pixels
    """Shape (films, SKETCH * SKETCH)."""
    patients: NDArray[np.str_]
    kinds: NDArray[np.str_]


def load_archive(radiographs: Path, cache: Path) -> Archive:
    """Return every look of every film, from the cache where it is there.

    Args:
        radiographs: holds nih_chest/, lateral_chest/ and the other folders.
        cache: a folder; the file in it is named by the backbone and the looks.
    """
    name = hashlib.sha256(f"{backbone_name()} {_CODE} {_LOOKS}".encode()).hexdigest()[:12]
    path = cache / f"archive-{name}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = _make(radiographs)
        with path.with_suffix(".tmp").open("wb") as file:
            np.savez(file, **{key: getattr(made, key) for key in Archive.__annotations__})
        path.with_suffix(".tmp").replace(path)
    with np.load(path) as kept:
        return Archive(**{key: kept[key] for key in Archive.__annotations__})


def _make(radiographs: Path) -> Archive:
    films = read_films(radiographs.parent)
    backbone, rng = load_backbone("cpu"), np.random.default_rng(_SEED)
    features, sketches, patients, kinds = [], [], [], []
    for kind, folders in _FOLDERS.items():
        for place in np.flatnonzero(films.of(*folders.split())):
            seen = np.stack(
                [_look(films.thumbnails[place], kind, n, rng) for n in range(_LOOKS[kind])]
            )
            features.append(backbone.features(seen))
            small = [
                cv2.resize(one, (SKETCH, SKETCH), interpolation=cv2.INTER_AREA) for one in seen
            ]
            sketches.append(np.stack(small).reshape(len(seen), -1))
            patients += [films.patients[place]] * len(seen)
            kinds += [kind] * len(seen)
        print(f"{kind}: {kinds.count(kind)} films", flush=True)
    return Archive(
        np.concatenate(features), np.concatenate(sketches), np.array(patients), np.array(kinds)
    )


def _look(thumbnail: Pixels, kind: str, number: int, rng: np.random.Generator) -> Pixels:
    """Return one look of a film; the first of a film that is not spoilt is the film itself."""
    if kind == "zoomed":
        return _cropped(thumbnail, rng.uniform(0.4, 0.65), rng)
    if number == 0 and kind not in {"rotated", "inverted"}:
        return thumbnail
    turned = _exposed(_tilted(thumbnail, rng), rng)
    if kind == "rotated":
        return PixelChange(1 + number).apply(turned, white=255)
    return PixelChange(invert=True).apply(turned, white=255) if kind == "inverted" else turned


def _cropped(thumbnail: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    side = round(SIDE * share)
    top, left = rng.integers(0, SIDE - side + 1, 2)
    part = thumbnail[top : top + side, left : left + side]
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def _tilted(thumbnail: Pixels, rng: np.random.Generator) -> Pixels:
    tilt, zoom = rng.uniform(-4, 4), rng.uniform(1.0, 1.1)
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), tilt, zoom)
    matrix[:, 2] += rng.uniform(-8, 8, 2)
    return np.asarray(cv2.warpAffine(thumbnail, matrix, (SIDE, SIDE)), np.uint8)


def _exposed(thumbnail: Pixels, rng: np.random.Generator) -> Pixels:
    grey = (thumbnail / 255.0) ** rng.uniform(0.75, 1.35)
    return np.asarray(np.clip(grey * rng.uniform(0.85, 1.1) * 255, 0, 255), np.uint8)
