import numpy as np
import pytest

from backend.labels.core.box import (
    BadBoxError,
    Box,
    LabelledBox,
    box_rows,
    corner_error_px,
    mean_box,
    overlap,
)


def test_a_box_that_reaches_over_the_edge_is_cut_there():
    box = Box.on_film(-0.1, 0.5, 0.4, 0.7)
    assert np.allclose(box.as_array(), [0.0, 0.5, 0.3, 0.5])


@pytest.mark.parametrize(
    "sides", [(1.2, 0.1, 0.3, 0.3), (0.1, 0.1, 0.0, 0.3), (0.1, 0.1, float("nan"), 0.3)]
)
def test_a_box_beside_the_film_or_without_area_is_refused_with_what_to_do(sides):
    with pytest.raises(BadBoxError, match=r"expected a box on the film.*draw it again"):
        Box.on_film(*sides)


def test_pixels_come_back_as_they_were_given():
    box = Box.from_pixels((30, 40, 100, 50), (331, 500))
    assert box.in_pixels((331, 500)) == (30, 40, 130, 90)


def test_the_thinnest_box_still_has_a_pixel_on_the_film():
    left, top, right, bottom = Box(0.999, 0.999, 0.001, 0.001).in_pixels((64, 64))
    assert (right - left, bottom - top) == (1, 1)
    assert right <= 64
    assert bottom <= 64


def test_equal_boxes_overlap_wholly_and_distant_ones_not_at_all():
    here, there = np.array([0.1, 0.1, 0.2, 0.2]), np.array([0.6, 0.6, 0.2, 0.2])
    assert overlap(here, here) == pytest.approx(1.0)
    assert overlap(here, there) == 0.0
    assert np.isnan(overlap(here, np.full(4, np.nan)))


def test_the_corner_error_is_counted_in_pixels_of_the_film():
    ours = np.array([[[0.1, 0.1, 0.2, 0.2]]])
    theirs = ours + np.array([0.03, 0.04, 0.0, 0.0])
    assert corner_error_px(ours, theirs, np.array([[100, 100]])) == pytest.approx(5.0)
    assert corner_error_px(ours, theirs, np.array([[200, 100]])) == pytest.approx(52**0.5)


def test_the_mean_box_leaves_out_what_is_not_there():
    boxes = np.array([[[0.1] * 4, [0.2] * 4], [[0.3] * 4, [np.nan] * 4]])
    assert np.allclose(mean_box(boxes), [[0.2] * 4, [0.2] * 4])


def test_rows_follow_the_labels_and_not_the_order_of_drawing():
    drawn = [LabelledBox("b", Box(0.1, 0.2, 0.3, 0.4))]
    rows = box_rows(drawn, ("a", "b"))
    assert np.isnan(rows[0]).all()
    assert rows[1].tolist() == [0.1, 0.2, 0.3, 0.4]
