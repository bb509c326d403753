"""Draw metal anywhere on a film and return where it is: training material for place heads.

It lies anyhow, so that the network serves films of every part of the body; and the shapes are those
of real implants, so that it learns what metal looks like beside bone, markers and electrodes.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import Image
from backend.phantoms.core import implant_shapes as shapes
from backend.phantoms.core.body_frame import inside_body
from backend.phantoms.core.metal_exposure import Exposure, exposed, transmission
from backend.phantoms.core.metal_pieces import Bar, Points, Raster, total_depth

HEIGHT_MM = (300.0, 460.0)
"""How much of a body a film may show: nothing tells how large what it shows is."""
FINEST_MM = 0.45
MOST_IMPLANTS = 3
UPRIGHT_SHARE = 0.3
"""Of implants that lie as they would in a standing body; the others are turned anyhow."""
_MAKERS = (
    shapes.spinal_rods,
    shapes.sternal_wires,
    shapes.sternal_wires,
    shapes.chest_clips,
    shapes.chest_clips,
    shapes.pacemaker,
    shapes.collar_bone_plate,
    shapes.neck_or_shoulder_screws,
    shapes.shoulder_stem,
    shapes.hip_stem,
)
"""The finest come twice: they are the hardest to see."""


def with_scattered_metal(film: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw one to three implants anywhere in the body.

    Args:
        film: shape (height, width), 0.0 (black) to 1.0 (white); left as it is.
        rng: everything random comes from here.

    Returns:
        The film with metal, and for every pixel the share of the beam that metal holds back there,
        0.0 (none) to 1.0; both of the film's shape.
    """
    mm_per_px = rng.uniform(*HEIGHT_MM) / len(film)
    rows, columns = np.nonzero(inside_body(film))
    places = np.stack([columns, rows], axis=1) * mm_per_px
    pieces: list[Bar] = []
    for _ in range(int(rng.integers(1, MOST_IMPLANTS + 1))):
        made = _MAKERS[int(rng.integers(len(_MAKERS)))](rng)
        pieces += moved(made, _any_turn(rng), places[int(rng.integers(len(places)))])
    raster = Raster(len(film), film.shape[1], mm_per_px, column_px=0.0)
    times = max(1, int(np.ceil(mm_per_px / FINEST_MM)))
    through = transmission(total_depth(pieces, raster.finer(times)), times)
    return exposed(film, through, mm_per_px, Exposure.draw(rng), rng), 1 - through


def moved(pieces: Sequence[Bar], turn: NDArray[np.float64], middle: Points) -> list[Bar]:
    """Return pieces turned about their middle, which is then put elsewhere.

    Args:
        pieces: of one implant.
        turn: shape (2, 2), a rotation or a reflection.
        middle: shape (2,), millimetres.

    >>> bar = Bar(np.array([[0.0, 0.0], [2.0, 0.0]]), 1.0)
    >>> moved([bar], np.array([[0.0, -1.0], [1.0, 0.0]]), np.array([5.0, 5.0]))[0].path.tolist()
    [[5.0, 4.0], [5.0, 6.0]]
    """
    centre = np.concatenate([piece.path for piece in pieces]).mean(axis=0)
    return [
        replace(
            piece,
            path=(piece.path - centre) @ turn.T + middle,
            facing=None if piece.facing is None else tuple(turn @ piece.facing),
        )
        for piece in pieces
    ]


def _any_turn(rng: np.random.Generator) -> NDArray[np.float64]:
    upright = rng.random() < UPRIGHT_SHARE
    angle = rng.normal(0, 0.15) if upright else rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.diag([float(rng.choice([-1, 1])), 1.0]))
