"""What becomes of films with several problems at once: the eight orientations, and the gate.

The gate is repeated here for detectors that have not seen a film's patient: rotation and inversion
say how a film lies, it is put right, and then all three detectors are asked about the result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import clopper_pearson
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.gate_verdict import (
    GateDecision,
    Opinion,
    correction_for,
    decide,
    opinion_of,
)
from benchmarks.detectors.card import Table, shown
from benchmarks.detectors.films.cross_fitted import HeldOutPairs
from benchmarks.detectors.films.problems import Problem, Thumbnails, black_border, washed_out
from tasks import detector_task

ROTATION, INVERSION = detector_task("rotation"), detector_task("inversion")
EIGHT = tuple(PixelChange(turns, mirror) for mirror in (False, True) for turns in range(4))
"""The eight orientations of a picture."""
MIXED = (
    Problem("as they are"),
    Problem("turned by 90", PixelChange(1)),
    Problem("upside down", PixelChange(2)),
    Problem("inverted", PixelChange(invert=True)),
    Problem("turned by 270 and inverted", PixelChange(3, invert=True)),
    Problem("washed out", look=washed_out),
    Problem("washed out, turned by 90 and inverted", PixelChange(1, invert=True), washed_out),
    Problem("zoomed out on black", look=black_border),
    Problem("zoomed out on black, turned by 90", PixelChange(1), black_border),
    Problem("mirrored", PixelChange(mirror=True)),
    Problem("mirrored and turned by 90", PixelChange(1, mirror=True)),
    Problem("mirrored, turned by 270 and inverted", PixelChange(3, mirror=True, invert=True)),
)

Says = Callable[[DetectorTask, Thumbnails], NDArray[np.float64]]
"""Detector task, one view of each film -> probabilities, shape (films, labels)."""


@dataclass(frozen=True)
class Trio:
    """Detectors of rotation, inversion and mirroring, new to the patients they judge."""

    says: Says
    """What those of rotation and inversion say."""
    mirror: HeldOutPairs

    def oriented(self, views: Thumbnails) -> list[list[Opinion]]:
        """Return what is said of how each film lies."""
        tasks = (ROTATION, INVERSION)
        said = [self.says(task, views) for task in tasks]
        return [
            [opinion_of(task, rows[place], "") for task, rows in zip(tasks, said, strict=True)]
            for place in range(len(views))
        ]

    def corrections(self, views: Thumbnails) -> tuple[list[GateDecision], list[PixelChange]]:
        """Return the gate's verdict on each film, and what it would do to it."""
        first = self.oriented(views)
        changes = [correction_for(one) for one in first]
        corrected = _each(changes, views)
        mirrored = self.mirror.says(corrected)
        again = [
            [*one, opinion_of(self.mirror.task, said, "")]
            for one, said in zip(self.oriented(corrected), mirrored, strict=True)
        ]
        answers = [decide(*each) for each in zip(first, again, changes, strict=True)]
        return [answer.verdict for answer in answers], changes


def eight_ways_table(trio: Trio, films: Thumbnails) -> Table:
    """Return how often each orientation is taken for which: rotation first, then mirror.

    Mirror is asked about the film as rotation would have it lie.
    """
    counts = np.zeros((8, 8), dtype=np.int64)
    for place, orientation in enumerate(EIGHT):
        views = orientation.apply(films, white=255)
        turns = trio.says(ROTATION, views).argmax(axis=1)
        backs = [PixelChange(int(turn)).inverse() for turn in turns]
        mirrored = trio.mirror.says(_each(backs, views)).argmax(axis=1)
        for turn, mirror in zip(turns, mirrored, strict=True):
            counts[place, 4 * mirror + turn] += 1
    rows = [[_name(one), *map(str, row)] for one, row in zip(EIGHT, counts, strict=True)]
    right = [[clopper_pearson(int(row[place]), len(films))] for place, row in enumerate(counts)]
    return Table(
        title=f"The eight orientations: what each of {len(films)} films is taken for, by rotation "
        "and then by mirror",
        columns=("it is", *(_name(one) for one in EIGHT), "right"),
        rows=[[*row, shown(one[0], 3)] for row, one in zip(rows, right, strict=True)],
    )


def gate_table(trio: Trio, films: Thumbnails) -> Table:
    """Return what the gate does with films that have several problems."""
    return Table(
        title="What the gate makes of films with several problems, by rotation, inversion and "
        f"mirror ({len(films)} films each)",
        columns=("the film is", "accepted or put right as it should", "for review", "let pass"),
        rows=[[problem.name, *_outcomes(trio, problem, films)] for problem in MIXED],
    )


def _outcomes(trio: Trio, problem: Problem, films: Thumbnails) -> Sequence[str]:
    views = problem.made(films, [UNCHANGED] * len(films))
    verdicts, changes = trio.corrections(views)
    passed = np.array([verdict is not GateDecision.REVIEW for verdict in verdicts])
    right = np.array([problem.change.then(change) == UNCHANGED for change in changes])
    counts = [passed & right, ~passed, passed & ~right]
    return [shown(clopper_pearson(int(one.sum()), len(films)), 3) for one in counts]


def _each(changes: Sequence[PixelChange], views: Thumbnails) -> Thumbnails:
    return np.stack([one.apply(view, 255) for one, view in zip(changes, views, strict=True)])


def _name(orientation: PixelChange) -> str:
    turned = f"{90 * orientation.turns_ccw}"
    return f"mirrored, {turned}" if orientation.mirror else turned
