"""Measures of a phantom film, as it is and spoilt in one way each."""

import cv2
import numpy as np
import pytest
from PIL import Image

from backend.archive.adapters.film_measures import MEASURES, measure_film
from backend.archive.adapters.measure_store import MeasureStore
from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.core.rule import FilmFacts
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from tasks.quality import TASK


@pytest.fixture(scope="module")
def thumbnail(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    (film,) = write_phantom_archive(
        folder, films=1, seed=3, size_px=512, turned_share=0, inverted_share=0
    )
    return thumbnail_of(read_film(film.path.read_bytes(), film.path.name))


def label(thumbnail):
    measured = measure_film(thumbnail)
    numbers = {name: getattr(measured, name) for name in MEASURES}
    return TASK.rule.decide(FilmFacts(measures=numbers), TASK.rule.cut_offs)


def exposed(gain, offset):
    return lambda film: np.clip(film * gain + offset, 0, 255).astype(np.uint8)


def bordered(film):
    return np.pad(cv2.resize(film, (180, 180), interpolation=cv2.INTER_AREA), 38)


def noise(film):
    return np.random.default_rng(5).normal(128, 20, film.shape).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (exposed(1.0, 0), "fine"),
        (exposed(0.0, 90), "blank"),
        (noise, "blank"),
        (exposed(0.3, 0), "too_dark"),
        (exposed(2.5, 40), "too_bright"),
        (exposed(0.3, 110), "washed_out"),
        (bordered, "wide_border"),
        (lambda film: cv2.GaussianBlur(film, (0, 0), 4), "blurred"),
    ],
)
def test_a_spoilt_film_is_told_by_what_was_done_to_it(thumbnail, spoil, expected):
    assert label(spoil(thumbnail)) == expected


def test_recompression_hardly_changes_the_perceptual_hash(thumbnail):
    _, encoded = cv2.imencode(".jpg", thumbnail, [cv2.IMWRITE_JPEG_QUALITY, 30])
    again = measure_film(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    first = measure_film(thumbnail)
    bits = np.frombuffer(first.perceptual_hash, np.uint8) ^ np.frombuffer(
        again.perceptual_hash, np.uint8
    )
    assert np.bitwise_count(bits).sum() <= 24
    assert first.picture_hash != again.picture_hash


def test_measures_are_kept_and_only_new_films_are_measured(thumbnail, tmp_path):
    thumbnails = ThumbnailStore(tmp_path / "thumbnails")
    for row in range(3):
        thumbnails.write(row, np.roll(thumbnail, row * 20, axis=0))
    store, told = MeasureStore(tmp_path / "measures", thumbnails), []
    first = store.read([("a", 0), ("b", 1)])
    again = store.read([("c", 2), ("a", 0)], progress=lambda done, to_do: told.append(to_do))
    assert told == [1]
    assert list(again.index) == ["c", "a"]
    assert again.loc["a"].equals(first.loc["a"])


def test_greys_are_those_of_cleanvision(thumbnail):
    # Here: every process of the tests reads this file, and one runs it.
    from cleanvision.issue_managers.image_property import BrightnessProperty  # noqa: PLC0415

    greys = BrightnessProperty("dark").calculate(Image.fromarray(thumbnail))
    ours = measure_film(thumbnail)
    assert ours.brightness_p99 == greys["brightness_perc_99"]
    assert ours.grey_range == greys["brightness_perc_99"] - greys["brightness_perc_1"]
