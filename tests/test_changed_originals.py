"""Whoever reads an original after it was indexed gets the film that was indexed, or a finding."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shared_fixtures.dicom import _make_dicom
from shared_fixtures.spoilt_files import FAULTS, overwrite_unseen
from sqlalchemy import update

from backend.archive.adapters.archive_files import read_indexed
from backend.archive.adapters.catalogue import films
from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.identity import radiograph_id
from backend.archive.loop.index import index
from backend.base.adapters.database import radiographs
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.base.core.pixel_change import PixelChange
from backend.export.adapters.copies import IndexedFile, write_corrected_copy
from backend.labels.core.box import Box
from backend.review.loop.browse import ArchiveBrowser
from backend.review.loop.folder_review import PutOut, _Writer
from backend.review.loop.grid_film import film_card, large_picture
from backend.review.loop.studio.pictures import make_check_pictures, make_review_pictures
from backend.service.loop.why import why
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
SHOWN = "0123456789abcdef0123"
DARK, LIGHT = 30, 220
HALF = PixelChange(turns_ccw=2)


@dataclass
class Film:
    """A dark film that was indexed, and a light one of the same size that was not."""

    workspace: Workspace
    path: Path
    content: bytes
    other: bytes

    @property
    def id(self):
        return radiograph_id(self.content)

    @property
    def indexed(self):
        return IndexedFile(self.id, str(self.path))


def picture(kind, grey):
    pixels = np.full((80, 60), grey, np.uint8)
    pixels[:20] += 5
    if kind == "dcm":
        return _make_dicom(pixels)
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, {"png": "PNG", "jpg": "JPEG", "tif": "TIFF"}[kind])
    return encoded.getvalue()


@pytest.fixture(params=["png", "dcm"])
def film(request, tmp_path):
    return indexed(tmp_path, request.param)


def indexed(folder, kind):
    path = folder / "archive" / f"film.{kind}"
    path.parent.mkdir(parents=True)
    path.write_bytes(picture(kind, DARK))
    workspace = Workspace.open_or_make(folder / "workspace")
    index(workspace, [path.parent])
    return Film(workspace, path, path.read_bytes(), picture(kind, LIGHT))


def copy(film):
    target = film.path.parent.parent / "copy"
    write_corrected_copy(film.indexed, target, HALF)
    return read_film(target.read_bytes(), "copy").pixels


def crop(film):
    target = film.path.parent.parent / "crop"
    write_corrected_copy(film.indexed, target, HALF, Box(0.25, 0.25, 0.5, 0.5))
    return read_film(target.read_bytes(), "crop").pixels


def review_picture(film):
    make_review_pictures(film.workspace.database, film.workspace.review, [film.id])
    return jpeg_pixels((film.workspace.review / f"{film.id}_large.jpg").read_bytes())


def check_picture(film):
    make_check_pictures(film.workspace.database, film.workspace.review, {SHOWN: (film.id, HALF)})
    return jpeg_pixels((film.workspace.review / f"{SHOWN}_large.jpg").read_bytes())


def put_out_for_review(film):
    shown = _Writer(film.workspace.database, None, PutOut())._shown(film.id, [str(film.path)])
    if isinstance(shown, str):
        raise RadsieveError(shown)
    return shown.pixels


def large_picture_of_the_grid(film):
    """Its thumbnail is the indexed film still, and the card says that the file is another."""
    browser = ArchiveBrowser(film.workspace, TASKS)
    pixels = jpeg_pixels(large_picture(film.workspace, browser, film.id))
    notes = film_card(film.workspace.database, TASKS, browser, "rotation", film.id).notes
    if notes and is_dark(pixels):
        raise RadsieveError(notes[0].words)
    return pixels


def history(film):
    known = why(film.workspace, TASKS, film.id)
    for problem in known.changed.values():
        raise RadsieveError(problem)
    return read_film(film.content, "").pixels


def jpeg_pixels(content):
    return np.asarray(Image.open(BytesIO(content)))


def is_dark(pixels):
    return float(np.mean(pixels)) < (DARK + LIGHT) / 2


READERS = [
    copy,
    crop,
    review_picture,
    check_picture,
    put_out_for_review,
    large_picture_of_the_grid,
    history,
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.timeout(60)
def test_every_reader_gives_the_indexed_film_and_a_finding_once_its_file_is_another(film, read):
    assert is_dark(read(film))
    for fault in FAULTS:
        fault(film.path, film.other)
        # What was made of it stands; it has to be asked for anew.
        for made in film.workspace.review.glob("*.jpg"):
            made.unlink()
        with pytest.raises(RadsieveError) as caught:
            read(film)
        assert "`radsieve index`" in str(caught.value)
        assert "\n" not in str(caught.value) and str(film.path) not in str(caught.value)
        assert not list(film.workspace.review.glob("*.jpg"))
        restore(film)
    assert is_dark(read(film))


def restore(film):
    if film.path.is_dir():
        film.path.rmdir()
    film.path.unlink(missing_ok=True)
    film.path.write_bytes(film.content)


@pytest.mark.parametrize("read", [copy, crop, review_picture, put_out_for_review, history])
def test_a_file_of_the_same_size_and_time_is_known_by_its_bytes(film, read):
    overwrite_unseen(film.path, film.other)
    with pytest.raises(RadsieveError, match="has changed since it was indexed"):
        read(film)


def test_a_thumbnail_that_is_made_again_is_that_of_the_bytes_and_never_of_the_name(film):
    film.workspace.thumbnails.unlink()
    overwrite_unseen(film.path, film.other)
    index(film.workspace, [film.path.parent])
    (found,) = films(film.workspace.database)
    assert found.radiograph_id == radiograph_id(film.path.read_bytes()) != film.id
    (thumbnail,) = ThumbnailStore(film.workspace.thumbnails).read([found.thumbnail_row])
    assert not is_dark(thumbnail)


def test_no_study_is_taken_from_a_file_that_has_changed_unseen(tmp_path):
    film = indexed(tmp_path, "dcm")
    engine = film.workspace.database
    with engine.begin() as connection:
        connection.execute(update(radiographs).values(study_key=None))
    overwrite_unseen(film.path, film.other)
    index(film.workspace, [film.path.parent])
    with engine.connect() as connection:
        assert connection.execute(radiographs.select()).one().study_key is None


@contextmanager
def swapping(film):
    """Let the name lead to the film and to the other by turns, as fast as it can."""
    places = [film.path.parent.parent / name for name in ("one", "two")]
    for place, content in zip(places, (film.content, film.other), strict=True):
        place.write_bytes(content)
    done, link = threading.Event(), film.path.with_name("next")

    def swap():
        while not done.is_set():
            for place in places:
                link.symlink_to(place)
                link.replace(film.path)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.timeout(60)
def test_a_link_that_is_swapped_while_it_is_read_gives_the_film_or_a_finding(tmp_path):
    film, came = indexed(tmp_path, "png"), {True: 0, False: 0}
    with swapping(film):
        for _ in range(300):
            try:
                assert is_dark(copy(film))
                came[True] += 1
            except RadsieveError:
                came[False] += 1
    assert min(came.values()) > 0, came


@settings(max_examples=60)
@given(data=st.data())
def test_of_any_damage_the_bytes_are_the_indexed_ones_or_there_are_none(tmp_path_factory, data):
    content = picture("png", DARK)
    path = tmp_path_factory.mktemp("damage") / "film.png"
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(0, len(damaged)))] or damaged)
    try:
        assert read_indexed(radiograph_id(content), [str(path)]) == (str(path), content)
    except RadsieveError:
        assert path.read_bytes() != content
