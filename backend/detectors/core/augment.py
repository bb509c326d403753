"""Draw the random changes of a training view; `view_painter` applies them to pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import Augmentation, DetectorTask
from backend.base.core.pixel_change import PixelChange
from backend.base.core.task_kinds import made_labels

MAX_TILT_DEGREES = 10.0
ZOOM = (0.75, 1.15)
MAX_SHIFT = 0.12
GAMMA = (0.5, 2.0)
GAIN = (0.7, 1.3)
MAX_OFFSET = 0.15
# A detector trained elsewhere failed on upright films that were washed out or zoomed out.
WIDE_BORDER_SHARE = 0.15
WIDE_BORDER_ZOOM = (0.5, 0.75)
WASHED_OUT_SHARE = 0.15
WASHED_OUT_GAIN = (0.2, 0.5)
AS_IT_IS_SHARE = 0.2
EXPECTED_SHARE = 0.5

_Drawn = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Views:
    """One random view per film; every array has shape (films,).

    Painted in this order: mirror, tilt, zoom, shift, then grey `gain * grey ** gamma + offset`.
    """

    mirror: NDArray[np.bool_]
    tilt_ccw_degrees: NDArray[np.float64]
    zoom: NDArray[np.float64]
    """Above 1 the film looks larger."""
    shift_right: NDArray[np.float64]
    """As a share of the side; so is `shift_down`."""
    shift_down: NDArray[np.float64]
    border: NDArray[np.float64]
    """Grey of what lies outside the film, 0.0 (black) to 1.0 (white)."""
    gamma: NDArray[np.float64]
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Changes:
    """One `PixelChange` per film, as arrays of shape (films,)."""

    turns_ccw: NDArray[np.int64]
    mirror: NDArray[np.bool_]
    invert: NDArray[np.bool_]


def allowed_for_all(family: Sequence[DetectorTask]) -> frozenset[Augmentation]:
    """Return the augmentations that leave the label of every one of these tasks true."""
    return frozenset(Augmentation).intersection(*(made_labels(task).label_safe for task in family))


def merged_change(changes: Sequence[PixelChange]) -> PixelChange:
    """Return one change for a film that has several problems at once.

    A mirrored film that is turned is mirrored first, in whichever order the tasks are named.

    >>> merged_change([PixelChange(turns_ccw=1), PixelChange(mirror=True)])
    PixelChange(turns_ccw=1, mirror=True, invert=False)
    """
    return PixelChange(
        sum(change.turns_ccw for change in changes) % 4,
        sum(change.mirror for change in changes) % 2 == 1,
        sum(change.invert for change in changes) % 2 == 1,
    )


def draw_labels(task: DetectorTask, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a label per film: half are expected, the other labels share the other half evenly.

    Returns:
        Shape (count,), positions in `task.labels`.
    """
    expected = task.labels.index(task.expected_label)
    others = np.array([index for index in range(len(task.labels)) if index != expected])
    drawn = others[rng.integers(len(others), size=count)]
    return np.where(rng.random(count) < EXPECTED_SHARE, expected, drawn)


def changes_for(family: Sequence[DetectorTask], labels: Sequence[NDArray[np.int64]]) -> Changes:
    """Return the pixel changes that turn correct films into films of these labels.

    Args:
        family: detector tasks with made labels.
        labels: one array of shape (films,) per task, positions in its `labels`.
    """
    count = len(labels[0])
    turns, mirror, invert = (np.zeros(count, dtype=np.int64) for _ in range(3))
    for task, chosen in zip(family, labels, strict=True):
        made = [task.made_by[label] for label in task.labels]
        turns += np.array([change.turns_ccw for change in made])[chosen]
        mirror += np.array([change.mirror for change in made])[chosen]
        invert += np.array([change.invert for change in made])[chosen]
    return Changes(turns % 4, mirror % 2 == 1, invert % 2 == 1)


def draw_views(count: int, allowed: frozenset[Augmentation], rng: np.random.Generator) -> Views:
    """Draw a view per film; a change that is not allowed keeps its neutral value.

    One film in five stays unchanged, so that the network also learns from films as the archive has
    them.
    """
    drawn = _as_they_are(count)
    if Augmentation.FLIP_LEFT_RIGHT in allowed:
        drawn["mirror"] = rng.random(count) < 0.5
    if Augmentation.SMALL_TILT in allowed:
        drawn["tilt_ccw_degrees"] = rng.uniform(-MAX_TILT_DEGREES, MAX_TILT_DEGREES, count)
    if Augmentation.ZOOM_AND_SHIFT in allowed:
        drawn |= _zoom_and_shift(count, rng)
    if Augmentation.EXPOSURE in allowed:
        drawn |= _exposure(count, rng)
    untouched, neutral = rng.random(count) < AS_IT_IS_SHARE, _as_they_are(count)
    return Views(**{name: np.where(untouched, neutral[name], drawn[name]) for name in drawn})


def _as_they_are(count: int) -> _Drawn:
    zeros = ("tilt_ccw_degrees", "shift_right", "shift_down", "border", "offset")
    ones = ("zoom", "gamma", "gain")
    neutral: _Drawn = {"mirror": np.zeros(count, dtype=np.bool_)}
    neutral |= {name: np.zeros(count) for name in zeros}
    return neutral | {name: np.ones(count) for name in ones}


def _zoom_and_shift(count: int, rng: np.random.Generator) -> _Drawn:
    wide = rng.random(count) < WIDE_BORDER_SHARE
    return {
        "zoom": np.where(wide, rng.uniform(*WIDE_BORDER_ZOOM, count), rng.uniform(*ZOOM, count)),
        "shift_right": rng.uniform(-MAX_SHIFT, MAX_SHIFT, count),
        "shift_down": rng.uniform(-MAX_SHIFT, MAX_SHIFT, count),
        # Black, white or any grey, so that a border never tells whether a film is inverted.
        "border": np.clip(rng.uniform(-0.5, 1.5, count), 0.0, 1.0),
    }


def _exposure(count: int, rng: np.random.Generator) -> _Drawn:
    washed_out = rng.random(count) < WASHED_OUT_SHARE
    gain = np.where(washed_out, rng.uniform(*WASHED_OUT_GAIN, count), rng.uniform(*GAIN, count))
    offset = np.where(
        washed_out, rng.random(count) * (1 - gain), rng.uniform(-MAX_OFFSET, MAX_OFFSET, count)
    )
    gamma = np.exp(rng.uniform(np.log(GAMMA[0]), np.log(GAMMA[1]), count))
    return {"gain": gain, "offset": offset, "gamma": gamma}
