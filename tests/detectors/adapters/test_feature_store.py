"""Features are computed once, and survive being interrupted."""

import numpy as np
import pytest

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters import feature_store
from backend.detectors.adapters.backbone import WIDTH
from backend.detectors.adapters.feature_store import FeatureStore

FILMS = 6


@pytest.fixture
def thumbnails(tmp_path):
    store = ThumbnailStore(tmp_path / "thumbnails.u8")
    rng = np.random.default_rng(4)
    for row in range(FILMS):
        store.write(row, rng.integers(0, 256, (256, 256), dtype=np.uint8))
    return store


@pytest.fixture
def store(tmp_path, thumbnails):
    return FeatureStore(tmp_path / "features", thumbnails, "cpu")


def computed(store, rows):
    """How many films the network had to look at."""
    told = []
    store.read(rows, progress=lambda done, to_do: told.append(to_do))
    return max(told, default=0)


def test_rows_come_in_the_order_asked_for(store, thumbnails):
    expected = store.backbone.features(thumbnails.read([3, 0, 3]))
    np.testing.assert_allclose(store.read([3, 0, 3]), expected, rtol=1e-3, atol=1e-3)


def test_only_what_is_missing_is_computed(store, tmp_path, thumbnails):
    assert computed(store, [1, 4]) == 2
    assert computed(store, [4, 1]) == 0
    again = FeatureStore(tmp_path / "features", thumbnails, "cpu")
    assert computed(again, [0, 1, 2, 4]) == 2


def test_what_was_kept_before_an_interruption_is_not_computed_again(store, monkeypatch):
    monkeypatch.setattr(feature_store, "ROWS_AT_ONCE", 2)

    def stop(done, to_do):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.read(range(FILMS), progress=stop)
    assert computed(store, range(FILMS)) == FILMS - 2


def test_a_missing_thumbnail_is_told(store):
    with pytest.raises(RadsieveError, match="row 9"):
        store.read([0, 9])


def test_no_rows_need_no_files(store, tmp_path):
    assert store.read([]).shape == (0, WIDTH)
    assert not (tmp_path / "features").exists()
