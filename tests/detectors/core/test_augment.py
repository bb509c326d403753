from dataclasses import asdict

import numpy as np
import pytest

from backend.base.core.detector_task import Augmentation
from backend.base.core.pixel_change import PixelChange
from backend.detectors.core.augment import (
    allowed_for_all,
    changes_for,
    draw_labels,
    draw_views,
    merged_change,
)
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
FAMILY = [TASKS["rotation"], TASKS["inversion"]]


def test_half_of_the_drawn_labels_are_expected_and_the_others_share_the_rest():
    drawn = draw_labels(TASKS["rotation"], 12000, np.random.default_rng(0))
    shares = np.bincount(drawn, minlength=4) / 12000
    assert shares == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6], abs=0.02)


def test_only_what_is_safe_for_every_task_is_allowed():
    assert Augmentation.FLIP_LEFT_RIGHT in allowed_for_all([TASKS["inversion"]])
    assert Augmentation.FLIP_LEFT_RIGHT not in allowed_for_all(FAMILY)


@pytest.mark.parametrize("left_out", Augmentation)
def test_what_is_not_allowed_keeps_its_neutral_value(left_out):
    neutral = asdict(draw_views(500, frozenset(), np.random.default_rng(0)))
    drawn = asdict(draw_views(500, frozenset(Augmentation) - {left_out}, np.random.default_rng(0)))
    touched = {name for name in drawn if (drawn[name] != neutral[name]).any()}
    belongs = {
        Augmentation.FLIP_LEFT_RIGHT: {"mirror"},
        Augmentation.SMALL_TILT: {"tilt_ccw_degrees"},
        Augmentation.ZOOM_AND_SHIFT: {"zoom", "shift_right", "shift_down", "border"},
        Augmentation.EXPOSURE: {"gamma", "gain", "offset"},
    }
    assert touched == set(drawn) - belongs[left_out]


def test_looks_stay_within_their_ranges_and_some_films_stay_as_they_are():
    looks = draw_views(5000, frozenset(Augmentation), np.random.default_rng(0))
    assert np.abs(looks.tilt_ccw_degrees).max() <= 10
    assert 0.5 <= looks.zoom.min() < 0.75
    assert 1.1 < looks.zoom.max() <= 1.15
    assert np.abs(looks.shift_right).max() <= 0.12
    assert 0.5 <= looks.gamma.min() < looks.gamma.max() <= 2.0
    assert looks.gain.min() > 0  # brighter stays brighter
    untouched = (looks.zoom == 1) & (looks.gamma == 1) & (looks.tilt_ccw_degrees == 0)
    assert untouched.mean() == pytest.approx(0.2, abs=0.02)


def test_looks_repeat_for_the_same_seed():
    first, again = (
        asdict(draw_views(50, frozenset(Augmentation), np.random.default_rng(4))) for _ in range(2)
    )
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])


def test_changes_of_several_tasks_meet_in_one_film():
    rotation, inversion = np.array([0, 1, 2, 3]), np.array([0, 1, 0, 1])
    changes = changes_for(FAMILY, [rotation, inversion])
    np.testing.assert_array_equal(changes.turns_ccw, [0, 1, 2, 3])
    np.testing.assert_array_equal(changes.invert, [False, True, False, True])
    assert not changes.mirror.any()


def test_a_merged_change_is_undone_by_its_inverse():
    film = np.random.default_rng(0).random((5, 7), dtype=np.float32)
    change = merged_change(
        [PixelChange(turns_ccw=3), PixelChange(invert=True), PixelChange(mirror=True)]
    )
    spoilt = change.apply(film, white=1.0)
    np.testing.assert_allclose(change.inverse().apply(spoilt, white=1.0), film, atol=1e-6)


def test_a_merged_change_does_not_depend_on_the_order_of_the_tasks():
    changes = [PixelChange(turns_ccw=1), PixelChange(mirror=True), PixelChange(invert=True)]
    assert merged_change(changes) == merged_change(changes[::-1])


def test_nothing_wrong_merges_to_no_change():
    assert merged_change([]) == PixelChange()
