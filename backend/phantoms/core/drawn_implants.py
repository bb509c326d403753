"""Draw metal implants on a film that has none: synthetic films whose answer is known.

They prove that a detector of metal learns, where no labelled films are at hand; how good it is on
real metal they do not tell. Places and sizes follow anatomy roughly: the body's midline and
shoulders are looked for, everything else hangs on them, in millimetres of a film of usual size.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import Image
from backend.phantoms.core import implant_shapes as shapes
from backend.phantoms.core.body_frame import BodyFrame
from backend.phantoms.core.metal_exposure import Exposure, exposed, transmission
from backend.phantoms.core.metal_pieces import Bar, Raster, total_depth

FINEST_MM = 0.25
"""Metal is drawn on pixels no larger than this, then reduced: a wire is a millimetre wide."""


USUAL_SHOULDER_MM = 35.0
"""The chest's shapes are placed for shoulders that begin so far below the film's upper edge."""
TRIES, MOSTLY = 12, 0.97
"""Implants are drawn anew, so often at most, until so much of them lies in the body."""


class BodyPart(StrEnum):
    """What the film shows; it decides what is implanted where."""

    CHEST = "chest"
    ABDOMEN = "abdomen"
    PELVIS = "pelvis"


HEIGHT_MM = {BodyPart.CHEST: 420.0, BodyPart.ABDOMEN: 430.0, BodyPart.PELVIS: 320.0}
"""How much of the body a film of usual size shows from top to bottom."""


class ImplantKind(StrEnum):
    """What is drawn."""

    RODS = "rods"
    """Along the spine, with screws in the vertebrae."""
    SCREWS = "screws"
    WIRES = "wires"
    """Of a breastbone that was opened."""
    CLIPS = "clips"
    LEADS = "leads"
    """Of a pacemaker, with the pacemaker."""
    PLATE = "plate"
    STEM = "stem"
    """Of an artificial hip or shoulder, with its ball."""


_Maker = Callable[[np.random.Generator], list[Bar]]
MAKERS: dict[BodyPart, dict[ImplantKind, _Maker]] = {
    BodyPart.CHEST: {
        ImplantKind.RODS: shapes.spinal_rods,
        ImplantKind.SCREWS: shapes.neck_or_shoulder_screws,
        ImplantKind.WIRES: shapes.sternal_wires,
        ImplantKind.CLIPS: shapes.chest_clips,
        ImplantKind.LEADS: shapes.pacemaker,
        ImplantKind.PLATE: shapes.collar_bone_plate,
        ImplantKind.STEM: shapes.shoulder_stem,
    },
    BodyPart.ABDOMEN: {
        ImplantKind.RODS: shapes.spinal_rods,
        ImplantKind.SCREWS: shapes.hip_screws_low,
        ImplantKind.CLIPS: shapes.belly_clips,
        ImplantKind.STEM: shapes.hip_stem_low,
    },
    BodyPart.PELVIS: {
        ImplantKind.SCREWS: shapes.hip_screws,
        ImplantKind.CLIPS: shapes.pelvic_clips,
        ImplantKind.STEM: shapes.hip_stem,
    },
}
"""What can be drawn on a film of each region."""


def with_implant(
    film: NDArray[Any], kind: ImplantKind, region: BodyPart, rng: np.random.Generator
) -> NDArray[Any]:
    """Return the film with an implant drawn on it; the film itself is left as it is.

    Args:
        film: upright, shape (height, width); whole numbers from 0 (black) to the largest of their
            kind, or fractions 0.0 to 1.0.
        kind: one of `MAKERS[region]`.
        region: what the film shows.
        rng: everything random comes from here; the same state draws the same.

    Returns:
        Of the same shape and type; pixels without metal are exactly the same.

    Raises:
        ValueError: such an implant does not belong there.
    """
    if kind not in MAKERS[region]:
        known = ", ".join(MAKERS[region])
        raise ValueError(f"expected one of {known} on a film of the {region}, got {kind}")
    whole = np.issubdtype(film.dtype, np.integer)
    white = float(np.iinfo(film.dtype).max) if whole else 1.0
    grey: Image = film.astype(np.float32) / np.float32(white)
    drawn = _drawn(grey, MAKERS[region][kind], region, rng)
    changed = np.rint(drawn * white) if whole else drawn
    return np.where(drawn != grey, changed, film).astype(film.dtype)


def _drawn(film: Image, make: _Maker, region: BodyPart, rng: np.random.Generator) -> Image:
    mm_per_px = HEIGHT_MM[region] / len(film)
    frame = BodyFrame.of(film, mm_per_px)
    row_px = 0.0
    if region is BodyPart.CHEST:
        row_px = frame.shoulder_px - USUAL_SHOULDER_MM / mm_per_px
    raster = Raster(len(film), film.shape[1], mm_per_px, frame.midline_px, row_px)
    pieces = _well_placed(make, raster, frame.inside, rng)
    times = max(1, int(np.ceil(mm_per_px / FINEST_MM)))
    through = transmission(total_depth(pieces, raster.finer(times)), times)
    return exposed(film, through, mm_per_px, Exposure.draw(rng), rng)


def _well_placed(
    make: _Maker, raster: Raster, inside: NDArray[np.bool_], rng: np.random.Generator
) -> list[Bar]:
    """Return the first of some implants that lies in the body, or that which does most."""
    best, most = make(rng), -1.0
    for _ in range(TRIES):
        pieces = make(rng)
        share = _share_inside(pieces, raster, inside)
        if share > most:
            best, most = pieces, share
        if share > MOSTLY:
            break
    return best


def _share_inside(pieces: list[Bar], raster: Raster, inside: NDArray[np.bool_]) -> float:
    """Return the share of the points of all paths that lie in the body, 0 to 1."""
    x, y = np.concatenate([piece.path for piece in pieces]).T / raster.mm_per_px
    columns = np.floor(x + raster.column_px).astype(np.intp)
    rows = np.floor(y + raster.row_px).astype(np.intp)
    on_film = (rows >= 0) & (rows < raster.height_px) & (columns >= 0) & (columns < raster.width_px)
    return float(inside[rows[on_film], columns[on_film]].sum() / len(x))
