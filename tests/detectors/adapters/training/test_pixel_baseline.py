import numpy as np
import pytest

from backend.detectors.adapters.training.pixel_baseline import PixelBaseline
from tasks import detector_task

pytestmark = pytest.mark.trains


@pytest.mark.parametrize("name", ["rotation", "inversion"])
def test_the_baseline_learns_what_gradients_look_like(name):
    task = detector_task(name)
    rng = np.random.default_rng(0)
    rows = np.linspace(200, 40, 64)[None, :, None] + rng.normal(0, 10, (80, 64, 64))
    rows[:, :, :8] = 20
    films = rows.clip(0, 255).astype(np.uint8)
    baseline = PixelBaseline(task, films[:60])
    for place, label in enumerate(task.labels):
        said = baseline.probabilities(task.made_by[label].apply(films[60:], white=255))
        assert said.shape == (20, len(task.labels))
        np.testing.assert_allclose(said.sum(axis=1), 1.0)
        assert (said.argmax(axis=1) == place).all()
