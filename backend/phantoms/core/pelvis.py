"""Phantom pelvis radiographs with known hip boxes, drawn from random numbers; no patient's film.

They show how the number of boxes matters to a detector, and that it learns at all. How good it is
on people's films they do not tell.

Coordinates are those of the patient: x to the viewer's right, y down, the unit being the distance
between the inner ends of the two sockets' roofs, the origin half way between them.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.base.core.detector_task import Image
from backend.labels.core.box import LabelledBox
from backend.phantoms.core.chest import Field, blob, developed, edge, grainy
from backend.phantoms.core.hip_region import hip_boxes

SIDES = (-1, 1)


@dataclass(frozen=True, slots=True)
class _Pose:
    """How the patient lies on the film."""

    middle_px: NDArray[np.float64]
    unit_px: float
    turn: NDArray[np.float64]
    """Shape (2, 2): from the patient's axes to the film's."""

    @classmethod
    def draw(cls, size_px: tuple[int, int], rng: np.random.Generator) -> Self:
        """Return a random pose on a film of this width and height; the ranges were set by eye."""
        tilt = np.radians(rng.normal(0, 4))
        turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
        middle = np.array(size_px) * [rng.uniform(0.42, 0.58), rng.uniform(0.34, 0.52)]
        return cls(middle, float(size_px[0] * rng.uniform(0.32, 0.50)), turn)

    def on_film(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where a point of the patient lies, in pixels."""
        return np.asarray(self.middle_px + self.unit_px * self.turn @ point)

    def of_patient(self, size_px: tuple[int, int]) -> tuple[Field, Field]:
        """Return the patient's x and y of every pixel, each of shape (height, width)."""
        columns, rows = np.meshgrid(*(np.arange(side, dtype=np.float64) for side in size_px))
        away = np.stack([columns - self.middle_px[0], rows - self.middle_px[1]]) / self.unit_px
        x, y = np.tensordot(self.turn.T, away, axes=1).astype(np.float32)
        return x, y


@dataclass(frozen=True, slots=True)
class _Hip:
    """One hip joint and its bones."""

    inner: NDArray[np.float64]
    """Inner end of the socket's roof; so is `outer`."""
    outer: NDArray[np.float64]
    head: NDArray[np.float64]
    """Middle of the femoral head."""
    radius: float
    knee: NDArray[np.float64]
    """Where the shaft of the femur is heading."""

    @classmethod
    def draw(cls, side: int, rng: np.random.Generator) -> Self:
        """Return a random hip; left and right of a patient differ, as they do in dysplasia."""
        width, steep = rng.uniform(0.15, 0.21), np.radians(rng.uniform(15, 38))
        inner = np.array([0.5 * side, rng.normal(0, 0.012)])
        outer = inner + width * np.array([side * np.cos(steep), -np.sin(steep)])
        slipped = np.abs(rng.normal(0, 0.03, 2)) * [side, 1]
        head = (inner + outer) / 2 + [0.01 * side, 0.13] + slipped
        knee = np.array([side * rng.uniform(0.55, 0.95), 1.8])
        return cls(inner, outer, head, float(rng.uniform(0.07, 0.10)), knee)


def pelvis_phantom(rng: np.random.Generator, size_px: int = 256) -> tuple[Image, list[LabelledBox]]:
    """Return an upright pelvis phantom and the boxes around its hips.

    Args:
        rng: everything random comes from here; the same state gives the same film.
        size_px: height; the width differs from it by up to a seventh.

    Returns:
        The film, shape (height, width), 0.0 to 1.0, and its boxes by `phantoms.core.hip_region`.
    """
    size = round(size_px * rng.uniform(0.86, 1.14)), size_px
    pose, hips = _Pose.draw(size, rng), [_Hip.draw(side, rng) for side in SIDES]
    attenuation = _attenuation(hips, *pose.of_patient(size), rng)
    blurred = ndimage.gaussian_filter(attenuation, rng.uniform(0.3, 1.2))
    film = grainy(developed(np.asarray(blurred, np.float32), rng), rng)
    roofs = [(pose.on_film(hip.outer), pose.on_film(hip.inner)) for hip in hips]
    return film, hip_boxes((roofs[0], roofs[1]), size)


def _attenuation(hips: list[_Hip], x: Field, y: Field, rng: np.random.Generator) -> Field:
    bones = _sacrum(x, y)
    for side, hip in zip(SIDES, hips, strict=True):
        bones = bones + _hip_bone(side, hip, x, y) + _femur(hip, x, y)
    bowel = ndimage.gaussian_filter(rng.standard_normal(x.shape, np.float32), 0.03 * len(x))
    gas = 2.0 * bowel * edge(0.1 - y, 0.2)
    return np.asarray(_body(x, y) * (0.9 + gas) + rng.uniform(0.35, 0.6) * bones, np.float32)


def _body(x: Field, y: Field) -> Field:
    """Return thickness: hips, then two thighs."""
    trunk = np.sqrt(np.maximum(1.05 - x * x, 0)) * edge(0.55 - y, 0.3)
    thighs = np.sqrt(np.maximum(0.20 - (np.abs(x) - 0.55) ** 2, 0)) * 1.6 * edge(y - 0.25, 0.3)
    return np.asarray(np.maximum(trunk, thighs), np.float32)


def _sacrum(x: Field, y: Field) -> Field:
    tail = blob(x, y, (0.0, -0.35), (0.20, 0.36))
    spine = edge(0.14 - np.abs(x), 0.03) * edge(-0.5 - y, 0.05)
    return np.asarray(np.maximum(0.8 * tail, spine), np.float32)


def _hip_bone(side: int, hip: _Hip, x: Field, y: Field) -> Field:
    """Return wing, roof of the socket, pubis and ischium of one side."""
    wing = blob(x, y, (0.56 * side, -0.36), (0.22, 0.30))
    roof = _bar(x, y, (hip.inner, hip.outer), 0.035)
    pubis = _bar(x, y, (hip.inner + np.array([0, 0.08]), np.array([0.06 * side, 0.28])), 0.035)
    ischium = _bar(x, y, (hip.inner + np.array([0, 0.06]), np.array([0.36 * side, 0.42])), 0.05)
    return np.asarray(np.max([0.8 * wing, 1.2 * roof, 0.8 * pubis, ischium], axis=0))


def _femur(hip: _Hip, x: Field, y: Field) -> Field:
    side = np.sign(hip.head[0])
    knee_of_neck = hip.head + np.array([0.13 * side, 0.20])
    head = blob(x, y, (float(hip.head[0]), float(hip.head[1])), (hip.radius, hip.radius))
    neck = _bar(x, y, (hip.head, knee_of_neck), 0.055)
    shaft = _bar(x, y, (knee_of_neck, hip.knee), 0.085)
    marrow = _bar(x, y, (knee_of_neck + np.array([0, 0.08]), hip.knee), 0.045)
    return np.asarray(np.max([head, 0.9 * neck, 1.1 * shaft - 0.4 * marrow], axis=0))


def _bar(
    x: Field, y: Field, ends: tuple[NDArray[np.float64], NDArray[np.float64]], radius: float
) -> Field:
    """Return 1 within a radius of the line between two points, softly 0 outside."""
    start, along = ends[0], ends[1] - ends[0]
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (along @ along)
    share = np.clip(share, 0, 1)
    away = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    return edge(np.asarray(radius - away, np.float32), 0.015)
