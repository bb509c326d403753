"""Phantom chest radiographs, drawn from random numbers; no patient's film.

They serve the demo and the tests. What matters is that a film has an up, a side and a polarity:
neck above, abdomen below, heart to the viewer's right, bright bone on dark lung. Nothing here is
good for measuring a detector that is meant for people's films.

Distances: `u` is sideways in half film widths (-1 the viewer's left edge, 0 the midline), `v`
downwards in film heights (0 to 1). Brightness is built as attenuation and then exposed.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from backend.base.core.detector_task import Image

Field = NDArray[np.floating]

_DRAWN_SHARE = 0.5
"""Anatomy is drawn this much smaller and stretched: only the grain needs every pixel."""


@dataclass(frozen=True, slots=True)
class PhantomAnatomy:
    """What all films of one phantom patient share."""

    width: float
    """Half width of the chest, in half film widths."""
    apex: float
    """Where the lungs begin, in film heights; the next one is where they end."""
    base: float
    heart: float
    """Half width of the heart, in half film widths."""
    rib_pitch: float
    rib_slope: float
    muscle: float
    """How much the soft tissue attenuates; 1 is usual."""
    breast: float
    """0 for none."""
    gas: float
    """Radius of the gastric bubble, in half film widths; 0 for none."""
    vessels_seed: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Self:
        """Return a random anatomy; the ranges were set by eye."""
        return cls(
            width=rng.uniform(0.76, 0.90),
            apex=rng.uniform(0.11, 0.16),
            base=rng.uniform(0.74, 0.82),
            heart=rng.uniform(0.27, 0.38),
            rib_pitch=rng.uniform(0.072, 0.088),
            rib_slope=rng.uniform(0.06, 0.16),
            muscle=rng.uniform(0.85, 1.2),
            breast=float(rng.random() < 0.5) * rng.uniform(0.12, 0.3),
            gas=float(rng.random() < 0.6) * rng.uniform(0.10, 0.17),
            vessels_seed=int(rng.integers(2**32)),
        )


def chest_phantom(rng: np.random.Generator, size_px: int = 512) -> Image:
    """Return an upright, positive, unmirrored frontal chest phantom.

    Args:
        rng: everything random comes from here; the same state gives the same film.
        size_px: height; the width differs from it by up to a seventh.

    Returns:
        Shape (height, width), float32, 0.0 to 1.0.
    """
    return expose(PhantomAnatomy.draw(rng), rng, size_px)


def expose(anatomy: PhantomAnatomy, rng: np.random.Generator, size_px: int = 512) -> Image:
    """Return one film of a phantom patient: position, exposure, noise and borders vary.

    Raises:
        ValueError: the film would be smaller than 16 px.
    """
    if size_px < 16:
        raise ValueError(f"a phantom needs at least 16 px, got {size_px}")
    shape = (size_px, round(size_px * rng.uniform(0.86, 1.14)))
    drawn = (round(_DRAWN_SHARE * shape[0]), round(_DRAWN_SHARE * shape[1]))
    attenuation = _attenuation(anatomy, *_frame(drawn, rng))
    bright = developed(_tilted(attenuation, rng.uniform(-4, 4)), rng)
    film = grainy(_stretched(bright, shape), rng)
    return _collimated(film, rng) if rng.random() < 0.4 else film


def _frame(shape: tuple[int, int], rng: np.random.Generator) -> tuple[Field, Field]:
    """Return u, shape (1, width), and v, shape (height, 1), of a patient not quite centred."""
    zoom = rng.uniform(0.94, 1.06)
    u = np.linspace(-1, 1, shape[1], dtype=np.float32)[None] / zoom + rng.uniform(-0.05, 0.05)
    v = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None] / zoom + rng.uniform(-0.03, 0.03)
    return np.asarray(u, np.float32), np.asarray(v, np.float32)


def _attenuation(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    body = _body(anatomy, u, v)
    lungs = _lungs(anatomy, u, v) * (1 - 0.85 * _heart(anatomy, u, v))
    bones = _ribs(anatomy, u, v) * (0.45 + 0.55 * lungs) + _clavicles(u, v) + _spine(u, v)
    soft = body * anatomy.muscle * (1 - 0.80 * lungs) + _below(anatomy, u, v)
    soft += (_breasts(anatomy, u, v) + _vessels(anatomy, u, v)) * lungs
    return np.asarray(body.clip(0, 1) * (soft + bones), np.float32)


def edge(distance: Field, softness: float) -> Field:
    """Return 0 to 1 across a soft edge; `distance` is positive inside."""
    ramp = (distance * np.float32(0.35 / softness) + np.float32(0.5)).clip(0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def _row(v: Field, heights: list[float], values: list[float]) -> Field:
    """Return a smooth function of height, shape (height, 1)."""
    rough = np.interp(v[:, 0], heights, values)
    smooth = ndimage.gaussian_filter1d(rough, 0.02 * len(v), mode="nearest")
    return np.asarray(smooth[:, None], np.float32)


def blob(u: Field, v: Field, centre: tuple[float, float], radii: tuple[float, float]) -> Field:
    """Return a disc with a soft rim: 1 inside, 0 outside."""
    squared = ((u - centre[0]) / radii[0]) ** 2 + ((v - centre[1]) / radii[1]) ** 2
    return edge(1 - squared, 0.24)


def _body(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return thickness: neck, shoulders that leave the film, chest, then the wider abdomen."""
    wide = anatomy.width
    heights = [0.0, 0.05, 0.15, 0.26, 0.38, 0.75, 1.0]
    half_width = _row(v, heights, [0.30, 0.36, 1.12, 1.25, wide + 0.12, wide + 0.08, wide + 0.1])
    inside = np.maximum(half_width**2 - u * u, 0)
    return np.asarray(np.sqrt(np.minimum(inside, 0.25)) * 1.4, np.float32)


def _lungs(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return how much of the way is air, 0 to 1."""
    top, low, wide = anatomy.apex, anatomy.base, anatomy.width
    heights = [top - 0.03, top, top + 0.06, top + 0.18, low - 0.1, low + 0.15]
    outer = _row(v, heights, [0.20, 0.36, 0.55, wide - 0.12, wide, wide + 0.02])
    inner = _row(v, [0.0, 0.25, 0.4, 0.6, 0.9], [0.13, 0.12, 0.17, 0.16, 0.14])
    apart = np.abs(u)
    open_above = edge(_dome(anatomy, u) - v, 0.012) * edge(v - top + 0.01, 0.012)
    return edge(outer - apart, 0.03) * edge(apart - inner, 0.03) * open_above


def _dome(anatomy: PhantomAnatomy, u: Field) -> Field:
    """Return the height of the diaphragm; the liver lifts it on the viewer's left."""
    lifted = anatomy.base - 0.105 + 0.035 * edge(u, 0.12)
    return np.asarray(lifted + 0.42 * (np.abs(u) - 0.38) ** 2, np.float32)


def _below(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return the abdomen: dense, with a bubble of gas under the viewer's right dome."""
    dense = 0.55 * edge(v - _dome(anatomy, u), 0.02)
    if not anatomy.gas:
        return np.asarray(dense, np.float32)
    centre = (0.40, anatomy.base + 0.035)
    bubble = blob(u, v, centre, (anatomy.gas, 0.35 * anatomy.gas))
    return np.asarray(dense - 0.75 * bubble, np.float32)


def _heart(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return heart, great vessels and hila, 0 to 1; most lies to the viewer's right."""
    size = anatomy.heart
    slanted = v - 0.30 * u
    heart = blob(u, slanted, (0.55 * size, anatomy.base - 0.21), (size, 0.17))
    atrium = blob(u, v, (-0.12, anatomy.base - 0.15), (0.15, 0.13))
    knob = blob(u, v, (0.13, anatomy.apex + 0.19), (0.10, 0.05))
    hila = blob(np.abs(u), v, (0.20, anatomy.apex + 0.29), (0.10, 0.07))
    shadows = np.maximum(np.maximum(heart, 0.9 * atrium), np.maximum(0.6 * knob, 0.25 * hila))
    return np.asarray(shadows, np.float32)


def _breasts(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    if not anatomy.breast:
        return np.zeros((1, 1), np.float32)
    centre = (0.47, anatomy.base - 0.13)
    return np.asarray(anatomy.breast * blob(np.abs(u), v, centre, (0.34, 0.16)), np.float32)


def _ribs(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return two sets of curved bands: behind, falling outwards; in front, falling inwards."""
    apart = np.abs(u)
    cage = edge(anatomy.width + 0.06 - apart, 0.02) * edge(v - anatomy.apex + 0.03, 0.02)
    cage = cage * edge(anatomy.base + 0.12 - v, 0.05)
    behind = v - anatomy.rib_slope * np.sin(2.4 * apart) + 0.10 * apart**4
    front = v + 0.34 * (apart - 0.15) - 0.25 * apart**3
    bands = 0.20 * _bands(behind, anatomy.rib_pitch) * edge(apart - 0.07, 0.03)
    bands += 0.09 * _bands(front, 1.15 * anatomy.rib_pitch) * edge(apart - 0.28, 0.06)
    return np.asarray(bands * cage, np.float32)


def _bands(height: Field, pitch: float) -> Field:
    """Return bands of bone with a bright cortex, one per pitch."""
    wave = np.cos((2 * np.pi / pitch) * height)
    return edge(wave - 0.1, 0.15) * (1 - 0.35 * edge(wave - 0.7, 0.2))


def _clavicles(u: Field, v: Field) -> Field:
    """Return both collar bones and the heads of the upper arms."""
    apart = np.abs(u)
    course = 0.205 - 0.10 * apart + 0.035 * np.sin(7 * apart)
    bone = edge(0.018 - np.abs(v - course), 0.006) * edge(apart - 0.09, 0.015)
    arms = blob(apart, v, (1.02, 0.19), (0.20, 0.09))
    return np.asarray(0.28 * bone * edge(0.85 - apart, 0.02) + 0.30 * arms, np.float32)


def _spine(u: Field, v: Field) -> Field:
    """Return the vertebrae with their discs, and the airway, which is dark, in front of them."""
    half_width = 0.085 + 0.03 * v
    discs = 0.82 + 0.18 * edge(np.cos(2 * np.pi * v / 0.062) + 0.6, 0.3)
    column = 0.34 * edge(half_width - np.abs(u), 0.015) * discs
    airway = edge(0.045 - np.abs(u + 0.01), 0.012) * edge(0.34 - v, 0.02)
    return np.asarray(column - 0.33 * airway, np.float32)


def _vessels(anatomy: PhantomAnatomy, u: Field, v: Field) -> Field:
    """Return branching-looking texture that thins out away from the hila."""
    rng = np.random.default_rng(anatomy.vessels_seed)
    coarse = ndimage.gaussian_filter(rng.standard_normal((96, 96), np.float32), 1.1)
    # The zero crossings of smooth noise are thin connected lines, like vessels.
    lines = np.exp(-((coarse / np.float32(0.05)) ** 2)) + 0.6 * coarse
    spread = _read(lines, 95 * v[:, 0], 47.5 * (u[0] + 1))
    near = np.exp(-2.2 * np.abs(np.abs(u) - 0.2)) * np.exp(-7 * (v - 0.48) ** 2)
    return np.asarray(0.16 * spread * near, np.float32)


def _read(grid: Field, rows: Field, columns: Field) -> Field:
    """Return the grid at every pair of row and column, between its points linearly."""
    return _read_rows(_read_rows(grid, rows).T, columns).T


def _read_rows(grid: Field, rows: Field) -> Field:
    places = rows.clip(0, len(grid) - 1.001)
    first = places.astype(np.intp)
    share = (places - first).astype(np.float32)[:, None]
    return np.asarray(grid[first] * (1 - share) + grid[first + 1] * share, np.float32)


def _tilted(drawing: Field, degrees: float) -> Field:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    middle = (np.array(drawing.shape) - 1) / 2
    turned = ndimage.affine_transform(
        drawing, turn, middle - turn @ middle, order=1, mode="nearest", prefilter=False
    )
    return np.asarray(turned, np.float32)


def _stretched(drawing: Field, shape: tuple[int, int]) -> Field:
    rows, columns = (
        np.linspace(0, drawn - 1, wanted, dtype=np.float32)
        for drawn, wanted in zip(drawing.shape, shape, strict=True)
    )
    return _read(drawing, rows, columns)


def developed(attenuation: Field, rng: np.random.Generator) -> Field:
    """Turn attenuation into grey values: dose, gamma and scatter."""
    dose, gamma = rng.uniform(1.0, 1.7), rng.uniform(0.8, 1.35)
    bright = 1 - np.exp(-np.float32(dose) * attenuation)
    bright = (bright / bright.max()).clip(0, 1) ** np.float32(gamma)
    low, high = rng.uniform(0.0, 0.10), rng.uniform(0.82, 1.0)
    return np.asarray(low + (high - low) * bright, np.float32)


def grainy(film: Field, rng: np.random.Generator) -> Image:
    """Add the grain of film and quanta, of a random strength."""
    grain = rng.standard_normal(film.shape, np.float32)
    return np.asarray((film + np.float32(rng.uniform(0.006, 0.03)) * grain).clip(0, 1))


def _collimated(film: Image, rng: np.random.Generator) -> Image:
    """Return the film with black borders on some sides."""
    height, width = film.shape
    depths = rng.uniform(0.01, 0.07, 4) * (rng.random(4) < 0.6)
    top, bottom = round(depths[0] * height), height - round(depths[1] * height)
    left, right = round(depths[2] * width), width - round(depths[3] * width)
    bordered = np.zeros_like(film)
    bordered[top:bottom, left:right] = film[top:bottom, left:right]
    return bordered
