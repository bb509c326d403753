from itertools import pairwise

import cv2
import numpy as np
import pytest

from backend.detectors.adapters.training.curve_plot import Curve, PlotFrame, canvas_of, draw_curves
from backend.detectors.core.probe.learning_curve import Point, forecast

FRAME = PlotFrame(
    title="mirror: learnable? no-go; enough films? no\n330 films of 220 patients",
    error_name="judged wrong",
    target_error=0.001,
    there_are=264,
)
SIZES = (14, 28, 55, 110, 220)


def curve(name, wrong, sizes=SIZES):
    points = [
        Point(repeat, size, films, (count, count), (100, 100))
        for repeat in range(3)
        for size, (films, count) in enumerate(zip(sizes, wrong, strict=True))
    ]
    found = forecast(points, 0.001, np.random.default_rng(0)) if len(sizes) > 1 else None
    return Curve(name, points, found)


@pytest.fixture(scope="module")
def two():
    return [curve("network", (40, 20, 10, 5, 2)), curve("16x16 pixels", (45, 40, 35, 30, 30))]


def test_a_picture_that_is_small_in_bytes_and_large_enough_to_read(two):
    picture = draw_curves(two, FRAME)
    height, width, _ = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape
    assert len(picture) < 100_000
    assert (width, height) == (880, 550)


def test_the_same_curves_give_the_same_bytes_and_others_do_not(two):
    assert draw_curves(two, FRAME) == draw_curves(two, FRAME)
    assert draw_curves(two, FRAME) != draw_curves(two[::-1], FRAME)


def test_measured_means_stand_where_they_were_measured(two):
    (axes,) = canvas_of(two, FRAME).axes
    (means,) = [one for one in axes.collections if one.get_label() == "network: measured"]
    np.testing.assert_allclose(
        means.get_offsets(), [(14, 0.4), (28, 0.2), (55, 0.1), (110, 0.05), (220, 0.02)]
    )


def test_the_forecast_is_dashed_from_the_most_films_on_to_the_horizon(two):
    (axes,) = canvas_of(two, FRAME).axes
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2
    for line in dashed:
        assert line.get_xdata()[0] == pytest.approx(220)
        assert line.get_xdata()[-1] == pytest.approx(2200)


def test_the_target_and_the_films_there_are_are_marked(two):
    canvas = canvas_of(two, FRAME)
    (legend,) = canvas.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert "target: 0.1 % wrong" in words
    assert "264 films to train on" in words
    assert words.count("its fit, forecast, 95 % limits") == 2


def test_no_error_is_drawn_on_a_line_of_its_own_below_the_target():
    (axes,) = canvas_of([curve("network", (3, 0, 0, 0, 0))], FRAME).axes
    means = axes.collections[1].get_offsets()
    assert means[-1][1] == FRAME.no_error < FRAME.target_error
    assert axes.get_ylim()[0] < FRAME.no_error


@pytest.mark.parametrize(
    "wrong", [(0, 0, 0, 0, 0), (100, 100, 100, 100, 100), (3, 0, 0, 0, 0)], ids=str
)
def test_labels_do_not_overlap(wrong):
    canvas = canvas_of([curve("network", wrong), curve("16x16 pixels", (9, 8, 7, 6, 5))], FRAME)
    canvas.draw_without_rendering()
    (axes,) = canvas.axes
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        texts = [
            label.get_window_extent()
            for tick, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
            if low <= tick <= high
        ]
        assert len(texts) > 3
        for one, other in pairwise(texts):
            assert not one.overlaps(other)
    (legend,) = canvas.legends
    inside = canvas.bbox
    extent = legend.get_window_extent()
    assert inside.x0 <= extent.x0 and extent.x1 <= inside.x1
    assert not extent.overlaps(axes.xaxis.label.get_window_extent())


def test_one_size_is_drawn_without_a_curve():
    (axes,) = canvas_of([curve("network", (3,), sizes=(8,))], FRAME).axes
    assert len(axes.lines) == 2  # the target, and the films there are
    assert draw_curves([curve("network", (3,), sizes=(8,))], FRAME)


def test_curves_that_say_the_same_do_not_hide_each_other():
    same = (9, 0, 0, 0, 0)
    (axes,) = canvas_of([curve("network", same), curve("16x16 pixels", same)], FRAME).axes
    means = {one.get_label(): one for one in axes.collections}
    ours, theirs = means["network: measured"], means["16x16 pixels: measured"]
    assert ours.get_zorder() > theirs.get_zorder()
    assert ours.get_sizes()[0] < theirs.get_sizes()[0]
