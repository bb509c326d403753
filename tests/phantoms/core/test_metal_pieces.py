import numpy as np
import pytest

from backend.phantoms.core.metal_pieces import TITANIUM, Bar, Raster, total_depth

RASTER = Raster(80, 60, mm_per_px=0.5, column_px=30.0, row_px=10.0)


def line(*points):
    return np.array(points, dtype=np.float64)


def across(width_mm, **more):
    """A bar across the whole film at y = 10 mm."""
    return Bar(line((-40, 10), (40, 10)), width_mm, **more)


def test_a_rod_is_thickest_in_its_middle():
    depth = total_depth([across(6.0, per_mm=0.5)], RASTER)
    assert depth[30, 30] == pytest.approx(0.5 * 6.0, rel=0.01)
    profile = depth[20:40, 30]
    assert np.all(np.diff(profile[:10]) >= 0)
    assert profile.sum() * RASTER.mm_per_px == pytest.approx(0.5 * np.pi * 9.0, rel=0.02)


def test_a_plate_is_as_thick_everywhere():
    depth = total_depth([across(6.0, flat_mm=2.0)], RASTER)
    np.testing.assert_allclose(np.unique(depth), [0, 2 * TITANIUM], rtol=1e-6)


def test_a_hole_takes_away_no_more_than_there_is():
    ends = line((0, 10), (0, 10))
    depth = total_depth([across(6.0, flat_mm=2.0), Bar(ends, 3.0, flat_mm=-5.0)], RASTER)
    assert depth[30, 30] == 0
    assert depth[30, 50] > 0


def test_pieces_one_behind_the_other_add_up():
    one, other = across(4.0), across(2.0)
    together = total_depth([one, other], RASTER)
    np.testing.assert_allclose(
        together, total_depth([one], RASTER) + total_depth([other], RASTER), rtol=1e-6
    )


def test_a_joint_of_a_bent_wire_is_no_thicker_than_the_wire():
    bent = Bar(line((-10, 10), (0, 10), (0, 20)), 3.0, per_mm=1.0)
    assert total_depth([bent], RASTER).max() <= 3.0


def test_a_tapered_bar_is_narrower_at_its_end():
    narrows = Bar(line((-10, 10), (10, 10)), 8.0, end_width_mm=2.0)
    wide = (total_depth([narrows], RASTER) > 0).sum(axis=0)
    assert wide[12] > 2 * wide[48]


def test_a_thread_makes_the_edge_of_a_screw_uneven():
    smooth, screw = (
        (total_depth([across(6.0, thread_mm=pitch)], RASTER.finer(4)) > 0).sum(axis=0)
        for pitch in (None, 2.5)
    )
    assert len(np.unique(smooth)) == 1
    assert len(np.unique(screw)) > 3


def test_a_cup_is_half_a_ball():
    ends = line((0, 10), (0, 10))
    ball, cup = (
        total_depth([Bar(ends, 10.0, facing=facing)], RASTER) for facing in (None, (0.0, -1.0))
    )
    np.testing.assert_array_equal(cup[:30], ball[:30])
    assert not cup[30:].any()


def test_what_lies_outside_the_film_is_not_drawn():
    outside = [Bar(line((200, 5), (230, 5)), 4.0), Bar(line((0, -90), (0, -80)), 4.0)]
    assert not total_depth(outside, RASTER).any()


def test_what_lies_half_outside_is_drawn_as_far_as_the_film_goes():
    depth = total_depth([Bar(line((0, -40), (0, 0)), 4.0)], RASTER)
    assert depth[0, 30] > 0
    assert not depth[40:].any()
