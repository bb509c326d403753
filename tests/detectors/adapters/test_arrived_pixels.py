"""Films that are in no archive get the answers that the same films get in one."""

import numpy as np
import pytest

from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.backbone import CELLS, Backbone, shared_backbone
from backend.detectors.adapters.detector import ArrivedPixels
from backend.detectors.adapters.pair_detector import PairDetector, PairHead, PairUse
from backend.phantoms.core.chest import chest_phantom


@pytest.fixture(scope="module")
def thumbnails():
    drawn = [chest_phantom(np.random.default_rng([3, number]), 256) for number in range(3)]
    squares = [np.resize(film, (256, 256)) for film in drawn]
    return (np.stack(squares) * 255).astype(np.uint8)


def test_one_pass_gives_what_two_passes_give(thumbnails):
    backbone, pixels = shared_backbone("cpu"), ArrivedPixels(thumbnails, "cpu")
    rows = [2, 0]
    np.testing.assert_allclose(
        pixels.features(rows), backbone.features(thumbnails)[rows], atol=1e-4
    )
    np.testing.assert_allclose(pixels.cells(rows), backbone.cells(thumbnails)[rows], atol=1e-4)
    np.testing.assert_array_equal(pixels.thumbnails(rows), thumbnails[rows])


def test_the_network_sees_each_film_once_whoever_asks(thumbnails, monkeypatch):
    passes = []
    seen = Backbone.features_and_cells
    monkeypatch.setattr(
        Backbone, "features_and_cells", lambda self, films: passes.append(1) or seen(self, films)
    )
    pixels = ArrivedPixels(thumbnails, "cpu")
    assert passes == []
    for ask in (pixels.features, pixels.cells, pixels.features):
        ask([0])
    assert passes == [1]


def test_a_film_compared_with_its_mirror_image_gets_the_same_answer_either_way(thumbnails):
    rng = np.random.default_rng(8)
    head = PairHead(np.ones(CELLS, np.float32), rng.normal(0, 0.1, CELLS).astype(np.float32))
    use = PairUse(
        task="mirror",
        labels=("as_taken", "mirrored"),
        expected_label="as_taken",
        temperature=3.0,
        change=PixelChange(mirror=True),
        device="cpu",
    )
    detector = PairDetector("pair-0123456789ab", head, use)
    arrived = detector.of_archive(ArrivedPixels(thumbnails, "cpu"), [0, 1, 2])["mirror"]
    np.testing.assert_allclose(arrived, detector.probabilities(thumbnails)["mirror"], atol=1e-4)
