"""Every way that the installed libraries write a film is read as the film that was written.

A film is made from a seed, written, read by our reader and compared with itself: not with what
another reader makes of it.
"""

from itertools import islice

import numpy as np
import pytest
from archive.reference import dicom_plan, jpeg_plan, png_plan, refused_plan, tiff_plan
from archive.reference.comparison import difference, fault_of, faults_among
from archive.reference.refused import REFUSED, row_fits
from archive.reference.scene import EXACT, LOSSY, SCENES, scene_of

PLANS = {
    "PNG": png_plan.plan,
    "JPEG": jpeg_plan.plan,
    "TIFF": tiff_plan.plan,
    "DICOM": dicom_plan.plan,
    "refused": refused_plan.plan,
}
ONE_IN = {"PNG": 1, "JPEG": 1, "TIFF": 12, "DICOM": 8, "refused": 1}
"""So many of a plan are read in the fast test."""
LEAST = 5500


@pytest.mark.parametrize("name", PLANS)
def test_a_part_of_all_ways_to_write_a_film_shows_what_was_written(name):
    part = list(islice(PLANS[name](), 0, None, ONE_IN[name]))
    assert part
    assert list(islice(faults_among(part), 20)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["TIFF", "DICOM"])
def test_every_way_to_write_a_film_shows_what_was_written(name):
    assert list(islice(faults_among(PLANS[name]()), 20)) == []


def test_the_plans_name_several_thousand_ways_and_none_twice():
    names = [combination.name for plan in PLANS.values() for combination in plan()]
    assert len(names) >= LEAST
    assert len(set(names)) == len(names)


def test_each_row_of_what_is_refused_is_met_and_nothing_else_is_refused():
    refused = list(refused_plan.plan())
    assert not [row for row in REFUSED if not any(row_fits(row, one) for one in refused)]


@pytest.mark.parametrize("seed", range(SCENES))
@pytest.mark.parametrize("limits", [EXACT, LOSSY])
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda greys: 255 - greys,
        lambda greys: greys + 128,  # the sign taken for a bit of the value
        lambda greys: greys[::-1],
        lambda greys: greys[:, ::-1],
        lambda greys: greys[::-1, ::-1],
        lambda greys: np.roll(greys, 3, 1),
        lambda greys: greys.reshape(-1, 3).T.reshape(greys.shape),  # planes taken for pixels
        lambda greys: np.repeat(greys[:, ::2], 2, 1)[:, ::-1],
        lambda greys: greys * 16,  # cut to the low bits
        lambda greys: greys // 16,  # shown at a sixteenth of its range
        np.zeros_like,
    ],
)
def test_the_comparison_notices_what_spoils_a_film(seed, limits, spoilt):
    scene = scene_of(seed)
    greys = np.rint(255 * scene).astype(np.uint8)
    assert difference(greys, scene, EXACT) is None
    assert difference(spoilt(greys), scene, limits)


def test_a_step_that_is_not_said_is_a_fault():
    combination = next(one for one in tiff_plan.plan() if one.says)
    silent = type(combination)(
        combination.format, combination.write, combination.facts, says=("never said",)
    )
    assert fault_of(silent, scene_of(0)).startswith("not said: ['never said']")
