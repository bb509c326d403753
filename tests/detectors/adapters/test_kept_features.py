"""Kept features, read without the network that made them."""

import numpy as np

from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore
from backend.detectors.adapters.feature_store import FeatureStore
from backend.detectors.adapters.kept_features import kept_half_features


def test_what_the_feature_store_has_kept_is_read_and_nothing_else(tmp_path):
    thumbnails, rng = ThumbnailStore(tmp_path / "thumbnails"), np.random.default_rng(2)
    for row in range(4):
        side = (THUMBNAIL_PX, THUMBNAIL_PX)
        thumbnails.write(row, rng.integers(0, 255, side, dtype=np.uint8))
    folder = tmp_path / "features"
    assert kept_half_features(folder, [0]) is None
    kept = FeatureStore(folder, thumbnails, "cpu").read([0, 2])
    found = kept_half_features(folder, [2, 0])
    np.testing.assert_array_equal(found, kept[::-1].astype(np.float16))
    assert kept_half_features(folder, [0, 1]) is None
    assert kept_half_features(folder, [0, 3]) is None
    assert kept_half_features(folder, []) is None
