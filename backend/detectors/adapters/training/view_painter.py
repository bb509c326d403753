"""Apply random views and made changes to the pixels of many films at once."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from backend.detectors.core.augment import Changes, Views

_COSINE = np.array([1.0, 0.0, -1.0, 0.0])
_SINE = np.array([0.0, 1.0, 0.0, -1.0])


OVERSAMPLING = 2


def paint(films: Tensor, looks: Views, changes: Changes) -> Tensor:
    """Return each film in its view, then changed, at half its side.

    A film painted as it is comes out as its exact area mean, turned or not: each point that is
    looked up lies between four pixels.

    Args:
        films: shape (films, 1, 2 * side, 2 * side), 0.0 (black) to 1.0 (white).
        looks: one per film.
        changes: one per film.

    Returns:
        Shape (films, 1, side, side), 0.0 to 1.0.
    """
    side = films.shape[-1] // OVERSAMPLING
    grid = functional.affine_grid(
        _tensor(_seen_from(looks, changes), films), [len(films), 1, side, side], align_corners=False
    )
    border = _per_film(looks.border, films)
    moved = functional.grid_sample(films - border, grid, align_corners=False) + border
    exposed = moved.clamp(0, 1) ** _per_film(looks.gamma, films)
    exposed = exposed * _per_film(looks.gain, films) + _per_film(looks.offset, films)
    invert = _per_film(changes.invert, films)
    return invert + (1 - 2 * invert) * exposed.clamp(0, 1)


def _seen_from(looks: Views, changes: Changes) -> NDArray[np.float64]:
    """Return where each painted pixel comes from: shape (films, 2, 3), torch's axes (-1 to 1)."""
    tilt = np.radians(looks.tilt_ccw_degrees)
    undo_look = _mirrored(looks.mirror) @ _turned_back(np.cos(tilt), np.sin(tilt))
    undo_look /= looks.zoom[:, None, None]
    undo_change = _mirrored(changes.mirror) @ _turned_back(
        _COSINE[changes.turns_ccw], _SINE[changes.turns_ccw]
    )
    shift = 2 * np.stack([looks.shift_right, looks.shift_down], axis=1)[:, :, None]
    return np.concatenate([undo_look @ undo_change, -undo_look @ shift], axis=2)


def _turned_back(cosine: NDArray[np.float64], sine: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rows point down, so this is the mirror image of the matrix in the books.
    rows = [[cosine, -sine], [sine, cosine]]
    return np.moveaxis(np.array(rows), -1, 0)


def _mirrored(mirror: NDArray[np.bool_]) -> NDArray[np.float64]:
    across = np.where(mirror, -1.0, 1.0)
    nothing = np.zeros_like(across)
    rows = [[across, nothing], [nothing, np.ones_like(across)]]
    return np.moveaxis(np.array(rows), -1, 0)


def _tensor(values: NDArray[np.generic], like: Tensor) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(like.device)


def _per_film(values: NDArray[np.generic], like: Tensor) -> Tensor:
    return _tensor(values, like).view(-1, 1, 1, 1)
