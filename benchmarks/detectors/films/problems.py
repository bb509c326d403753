"""Other problems a film may have beside the one that is asked about; all of them synthetic."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import clopper_pearson
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.augment import merged_change
from benchmarks.detectors.card import Table, shown

Thumbnails = NDArray[np.uint8]
"""Shape (films, side, side)."""
BORDER_PX = 48
"""Of 256 on each side: the film fills 39 % of the picture."""


def washed_out(films: Thumbnails) -> Thumbnails:
    """Leave 30 % of the contrast, on grey."""
    return (90 + films * 0.3).astype(np.uint8)


def black_border(films: Thumbnails) -> Thumbnails:
    """Show each film small, on black."""
    return _bordered(films, 0)


def white_border(films: Thumbnails) -> Thumbnails:
    """Show each film small, on white."""
    return _bordered(films, 255)


@dataclass(frozen=True)
class Problem:
    """What is done to films, beside making them right or wrong for a detector task."""

    name: str
    change: PixelChange = UNCHANGED
    look: Callable[[Thumbnails], Thumbnails] | None = None
    """Done last."""

    def made(self, films: Thumbnails, changes: Sequence[PixelChange]) -> Thumbnails:
        """Return each film with its own change and with this problem."""
        both = [merged_change([self.change, one]) for one in changes]
        views = np.stack([change.apply(one, 255) for change, one in zip(both, films, strict=True)])
        return self.look(views) if self.look else views


PROBLEMS = (
    Problem("mirrored", PixelChange(mirror=True)),
    Problem("inverted", PixelChange(invert=True)),
    Problem("mirrored and inverted", PixelChange(mirror=True, invert=True)),
    Problem("turned by 90", PixelChange(1)),
    Problem("turned by 180", PixelChange(2)),
    Problem("turned by 270", PixelChange(3)),
    Problem("turned by 90 and mirrored", PixelChange(1, mirror=True)),
    Problem("washed out", look=washed_out),
    Problem("zoomed out, black border", look=black_border),
    Problem("zoomed out, white border", look=white_border),
)

ANOTHERS = ("films", "false alarms", "recall", "exactly right")


def problems_for(task: DetectorTask) -> list[Problem]:
    """Return those that are not what the task itself asks about."""
    asked = [change for change in task.made_by.values() if change != UNCHANGED]
    return [one for one in PROBLEMS if not any(_shares(one.change, change) for change in asked)]


def another_row(
    name: str, said: NDArray[np.floating], truth: NDArray[np.int64], expected: int
) -> list[str]:
    """Return a row of a table of films with another problem.

    Args:
        name: of the problem.
        said: shape (views, labels), probabilities.
        truth: shape (views,), label positions.
        expected: position of the expected label.
    """
    good, called_bad = truth == expected, 1 - said[:, expected] >= 0.5
    right = said.argmax(axis=1) == truth
    return [
        name,
        shown(clopper_pearson(int((called_bad & good).sum()), int(good.sum()))),
        shown(clopper_pearson(int((called_bad & ~good).sum()), int((~good).sum()))),
        shown(clopper_pearson(int(right.sum()), len(truth))),
    ]


def another_table(rows: Sequence[Sequence[str]]) -> Table:
    """Return the table of such rows."""
    return Table(
        title="On films that have another's problem too; of each film one right and one wrong view",
        columns=ANOTHERS,
        rows=rows,
    )


def _bordered(films: Thumbnails, grey: int) -> Thumbnails:
    side = films.shape[-1] - 2 * BORDER_PX
    small = [cv2.resize(one, (side, side), interpolation=cv2.INTER_AREA) for one in films]
    margin = (BORDER_PX, BORDER_PX)
    return np.pad(np.stack(small), ((0, 0), margin, margin), constant_values=grey)


def _shares(one: PixelChange, other: PixelChange) -> bool:
    return bool(
        (one.turns_ccw and other.turns_ccw)
        or (one.mirror and other.mirror)
        or (one.invert and other.invert)
    )
