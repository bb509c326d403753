"""Films like one of them, by features where all are kept, else by thumbnails."""

import numpy as np
import pytest

from backend.base.core.errors import RadsieveError
from backend.review.core.browse import FilmFilter, FilmOrder
from backend.review.loop import similar_films
from backend.review.loop.browse import ArchiveBrowser, GridQuestion
from tasks import load_detector_tasks

WIDTH = 4


@pytest.fixture
def similar_to(predicted):
    """Return a function that orders all films by likeness to the one at a place."""
    browser = ArchiveBrowser(predicted, load_detector_tasks())

    def ask(place):
        film = browser.archive().radiograph_ids[place]
        return browser.search(GridQuestion("rotation", FilmFilter(), FilmOrder.SIMILAR, film))

    return ask


def keep_features(workspace, vectors, done):
    folder = workspace.root / "features"
    folder.mkdir()
    vectors.astype(np.float16).tofile(folder / f"made-{WIDTH}.f16")
    done.astype(np.uint8).tofile(folder / f"made-{WIDTH}.done")


def test_features_are_used_where_those_of_all_films_are_kept(predicted, similar_to):
    vectors = np.random.default_rng(1).random((90, WIDTH))
    vectors[7] = 2 * vectors[3] + 1  # the same but for scale and level
    vectors[9] = 5 - vectors[3]
    keep_features(predicted, vectors, np.ones(90))
    found = similar_to(3)
    assert found.measured_on == "features"
    assert set(found.places[:2].tolist()) == {3, 7}
    assert found.places[-1] == 9


def test_thumbnails_are_used_where_the_features_of_a_film_are_missing(predicted, similar_to):
    done = np.ones(90)
    done[88] = 0
    keep_features(predicted, np.zeros((90, WIDTH)), done)
    found = similar_to(3)
    assert found.measured_on == "thumbnails"
    assert found.places[0] == 3
    assert len(found.places) == 90


def test_a_comparison_that_would_take_minutes_is_refused(similar_to, monkeypatch):
    monkeypatch.setattr(similar_films, "MOST_NEW_SKETCHES", 89)
    with pytest.raises(RadsieveError, match="rank a batch first"):
        similar_to(3)
