import json
from pathlib import Path

import numpy as np
import pytest

from backend.phantoms.core.hip_region import LABELS, hip_boxes

PELVES = Path(__file__).parents[4] / "shared/data/radiographs/pelvis_child"


def test_the_boxes_are_squares_named_by_the_side_of_the_picture():
    right = (np.array([260.0, 120.0]), np.array([235.0, 140.0]))
    left = (np.array([60.0, 120.0]), np.array([85.0, 140.0]))
    for roofs in ((right, left), (left, right)):
        one, other = hip_boxes(roofs, (331, 331))
        assert (one.label, other.label) == LABELS
        assert one.box.left < other.box.left
        assert one.box.width == pytest.approx(75 / 331)
        assert one.box.height == pytest.approx(75 / 331)


@pytest.mark.skipif(not PELVES.exists(), reason="the shared radiographs are not beside the project")
def test_the_boxes_of_real_pelves_hold_their_landmarks():
    for path in sorted(PELVES.glob("*.json")):
        (marks,) = json.loads(path.read_text())["landmark_list"]
        points = {name: np.array(place) for name, place in marks.items()}
        roofs = tuple((points[f"pel_{side}_o"], points[f"pel_{side}_i"]) for side in "lr")
        for one in hip_boxes(roofs, (331, 331)):
            left, top, right, bottom = one.box.in_pixels((331, 331))
            inside = [
                left < x < right and top < y < bottom
                for x, y in (p for roof in roofs for p in roof)
            ]
            assert sum(inside) == 2
