import os
import time
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian
from sqlalchemy import delete, update

from backend.archive.adapters.catalogue import files_by_film, films, find_film, unreadable_files
from backend.archive.adapters.thumbnail_check import refuse_damaged
from backend.archive.adapters.thumbnail_store import ThumbnailStore, thumbnail_digest
from backend.archive.core.identity import radiograph_id
from backend.archive.loop.index import index
from backend.base.adapters.database import evidence, ledger, radiographs
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.lock import exclusive_lock
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import (
    ChangedEvidenceError,
    InputFileError,
    RadsieveError,
    UnknownRadiographError,
)

PATIENT = "Doe^Jane-77123"


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open_or_make(tmp_path / "workspace")


@pytest.fixture
def archive(tmp_path):
    """Six films in two studies and two alone, one of which is DICOM with a patient."""
    folder = tmp_path / "archive"
    for number, name in enumerate(["s1/a.png", "s1/b.png", "s2/a.png", "s2/c.png", "d.png"]):
        write(folder / name, film(number))
    write(folder / "e.dcm", dicom_film(9))
    return folder


def film(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 30), dtype=np.uint8)
    return imagecodecs.png_encode(pixels)


def dicom_film(seed):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.PatientID = dataset.PatientName = PATIENT
    dataset.PatientAge, dataset.PatientSex = "045Y", "F"
    pixels = np.random.default_rng(seed).integers(0, 4096, (40, 30)).astype(np.uint16)
    dataset.set_pixel_data(pixels, "MONOCHROME2", 12)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def by_name(workspace):
    return {Path(film.path).name: film for film in films(workspace.database)}


def test_every_film_is_catalogued_with_its_thumbnail(workspace, archive):
    report = index(workspace, [archive])
    assert (report.indexed, report.already, report.unreadable, report.duplicates) == (6, 0, 0, 0)
    catalogued = films(workspace.database)
    assert [film.thumbnail_row for film in catalogued] == list(range(6))
    assert len(ThumbnailStore(workspace.thumbnails)) == 6
    assert {film.radiograph_id for film in catalogued} == {
        radiograph_id(path.read_bytes()) for path in archive.rglob("*.*")
    }
    dicom = by_name(workspace)["e.dcm"]
    assert (dicom.width_px, dicom.height_px, dicom.age_years, dicom.sex) == (30, 40, 45.0, "F")
    assert dicom.normalisation[0].startswith("no window")


def test_a_second_run_reads_nothing(workspace, archive):
    index(workspace, [archive])
    before = films(workspace.database)
    for path in archive.rglob("*.*"):  # same size and time, so nobody may notice
        state = path.stat()
        path.write_bytes(bytes(state.st_size))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    report = index(workspace, [archive])
    assert (report.indexed, report.already) == (0, 6)
    assert films(workspace.database) == before


def test_a_new_film_is_added_and_the_others_stay(workspace, archive):
    index(workspace, [archive])
    before = films(workspace.database)
    write(archive / "s1" / "new.png", film(50))
    report = index(workspace, [archive])
    assert (report.indexed, report.already) == (1, 6)
    assert films(workspace.database)[:6] == before


def test_the_same_bytes_elsewhere_are_one_film_with_two_files(workspace, archive):
    write(archive / "s3" / "copy.png", film(0))
    report = index(workspace, [archive])
    assert (report.indexed, report.duplicates) == (6, 1)
    paths = files_by_film(workspace.database)[radiograph_id(film(0))]
    assert paths == [str(archive / "s1" / "a.png"), str(archive / "s3" / "copy.png")]
    assert index(workspace, [archive]).already == 7


def test_of_several_files_one_that_exists_is_named(workspace, archive, tmp_path):
    write(tmp_path / "other" / "copy.png", film(0))
    index(workspace, [archive, tmp_path / "other"])
    (archive / "s1" / "a.png").unlink()
    index(workspace, [tmp_path / "other"])
    assert find_film(workspace.database, radiograph_id(film(0))).path.endswith("other/copy.png")


def test_a_changed_file_is_a_new_film(workspace, archive):
    index(workspace, [archive])
    write(archive / "d.png", film(60))
    report = index(workspace, [archive])
    assert (report.indexed, report.already, report.patients.films) == (1, 5, 6)
    assert by_name(workspace)["d.png"].radiograph_id == radiograph_id(film(60))
    with pytest.raises(UnknownRadiographError):
        find_film(workspace.database, radiograph_id(film(4)))


def test_a_film_that_was_only_touched_keeps_its_row(workspace, archive):
    index(workspace, [archive])
    before = films(workspace.database)
    os.utime(archive / "d.png", ns=(1, time.time_ns()))
    report = index(workspace, [archive])
    assert (report.indexed, report.already, report.duplicates) == (0, 6, 0)
    assert films(workspace.database) == before


def test_a_moved_archive_keeps_its_films(workspace, archive, tmp_path):
    index(workspace, [archive])
    before = {film.radiograph_id: film.patient_key for film in films(workspace.database)}
    archive.rename(tmp_path / "moved")
    report = index(workspace, [tmp_path / "moved"])
    assert (report.indexed, report.already, report.duplicates) == (0, 6, 0)
    after = films(workspace.database)
    assert {film.radiograph_id: film.patient_key for film in after} == before
    assert all("moved" in film.path for film in after)


def test_a_moved_file_is_said_to_be_moved_and_not_gone(workspace, archive):
    index(workspace, [archive])
    (archive / "later").mkdir()
    (archive / "d.png").rename(archive / "later" / "renamed.png")
    report = index(workspace, [archive])
    assert (report.moved, report.gone, report.already) == (1, 0, 6)


def test_a_copy_that_is_deleted_is_gone_and_not_moved(workspace, archive):
    (archive / "copy.png").write_bytes((archive / "d.png").read_bytes())
    index(workspace, [archive])
    (archive / "copy.png").unlink()
    report = index(workspace, [archive])
    assert (report.moved, report.gone) == (0, 1)


def test_a_vanished_file_is_taken_off_the_list(workspace, archive):
    index(workspace, [archive])
    (archive / "d.png").unlink()
    report = index(workspace, [archive])
    assert (report.gone, report.already, report.patients.films) == (1, 5, 5)


def test_what_lies_elsewhere_is_not_taken_for_vanished(workspace, archive, tmp_path):
    write(tmp_path / "other" / "z.png", film(70))
    index(workspace, [archive])
    report = index(workspace, [tmp_path / "other"])
    assert (report.gone, report.patients.films) == (0, 7)


def test_nasty_files_are_listed_and_stop_nothing(workspace, archive):
    write(archive / "bad" / "empty.png", b"")
    write(archive / "bad" / "truncated.png", film(80)[:300])
    write(archive / "bad" / "text.png", b"file,patient_id\n")
    write(archive / "bad" / "notes.txt", b"a note\n")
    write(archive / "bad" / "pixel.png", imagecodecs.png_encode(np.zeros((1, 1), np.uint8)))
    (archive / "bad" / "link.png").symlink_to("nowhere.png")
    os.mkfifo(archive / "bad" / "pipe.png")
    (archive / "folder.png").mkdir()
    write(archive / "bad" / os.fsdecode(b"\xff\xfe.png"), film(81))
    report = index(workspace, [archive])
    assert (report.indexed, report.unreadable) == (6, 8)
    problems = {Path(file.path).name: file.problem for file in unreadable_files(workspace.database)}
    assert problems == {
        "empty.png": "empty",
        "truncated.png": problems["truncated.png"],
        "text.png": "not an image (PNG, JPEG, TIFF or DICOM), though its name ends in .png",
        "notes.txt": "not an image (PNG, JPEG, TIFF or DICOM)",
        "pixel.png": "too small: 1 x 1 px",
        "link.png": "broken link",
        "pipe.png": "not a regular file",
        "\\xff\\xfe.png": "its name is not UTF-8; rename it",
    }
    assert problems["truncated.png"].startswith("damaged PNG: ")
    again = index(workspace, [archive])
    assert (again.already, again.unreadable) == (6, 8)


def test_a_repaired_file_is_read(workspace, archive):
    (archive / "link.png").symlink_to("later.png")
    write(archive / "half.png", film(82)[:300])
    assert index(workspace, [archive]).unreadable == 2
    write(archive / "later.png", film(83))
    write(archive / "half.png", film(82))
    report = index(workspace, [archive])
    assert (report.indexed, report.duplicates, report.unreadable) == (2, 1, 0)
    assert not unreadable_files(workspace.database)


def test_patients_come_from_dicom_then_study_folder_then_film(workspace, archive):
    report = index(workspace, [archive])
    assert report.patients.films_by_source == {"dicom": 1, "folder": 4, "film": 1}
    assert report.patients.patients == 4
    named = {Path(film.path).relative_to(archive): film for film in films(workspace.database)}
    s1 = {film.patient_key for path, film in named.items() if path.parent == Path("s1")}
    s2 = {film.patient_key for path, film in named.items() if path.parent == Path("s2")}
    assert len(s1) == len(s2) == 1 and s1 != s2


def test_a_table_outweighs_all_and_may_come_later(workspace, archive, tmp_path):
    index(workspace, [archive])
    table = tmp_path / "table.csv"
    table.write_text(
        "file,patient_id,age_years,sex,view_position\n"
        f"d.png,{PATIENT},61,M,PA\ns1/a.png,X,,,\nb.png,X,abc,,\na.png,Y,1,,\nnone.png,Z,,,\n"
    )
    report = index(workspace, [archive], table)
    assert report.already == 6
    assert report.patients.films_by_source == {"dicom": 1, "folder": 2, "metadata": 3}
    assert report.metadata is not None
    assert report.metadata.films == 3
    assert [row.file for row in report.metadata.ambiguous] == ["a.png"]
    assert (report.metadata.rows_without_film, report.metadata.unreadable_ages) == (1, 1)
    named = by_name(workspace)
    assert (named["d.png"].age_years, named["d.png"].sex) == (61.0, "M")
    assert named["d.png"].view_position == "PA"
    assert named["d.png"].patient_key == named["e.dcm"].patient_key
    assert find_film(workspace.database, str(archive / "s1" / "a.png")).patient_key == (
        named["b.png"].patient_key
    )


def test_a_table_beside_the_films_is_not_taken_for_a_film(workspace, archive):
    (archive / "table.csv").write_text("file,sex\nd.png,M\n")
    assert index(workspace, [archive], archive / "table.csv").unreadable == 0


def test_a_workspace_inside_the_archive_is_not_indexed(archive):
    workspace = Workspace.open_or_make(archive / "radsieve-workspace")
    index(workspace, [archive])
    write(workspace.review / "picture.png", film(90))
    assert index(workspace, [archive]).already == 6


def test_patient_names_and_ids_are_kept_nowhere(workspace, archive, tmp_path, caplog, capfd):
    table = tmp_path / "table.csv"
    table.write_text("file,patient_id\nd.png,secret-4711\n")
    write(archive / "broken.dcm", dicom_film(3)[:700])
    with caplog.at_level("DEBUG"):
        index(workspace, [archive], table)
    workspace.database.dispose()
    said = caplog.text + "".join(capfd.readouterr())
    kept = b"".join(path.read_bytes() for path in workspace.root.rglob("*") if path.is_file())
    for secret in (PATIENT, "Doe", "77123", "secret-4711", "4711"):
        assert secret not in said
        assert secret.encode() not in kept


def test_lost_thumbnails_are_made_again_in_their_rows(workspace, archive):
    index(workspace, [archive])
    store = ThumbnailStore(workspace.thumbnails)
    before, catalogued = store.read(range(6)), films(workspace.database)
    with workspace.thumbnails.open("r+b") as file:
        file.truncate(2 * 256 * 256 + 100)
    report = index(workspace, [archive])
    assert (report.indexed, report.already) == (0, 6)
    np.testing.assert_array_equal(store.read(range(6)), before)
    assert films(workspace.database) == catalogued


@pytest.mark.parametrize("row", [0, 3])
def test_a_zeroed_thumbnail_is_refused_as_a_film_and_made_again(workspace, archive, row):
    index(workspace, [archive])
    store, catalogued = ThumbnailStore(workspace.thumbnails), films(workspace.database)
    before = store.read(range(6))
    with workspace.thumbnails.open("r+b") as file:
        file.seek(row * 256 * 256)
        file.write(bytes(256 * 256))
    with pytest.raises(ChangedEvidenceError, match="1 of 6 films"):
        refuse_damaged(store, catalogued)
    report = index(Workspace.open_or_make(workspace.root), [archive])
    assert (report.indexed, report.already) == (0, 6)
    np.testing.assert_array_equal(store.read(range(6)), before)
    refuse_damaged(store, films(workspace.database))
    refuse_changed_tables(workspace.database)
    Workspace(workspace.root).database.dispose()


def test_thumbnails_of_an_earlier_index_are_known_from_now_on_but_for_zeroed_ones(
    workspace, archive
):
    index(workspace, [archive])
    store = ThumbnailStore(workspace.thumbnails)
    before = store.read(range(6))
    with workspace.database.begin() as connection:
        for table in (evidence, ledger):
            connection.execute(delete(table))
        connection.execute(update(radiographs).values(thumbnail_digest=None))
    store.write(2, np.zeros((256, 256), np.uint8))
    refuse_damaged(store, films(workspace.database))
    index(workspace, [archive])
    np.testing.assert_array_equal(store.read(range(6)), before)
    known = [film.thumbnail_digest for film in films(workspace.database)]
    assert known == [thumbnail_digest(one) for one in before]


def test_a_thumbnail_without_a_film_is_overwritten(workspace, archive):
    index(workspace, [archive])
    ThumbnailStore(workspace.thumbnails).write(6, np.full((256, 256), 255, np.uint8))
    write(archive / "new.png", imagecodecs.png_encode(np.zeros((20, 20), np.uint8)))
    index(workspace, [archive])
    assert not ThumbnailStore(workspace.thumbnails).read([6]).any()


def test_two_runs_at_once_are_refused(workspace, archive):
    lock = exclusive_lock(workspace.root / "index.lock", "busy")
    with lock, pytest.raises(RadsieveError, match="another `radsieve index`"):
        index(workspace, [archive])
    assert index(workspace, [archive]).indexed == 6


@pytest.mark.parametrize("wrong", ["none", "none/*.png"])
def test_a_path_that_matches_nothing_is_refused(workspace, archive, wrong):
    with pytest.raises(InputFileError, match="matches"):
        index(workspace, [archive, archive / wrong])


def test_a_folder_without_files_is_refused(workspace, tmp_path):
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputFileError, match="no file at all"):
        index(workspace, [tmp_path / "bare"])


def test_progress_reaches_the_number_of_files(workspace, archive):
    seen = []
    index(workspace, [archive], progress=lambda done, to_do: seen.append((done, to_do)))
    assert seen == [(done, 6) for done in range(1, 7)]


def test_a_film_is_found_by_id_prefix_path_and_name(workspace, archive, monkeypatch):
    index(workspace, [archive])
    wanted = by_name(workspace)["d.png"]
    monkeypatch.chdir(archive)
    for name in (wanted.radiograph_id, wanted.radiograph_id[:8], wanted.path, "d.png", "./d.png"):
        assert find_film(workspace.database, name) == wanted
    assert find_film(workspace.database, "s2/c.png").path == str(archive / "s2" / "c.png")


def test_a_name_of_two_films_or_of_none_is_refused(workspace, archive):
    index(workspace, [archive])
    with pytest.raises(UnknownRadiographError, match="fits 2 films"):
        find_film(workspace.database, "a.png")
    for unknown in ("zzz", "%", "_.png", ""):
        with pytest.raises(UnknownRadiographError):
            find_film(workspace.database, unknown)
