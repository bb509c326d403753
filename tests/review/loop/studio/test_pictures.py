"""Pictures for review: sharp, recorded, whole or not there, and gone when nobody needs them."""

import hashlib
import re
import shutil
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import DigitalXRayImageStorageForPresentation, JPEG2000Lossless
from shared_fixtures.spoilt_files import (
    cut_short,
    empty,
    link_to_nothing,
    make_a_folder,
    make_a_pipe,
    overwrite,
    remove,
)
from sqlalchemy import select

from backend.archive.adapters.catalogue import films, find_film
from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.loop.index import index
from backend.base.adapters.database import pictures
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import UnreadableFilmError
from backend.base.core.pixel_change import PixelChange
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.phantoms.core.chest import chest_phantom
from backend.review.adapters.review_jpeg import LARGE_PX, THUMB_BOXES_PX
from backend.review.loop.studio.pictures import (
    large_url,
    make_check_pictures,
    make_review_pictures,
    remove_pictures,
    sheet_url,
    thumb_url,
)

SHOWN = "0123456789abcdef0123"


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open_or_make(tmp_path / "workspace")


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantoms")
    write_phantom_archive(folder, films=4, seed=3, size_px=500, turned_share=0)
    return folder


@pytest.fixture
def archive(phantoms, tmp_path):
    return shutil.copytree(phantoms, tmp_path / "archive")


@pytest.fixture
def ids(workspace, archive):
    index(workspace, [archive])
    return [film.radiograph_id for film in films(workspace.database)]


def picture(workspace, shown_id, size=""):
    return Image.open(BytesIO((workspace.review / f"{shown_id}{size}.jpg").read_bytes()))


def pixels_of(workspace, shown_id, size=""):
    return np.asarray(picture(workspace, shown_id, size), np.float64)


def notes(workspace):
    with workspace.database.connect() as connection:
        rows = connection.execute(select(pictures)).all()
    return {row.shown_id: row for row in rows}


def made(workspace):
    return sorted(path.name for path in workspace.review.iterdir())


def write_jpeg2000_dicom(path, height, width):
    """Write a 12-bit phantom as MONOCHROME1: white is the least value."""
    rng = np.random.default_rng(7)
    small = chest_phantom(rng, 500)
    film = np.kron(small, np.ones((4, 4)))[:height, :width]
    stored = (4095 * (1 - film)).astype(np.uint16)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.set_pixel_data(stored, "MONOCHROME1", 12)
    dataset.PixelData = encapsulate(
        [
            imagecodecs.jpeg2k_encode(
                stored, level=0, codecformat="j2k", bitspersample=12, reversible=True
            )
        ]
    )
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    path.write_bytes(file.getvalue())


def rules(steps):
    """Return what was done, without the ends of the range: they are read from the pixels."""
    return [re.sub(r"\d+ to \d+", "N to N", step) for step in steps]


def test_a_large_dicom_is_shown_in_both_sizes_as_its_tags_ask_for(workspace, tmp_path):
    folder = tmp_path / "dicom"
    folder.mkdir()
    write_jpeg2000_dicom(folder / "film.dcm", 2000, 1600)
    index(workspace, [folder])
    film = find_film(workspace.database, "film.dcm")
    make_review_pictures(workspace.database, workspace.review, [film.radiograph_id])
    assert picture(workspace, film.radiograph_id).size == (316, 395)
    assert picture(workspace, film.radiograph_id, "_large").size == (1152, LARGE_PX)
    note = notes(workspace)[film.radiograph_id]
    assert (note.thumb_px, note.large_px, note.removed_at) == (395, LARGE_PX, None)
    assert any("MONOCHROME1" in step for step in note.normalisation)
    assert rules(note.normalisation) == rules(film.normalisation)
    # White where the film is dense, as at index time.
    whole = read_film((folder / "film.dcm").read_bytes(), "film.dcm").pixels
    assert abs(pixels_of(workspace, film.radiograph_id).mean() - whole.mean()) < 1


def test_a_small_film_is_not_enlarged(workspace, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    small = np.random.default_rng(1).integers(0, 256, (90, 120), dtype=np.uint8)
    (folder / "a.png").write_bytes(imagecodecs.png_encode(small))
    index(workspace, [folder])
    film = find_film(workspace.database, "a.png").radiograph_id
    make_review_pictures(workspace.database, workspace.review, [film])
    assert picture(workspace, film).size == picture(workspace, film, "_large").size == (120, 90)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1000, 1000), (325, 325)), ((1250, 1000), (403, 322)), ((800, 1000), (316, 395))],
)
def test_a_thumbnail_fits_the_larger_of_the_two_cells(workspace, tmp_path, size, shown):
    folder = tmp_path / "films"
    folder.mkdir()
    film = np.random.default_rng(2).integers(0, 256, size[::-1], dtype=np.uint8)
    (folder / "a.png").write_bytes(imagecodecs.png_encode(film))
    index(workspace, [folder])
    film_id = find_film(workspace.database, "a.png").radiograph_id
    make_review_pictures(workspace.database, workspace.review, [film_id])
    width, height = picture(workspace, film_id).size
    assert abs(width - shown[0]) <= 3
    assert any(width <= w and height <= h for w, h in THUMB_BOXES_PX)


def test_a_sheet_of_few_films_shows_the_large_pictures(workspace):
    assert sheet_url(SHOWN, films=48) == sheet_url(SHOWN, films=24) == thumb_url(SHOWN)
    assert sheet_url(SHOWN, films=23) == large_url(SHOWN)


def test_what_was_made_is_on_record_and_is_made_once(workspace, ids):
    make_review_pictures(workspace.database, workspace.review, ids[:2])
    before = notes(workspace)
    for film in ids[:2]:
        for size, noted in (("", before[film].thumb_sha256), ("_large", before[film].large_sha256)):
            content = (workspace.review / f"{film}{size}.jpg").read_bytes()
            assert hashlib.sha256(content).hexdigest() == noted
    make_review_pictures(workspace.database, workspace.review, ids)
    after = notes(workspace)
    assert set(after) == set(ids)
    assert {film: after[film] for film in ids[:2]} == before


def test_pictures_of_an_older_radsieve_or_that_somebody_deleted_are_made_again(workspace, ids):
    workspace.review.mkdir(parents=True)
    for size in ("", "_large"):
        (workspace.review / f"{ids[0]}{size}.jpg").write_bytes(b"old")
    make_review_pictures(workspace.database, workspace.review, ids[:2])
    assert picture(workspace, ids[0]).size[0] > 300
    (workspace.review / f"{ids[1]}_large.jpg").unlink()
    make_review_pictures(workspace.database, workspace.review, ids[:2])
    assert picture(workspace, ids[1], "_large").size[0] > 400


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (remove, "cannot be opened: No such file"),
        (overwrite, "its file has changed since it was indexed"),
        (cut_short, "its file has changed since it was indexed"),
        (empty, "empty"),
        (make_a_pipe, "not a regular file"),
        (make_a_folder, "not a regular file"),
        (link_to_nothing, "broken link"),
    ],
)
def test_a_file_that_is_not_the_film_any_more_gives_one_clear_line_and_no_picture(
    workspace, ids, fault, reason
):
    film = films(workspace.database)[1]
    fault(Path(film.path), imagecodecs.png_encode(np.zeros((50, 50), np.uint8)))
    with pytest.raises(UnreadableFilmError, match=re.escape(reason)) as caught:
        make_review_pictures(workspace.database, workspace.review, ids)
    message = str(caught.value)
    assert film.radiograph_id in message
    assert "`radsieve index`" in message
    assert "\n" not in message and film.path not in message
    others = [other for other in ids if other != film.radiograph_id]
    assert made(workspace) == sorted(
        f"{other}{size}.jpg" for other in others for size in ("", "_large")
    )
    assert set(notes(workspace)) == set(others)


def test_a_film_without_any_file_is_named_and_one_with_another_copy_is_shown(
    workspace, ids, archive, tmp_path
):
    first, second, *_ = films(workspace.database)
    copy = tmp_path / "copy" / "again.png"
    copy.parent.mkdir()
    copy.write_bytes(Path(second.path).read_bytes())
    index(workspace, [copy.parent])
    for film in (first, second):
        Path(film.path).write_bytes(b"changed")
    make_review_pictures(workspace.database, workspace.review, [second.radiograph_id])
    index(workspace, [archive])
    with pytest.raises(UnreadableFilmError, match=rf"{first.radiograph_id}.*not? .*index any more"):
        make_review_pictures(workspace.database, workspace.review, ids)


def test_several_broken_films_are_counted(workspace, ids, archive):
    for film in films(workspace.database)[:3]:
        Path(film.path).unlink()
    with pytest.raises(UnreadableFilmError, match=r"\(and 2 more\)"):
        make_review_pictures(workspace.database, workspace.review, ids)


def test_a_changed_copy_is_the_film_changed(workspace, ids):
    turned = PixelChange(turns_ccw=1)
    make_review_pictures(workspace.database, workspace.review, ids[:1])
    make_check_pictures(
        workspace.database, workspace.review, {SHOWN: (ids[0], turned), SHOWN[::-1]: (ids[0], None)}
    )
    plain = pixels_of(workspace, ids[0], "_large")
    copy = pixels_of(workspace, SHOWN, "_large")
    assert np.abs(turned.apply(plain, 255) - copy).mean() < 4  # each is packed anew
    assert np.abs(pixels_of(workspace, SHOWN[::-1], "_large") - plain).max() == 0
    note = notes(workspace)[SHOWN]
    assert (note.radiograph_id, note.change["turns_ccw"]) == (ids[0], 1)


def test_another_change_under_the_same_id_is_made_anew(workspace, ids):
    make_check_pictures(workspace.database, workspace.review, {SHOWN: (ids[0], None)})
    before = pixels_of(workspace, SHOWN)
    make_check_pictures(
        workspace.database, workspace.review, {SHOWN: (ids[0], PixelChange(invert=True))}
    )
    assert np.abs(before + pixels_of(workspace, SHOWN) - 255).mean() < 4


def jpeg_facts(path):
    """Return all that a JPEG file says beside its pixels: markers, tables, modes, rights."""
    content = path.read_bytes()
    with Image.open(BytesIO(content)) as image:
        assert not image.getexif()
        layout = [(marker, length) for marker, length in segments(content) if marker != 0xC4]
        return layout, image.mode, image.info.keys(), image.quantization, path.stat().st_mode


def segments(content):
    """Yield marker and length of every segment before the picture itself."""
    place = 2
    while content[place + 1] != 0xDA:
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        yield content[place + 1], length
        place += 2 + length


def test_nothing_but_its_pixels_tells_a_check_from_a_film(workspace, ids):
    checks = {
        SHOWN: (ids[0], PixelChange(turns_ccw=2)),
        SHOWN[::-1]: (ids[1], None),
        "f" * 20: (ids[2], PixelChange(invert=True)),
    }
    make_review_pictures(workspace.database, workspace.review, ids)
    make_check_pictures(workspace.database, workspace.review, checks)
    for size in ("", "_large"):
        told = [jpeg_facts(workspace.review / f"{film}{size}.jpg") for film in [*ids, *checks]]
        assert all(facts == told[0] for facts in told)
    of_films = {re.sub(r"[0-9a-f]{20}", "ID", name) for name in made(workspace)}
    assert of_films == {"ID.jpg", "ID_large.jpg"}
    assert thumb_url(SHOWN) == thumb_url(ids[0]).replace(ids[0], SHOWN)


@pytest.mark.parametrize("odd", ["../../etc/passwd", "A" * 20, "0" * 19, ""])
def test_a_shown_id_that_is_no_id_is_refused(workspace, ids, odd):
    with pytest.raises(ValueError, match="20 hex digits"):
        make_check_pictures(workspace.database, workspace.review, {odd: (ids[0], None)})


def test_the_id_of_a_film_is_not_taken_for_a_check(workspace, ids):
    with pytest.raises(ValueError, match=ids[1]):
        make_check_pictures(workspace.database, workspace.review, {ids[1]: (ids[0], None)})


def test_pictures_that_nobody_needs_go_and_strangers_files_stay(workspace, ids):
    make_review_pictures(workspace.database, workspace.review, ids)
    make_check_pictures(workspace.database, workspace.review, {SHOWN: (ids[0], None)})
    strangers = ["notes.txt", f"{ids[0]}.png", f"x{ids[0]}.jpg", f"{'9' * 20}.jpg"]
    for name in strangers:
        (workspace.review / name).write_bytes(b"mine")
    assert remove_pictures(workspace.database, workspace.review, still_needed=[ids[0]]) == len(ids)
    kept = [*strangers, f"{ids[0]}.jpg", f"{ids[0]}_large.jpg"]
    assert made(workspace) == sorted(kept)
    found = notes(workspace)
    assert found[ids[0]].removed_at is None
    assert all(found[one].removed_at for one in [*ids[1:], SHOWN])
    assert remove_pictures(workspace.database, workspace.review, still_needed=[ids[0]]) == 0


def test_removed_pictures_are_made_again_as_they_were(workspace, ids):
    make_review_pictures(workspace.database, workspace.review, ids[:1])
    (before,) = notes(workspace).values()
    remove_pictures(workspace.database, workspace.review, still_needed=[])
    assert made(workspace) == []
    make_review_pictures(workspace.database, workspace.review, ids[:1])
    (after,) = notes(workspace).values()
    assert (after.removed_at, after.thumb_sha256) == (None, before.thumb_sha256)
    assert after.made_at > before.made_at


def test_pictures_without_a_note_go_too_and_a_bare_workspace_has_none(workspace, ids):
    assert remove_pictures(workspace.database, workspace.review, still_needed=[]) == 0
    workspace.review.mkdir(parents=True)
    (workspace.review / f"{ids[0]}.jpg").write_bytes(b"of an older radsieve")
    assert remove_pictures(workspace.database, workspace.review, still_needed=[]) == 1
    assert made(workspace) == []


def test_pictures_that_somebody_else_deleted_are_noted_as_gone(workspace, ids):
    make_review_pictures(workspace.database, workspace.review, ids[:1])
    for path in workspace.review.iterdir():
        path.unlink()
    assert remove_pictures(workspace.database, workspace.review, still_needed=[]) == 1
    assert notes(workspace)[ids[0]].removed_at
