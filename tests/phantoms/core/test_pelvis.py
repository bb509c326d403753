import cv2
import numpy as np

from backend.phantoms.core.hip_region import LABELS
from backend.phantoms.core.pelvis import pelvis_phantom


def test_the_same_state_gives_the_same_film_and_boxes():
    one, other = (pelvis_phantom(np.random.default_rng(4), 96) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert one[1] == other[1]


def test_hips_lie_on_the_film_where_it_is_brighter_than_its_edge():
    for seed in range(12):
        film, boxes = pelvis_phantom(np.random.default_rng(seed), 96)
        assert [one.label for one in boxes] == list(LABELS)
        assert film.dtype == np.float32
        assert 0.0 <= film.min() <= film.max() <= 1.0
        for one in boxes:
            left, top, right, bottom = one.box.in_pixels((film.shape[1], film.shape[0]))
            assert film[top:bottom, left:right].mean() > film[:, :3].mean()


def test_phantoms_differ_in_size_place_and_between_their_sides():
    boxes = np.array(
        [
            [one.box.as_array() for one in pelvis_phantom(np.random.default_rng(seed), 96)[1]]
            for seed in range(20)
        ]
    )
    assert (boxes.std(axis=0) > 0.01).all()
    assert np.abs(boxes[:, 0, 1] - boxes[:, 1, 1]).max() > 0.02


def test_the_roof_of_the_socket_rises_outwards_by_15_to_38_degrees_as_it_was_drawn():
    roof = _mean_hip()[8:19, 11:26]
    brightest_row = roof.argmax(axis=0)
    rise = np.degrees(np.arctan(-np.polyfit(np.arange(len(brightest_row)), brightest_row, 1)[0]))
    assert 15 < rise < 38


def _mean_hip():
    """Return the mean of many hip boxes, shape (40, 40); the pelvis is to the left of each.

    Poses differ too much for one film: between its roof and its femoral head there may be no gap.
    """
    hips = []
    for seed in range(30):
        film, boxes = pelvis_phantom(np.random.default_rng(seed), 192)
        for labelled, step in zip(boxes, (-1, 1), strict=True):
            left, top, right, bottom = labelled.box.in_pixels((film.shape[1], film.shape[0]))
            hip = film[max(top, 0) : bottom, max(left, 0) : right]
            hips.append(cv2.resize(hip, (40, 40), interpolation=cv2.INTER_AREA)[:, ::step])
    return np.mean(hips, axis=0)
