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
