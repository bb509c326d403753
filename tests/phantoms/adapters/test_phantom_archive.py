import csv
import hashlib

import cv2
import numpy as np
import pytest

from backend.base.core.pixel_change import UNCHANGED
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive


@pytest.fixture
def archive(tmp_path):
    films = write_phantom_archive(
        tmp_path, films=40, seed=5, size_px=64, turned_share=0.1, inverted_share=0.1
    )
    return tmp_path, films


def test_archive_holds_the_asked_number_of_films_named_phantoms(archive):
    folder, films = archive
    assert [film.path.name for film in films][:2] == ["phantom_0001.png", "phantom_0002.png"]
    assert len(list(folder.glob("phantom_*.png"))) == 40
    assert cv2.imread(str(films[0].path), cv2.IMREAD_UNCHANGED).dtype == np.uint8


def test_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("first", "again"):
        write_phantom_archive(tmp_path / name, films=5, seed=3, size_px=64)
    first, again = (_digests(tmp_path / name) for name in ("first", "again"))
    assert first == again


def test_truth_file_says_which_films_were_spoilt(archive):
    folder, films = archive
    truth = read_truth(folder)
    assert truth == {film.path.name: film.truth for film in films}
    assert sorted(change.turns_ccw for change in truth.values() if change.turns_ccw) == [1, 1, 2, 3]
    assert sum(change.invert for change in truth.values()) == 4


def test_most_films_are_left_as_they_are(archive):
    _, films = archive
    assert sum(film.truth == UNCHANGED for film in films) >= 32


def test_metadata_gives_one_to_three_films_per_patient_and_no_real_name(archive):
    folder, films = archive
    with (folder / "metadata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["patient_id"] for row in rows] == [film.patient_id for film in films]
    counts = {row["patient_id"]: 0 for row in rows}
    for row in rows:
        counts[row["patient_id"]] += 1
        assert row["patient_id"].startswith("PHANTOM-")
        assert row["sex"] in {"F", "M"}
        assert row["view_position"] in {"PA", "AP"}
        assert 18 <= int(row["age_years"]) < 95
    assert set(counts.values()) == {1, 2, 3}


def test_odd_files_come_only_when_asked_for(archive, tmp_path):
    folder, _ = archive
    assert not (folder / "empty.png").exists()
    write_phantom_archive(tmp_path / "odd", films=1, seed=1, size_px=64, with_odd_files=True)
    assert (tmp_path / "odd" / "empty.png").read_bytes() == b""
    assert (tmp_path / "odd" / "notes.png").read_bytes().startswith(b"Plain text")


def _digests(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
