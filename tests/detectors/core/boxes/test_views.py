import numpy as np
import pytest
import torch

from backend.base.core.detector_task import Augmentation
from backend.detectors.adapters.training.view_painter import paint
from backend.detectors.core.augment import Changes, draw_views
from backend.detectors.core.boxes.views import mirrored_places, moved_boxes, unmirrored

PX = 128
NOT_GREY = frozenset(Augmentation) - {Augmentation.EXPOSURE}


def painted_dot(looks, dot):
    """Return where a small bright square ends up, as shares of the painted film."""
    film = torch.zeros(1, 1, 2 * PX, 2 * PX)
    left, top, width, height = (round(2 * PX * share) for share in dot)
    film[0, 0, top : top + height, left : left + width] = 1.0
    nothing = Changes(np.zeros(1, np.int64), np.zeros(1, bool), np.zeros(1, bool))
    bright = paint(film, looks, nothing)[0, 0].numpy()
    rows, columns = np.nonzero(bright > 0.5)
    return (columns.mean() + 0.5) / PX, (rows.mean() + 0.5) / PX


@pytest.mark.parametrize("seed", range(8))
def test_a_box_goes_where_the_painter_puts_what_it_is_around(seed):
    looks = draw_views(1, NOT_GREY, np.random.default_rng(seed))
    for name in ("border", "offset"):
        getattr(looks, name)[:] = 0.0
    dot = np.array([0.40, 0.55, 0.08, 0.08])
    ((moved,),) = moved_boxes(dot[None, None], looks, np.array([0]))
    assert moved[:2] + moved[2:] / 2 == pytest.approx(painted_dot(looks, dot), abs=0.012)
    assert moved[2:] == pytest.approx(0.08 * looks.zoom[0])


def test_a_mirrored_film_swaps_the_labels_that_name_a_side():
    looks = draw_views(1, frozenset(), np.random.default_rng(0))
    looks.mirror[:] = True
    boxes = np.array([[[0.1, 0.3, 0.2, 0.2], [0.6, 0.4, 0.2, 0.2]]])
    places = mirrored_places(("left", "right"), {"left": "right", "right": "left"})
    assert np.allclose(
        moved_boxes(boxes, looks, places), [[[0.2, 0.4, 0.2, 0.2], [0.7, 0.3, 0.2, 0.2]]]
    )
    assert np.allclose(unmirrored(moved_boxes(boxes, looks, places), places), boxes)


def test_a_box_whose_middle_left_the_film_is_gone():
    looks = draw_views(1, frozenset(), np.random.default_rng(0))
    looks.shift_right[:] = 0.5
    boxes = np.array([[[0.1, 0.3, 0.2, 0.2], [0.6, 0.4, 0.2, 0.2]]])
    moved = moved_boxes(boxes, looks, np.array([0, 1]))
    assert np.isnan(moved[0, 1]).all()
    assert not np.isnan(moved[0, 0]).any()
