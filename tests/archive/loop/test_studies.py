"""The films of one study find each other, and what names the study is kept nowhere."""

from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian
from sqlalchemy import select, update

from backend.archive.adapters.catalogue import files_of_films, films, find_film, study_films
from backend.archive.adapters.catalogue_writer import rename_patient
from backend.archive.core.identity import patient_key
from backend.archive.loop import index as index_module
from backend.archive.loop.index import index
from backend.base.adapters.database import radiographs
from backend.base.adapters.workspace import Workspace

STUDY_A, STUDY_B = "1.2.840.99.1", "1.2.840.99.2"


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open_or_make(tmp_path / "workspace")


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def pixels(seed):
    return np.random.default_rng(seed).integers(0, 256, (40, 30), dtype=np.uint8)


def write_png(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(imagecodecs.png_encode(pixels(seed)))


def write_dicom(path, seed, **tags):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.set_pixel_data(pixels(seed), "MONOCHROME2", 8)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())


def others(workspace, name, at_most=10):
    film = find_film(workspace.database, name)
    found = study_films(workspace.database, film.radiograph_id, at_most=at_most)
    return [Path(other.path).name for other in found]


def study_keys(workspace):
    with workspace.database.connect() as connection:
        return connection.execute(select(radiographs.c.study_key)).scalars().all()


def make_old(workspace):
    """Leave the catalogue as an earlier radsieve did, which knew no studies."""
    with workspace.database.begin() as connection:
        connection.execute(update(radiographs).values(study_key=None))


def test_films_of_one_dicom_study_find_each_other_with_their_views(workspace, archive):
    for number, view in enumerate(["PA", "LATERAL", "AP"]):
        write_dicom(archive / f"{number}.dcm", number, StudyInstanceUID=STUDY_A, ViewPosition=view)
    write_dicom(archive / "alone.dcm", 9, StudyInstanceUID=STUDY_B)
    index(workspace, [archive])
    assert others(workspace, "1.dcm") == ["0.dcm", "2.dcm"]
    assert others(workspace, "1.dcm", at_most=1) == ["0.dcm"]
    assert others(workspace, "alone.dcm") == []
    film = find_film(workspace.database, "1.dcm").radiograph_id
    views = [other.view_position for other in study_films(workspace.database, film, at_most=5)]
    assert views == ["PA", "AP"]


def test_a_study_folder_stands_for_a_study_and_a_heap_of_films_for_none(workspace, archive):
    for seed, name in enumerate(["s1/a.png", "s1/b.png", "s2/c.png", "d.png", "e.png"]):
        write_png(archive / name, seed)
    index(workspace, [archive])
    assert others(workspace, "a.png") == ["b.png"]
    assert others(workspace, "c.png") == others(workspace, "d.png") == []
    assert study_keys(workspace).count("") == 2


def test_dicom_outweighs_the_folder_it_lies_in(workspace, archive):
    write_dicom(archive / "s" / "0.dcm", 0, StudyInstanceUID=STUDY_A)
    write_dicom(archive / "s" / "1.dcm", 1, StudyInstanceUID=STUDY_B)
    index(workspace, [archive])
    assert others(workspace, "0.dcm") == []


def test_a_table_names_the_studies_of_films_and_may_come_later(workspace, archive, tmp_path):
    for number in range(4):
        write_png(archive / f"{number}.png", number)
    table = tmp_path / "table.csv"
    table.write_text("file,study_id\n0.png,s1\n1.png,s1\n2.png,s2\n3.png,\n")
    index(workspace, [archive])
    index(workspace, [archive], table)
    assert others(workspace, "0.png") == ["1.png"]
    assert others(workspace, "2.png") == others(workspace, "3.png") == []
    index(workspace, [archive])
    assert others(workspace, "0.png") == ["1.png"]


def test_a_table_joins_films_to_a_dicom_study_by_its_uid(workspace, archive, tmp_path):
    write_dicom(archive / "0.dcm", 0, StudyInstanceUID=STUDY_A)
    write_png(archive / "1.png", 1)
    table = tmp_path / "table.csv"
    table.write_text(f"file,study_id\n1.png,{STUDY_A}\n")
    index(workspace, [archive], table)
    assert others(workspace, "1.png") == ["0.dcm"]


def test_studies_numbered_anew_for_every_patient_do_not_mix_patients(workspace, archive, tmp_path):
    for number in range(4):
        write_png(archive / f"{number}.png", number)
    table = tmp_path / "table.csv"
    table.write_text("file,patient_id,study_id\n0.png,A,1\n1.png,A,1\n2.png,B,1\n3.png,B,2\n")
    index(workspace, [archive], table)
    assert others(workspace, "0.png") == ["1.png"]
    assert others(workspace, "2.png") == []


def test_an_older_index_gets_its_studies_without_decoding_a_film(workspace, archive, monkeypatch):
    write_dicom(archive / "heap" / "0.dcm", 0, StudyInstanceUID=STUDY_A)
    write_dicom(archive / "other" / "1.dcm", 1, StudyInstanceUID=STUDY_A)
    write_png(archive / "s1" / "a.png", 2)
    write_png(archive / "s1" / "b.png", 3)
    write_png(archive / "alone.png", 4)
    index(workspace, [archive])
    before = study_keys(workspace)
    make_old(workspace)

    def decode(*_arguments, **_options):
        raise AssertionError("a film was decoded")

    monkeypatch.setattr(index_module, "read_film", decode)
    report = index(workspace, [archive])
    assert (report.indexed, report.already) == (0, 5)
    assert study_keys(workspace) == before
    assert others(workspace, "0.dcm") == ["1.dcm"]
    assert others(workspace, "a.png") == ["b.png"]


def test_a_film_of_no_study_is_asked_once_and_no_more(workspace, archive, monkeypatch):
    write_dicom(archive / "0.dcm", 0)
    index(workspace, [archive])
    make_old(workspace)
    index(workspace, [archive])
    assert study_keys(workspace) == [""]

    def ask(_path):
        raise AssertionError("the header was read again")

    monkeypatch.setattr(index_module, "study_uid_of", ask)
    assert index(workspace, [archive]).already == 1


def test_a_header_that_is_damaged_names_no_study(workspace, archive):
    write_dicom(archive / "0.dcm", 0, StudyInstanceUID=STUDY_A)
    whole = (archive / "0.dcm").read_bytes()
    assert index_module.study_uid_of(whole[:140] + b"\xff" * 40) is None
    assert index_module.study_uid_of(b"\x89PNG\r\n\x1a\n") is None
    assert index_module.study_uid_of(b"") is None


def test_what_names_a_study_is_kept_nowhere(workspace, archive, tmp_path, caplog, capfd):
    write_dicom(archive / "0.dcm", 0, StudyInstanceUID=STUDY_A)
    write_png(archive / "1.png", 1)
    table = tmp_path / "table.csv"
    table.write_text("file,study_id\n1.png,secret-study-4711\n")
    with caplog.at_level("DEBUG"):
        index(workspace, [archive], table)
    workspace.database.dispose()
    said = caplog.text + "".join(capfd.readouterr())
    kept = b"".join(path.read_bytes() for path in workspace.root.rglob("*") if path.is_file())
    for secret in (STUDY_A, "secret-study", "4711"):
        assert secret not in said
        assert secret.encode() not in kept


def test_an_unknown_film_has_no_study_and_no_files(workspace, archive):
    write_png(archive / "s1" / "a.png", 0)
    write_png(archive / "s1" / "b.png", 1)
    index(workspace, [archive])
    assert study_films(workspace.database, "0" * 20, at_most=5) == []
    film = find_film(workspace.database, "a.png")
    found = files_of_films(workspace.database, [film.radiograph_id, "0" * 20])
    assert found == {film.radiograph_id: [film.path]}


def test_a_patient_whom_an_earlier_index_spelled_otherwise_stays_one(workspace, archive):
    write_dicom(archive / "1.dcm", 1, PatientID="007")
    index(workspace, [archive])
    (film,) = films(workspace.database)
    old = patient_key("007", workspace.secrets.archive_key)
    rename_patient(workspace.database, film.patient_key, old)
    assert films(workspace.database)[0].patient_key == old
    write_dicom(archive / "2.dcm", 2, PatientID="007 ")
    index(workspace, [archive])
    assert {film.patient_key for film in films(workspace.database)} == {
        patient_key("7", workspace.secrets.archive_key)
    }
