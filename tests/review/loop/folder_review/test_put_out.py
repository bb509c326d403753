"""Films are put out into folders, on phantoms, with a real database and real files."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from shared_fixtures.review_folder import PLAIN, one_of, pictures

from backend.archive.adapters.catalogue import find_film
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version
from backend.review.adapters.film_folder import MANIFEST
from backend.review.core.folder_review import film_of_file
from backend.review.loop.folder_review import PutOut, put_out, read_in
from tasks import detector_task


def test_every_flagged_film_lies_in_the_folder_of_its_predicted_label(workspace, tasks, out):
    version = published_version(workspace.database, "rotation")
    frame = load_predictions(workspace.predictions, "rotation", version).frame
    task = tasks["rotation"]
    best = frame[[f"p_{label}" for label in task.labels]].max(axis=1)
    doubtful = (frame["predicted"] != "upright") | (best < task.thresholds.review_below)
    wanted = dict(frame[doubtful][["radiograph_id", "predicted"]].to_numpy().tolist())
    found = {film_of_file(path.name): path.parent.name for path in pictures(out)}
    assert found == wanted
    assert 0 < len(found) < len(frame)


def test_there_is_a_folder_for_every_label_even_where_it_is_empty(tasks, out):
    folders = {path.name for path in (out / "rotation").iterdir()}
    assert folders == set(tasks["rotation"].labels)


def test_a_file_explorer_that_sorts_by_name_shows_the_most_doubtful_first(out):
    films = json.loads((out / MANIFEST).read_text())["films"]
    by_name = sorted(films, key=lambda film: film["file"])
    sure = [film["probability"] for film in by_name]
    assert sure == sorted(sure)


def test_no_file_and_no_manifest_holds_an_original_name_or_the_key(workspace, phantoms, out):
    text = (out / MANIFEST).read_text() + " ".join(map(str, pictures(out)))
    assert workspace.secrets.archive_key.hex() not in text
    for original in phantoms.glob("*.png"):
        assert original.stem not in text


def test_a_small_film_is_not_enlarged_and_carries_no_metadata(workspace, out):
    for path in pictures(out):
        film = find_film(workspace.database, film_of_file(path.name))
        shape = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape
        assert shape == (film.height_px, film.width_px)
        assert b"Exif" not in path.read_bytes()


def test_a_large_film_is_shrunk_to_the_size_asked_for(workspace, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr("backend.review.loop.folder_review.SMALL_PX", 64)
    put_out(workspace, [tasks["rotation"]], tmp_path / "small", PLAIN)
    for path in pictures(tmp_path / "small"):
        assert max(cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape) == 64


def test_links_lead_to_the_films_own_files(workspace, tasks, tmp_path):
    report = put_out(workspace, [tasks["rotation"]], tmp_path / "out", PutOut(link=True))
    links = pictures(tmp_path / "out")
    assert report.linked == len(links) > 0
    for link in links:
        original = find_film(workspace.database, film_of_file(link.name)).path
        assert link.is_symlink()
        assert link.resolve() == Path(original).resolve()


def test_a_folder_with_other_things_in_it_is_left_alone(workspace, tasks, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").write_text("mine")
    with pytest.raises(RadsieveError, match=r"with thesis\.doc in it"):
        put_out(workspace, [tasks["rotation"]], tmp_path / "out", PLAIN)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.doc"]


def test_files_named_like_ours_in_a_folder_that_is_not_ours_are_left_alone(
    workspace, tasks, out, tmp_path
):
    stranger = tmp_path / "stranger"
    shutil.copytree(out / "rotation", stranger)
    with pytest.raises(RadsieveError, match="expected an empty folder"):
        put_out(workspace, [tasks["rotation"]], stranger, PLAIN)
    assert len(pictures(stranger)) == len(pictures(out))


def test_moves_that_nobody_read_are_not_thrown_away(workspace, tasks, read, out):
    film, other = one_of(out)
    shutil.move(film, other)
    with pytest.raises(RadsieveError, match=r"got 1 films in .* that were moved since"):
        put_out(workspace, [tasks["rotation"]], out, PLAIN)
    assert (other / film.name).is_file()
    read()
    put_out(workspace, [tasks["rotation"]], out, PLAIN)


def test_folders_of_a_task_that_is_not_asked_any_more_go(workspace, tasks, tmp_path):
    folder = tmp_path / "out"
    put_out(workspace, list(tasks.values()), folder, PLAIN)
    put_out(workspace, [tasks["inversion"]], folder, PLAIN)
    assert [path.name for path in folder.iterdir() if path.is_dir()] == ["inversion"]


def test_the_same_predictions_are_put_out_the_same_way(workspace, tasks, out, tmp_path):
    put_out(workspace, [tasks["rotation"]], tmp_path / "again", PLAIN)
    names = [path.relative_to(out) for path in pictures(out)]
    assert names == [path.relative_to(tmp_path / "again") for path in pictures(tmp_path / "again")]


_KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from backend.review.adapters.film_folder import FilmFolder
from backend.base.adapters.workspace import Workspace
from backend.review.loop.folder_review import PutOut, put_out
from tasks import detector_task

write = FilmFolder.write_picture
left = [2]

def write_two(self, path, pixels):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, path, pixels)

FilmFolder.write_picture = write_two
put_out(Workspace(Path(sys.argv[1])), [detector_task("rotation")], Path(sys.argv[2]), PutOut())
"""


@pytest.mark.slow
def test_what_was_killed_halfway_is_no_round_and_the_next_out_starts_over(
    workspace, tasks, tmp_path
):
    folder = tmp_path / "out"
    arguments = [sys.executable, "-c", _KILLED_HALFWAY, str(workspace.root), str(folder)]
    killed = subprocess.run(arguments, check=False, cwd=Path(__file__).parents[4])
    assert killed.returncode == -signal.SIGKILL
    assert len(pictures(folder)) == 2
    assert not (folder / MANIFEST).exists()
    with pytest.raises(RadsieveError, match="which was left unfinished"):
        read_in(workspace, tasks, folder)
    put_out(workspace, [tasks["rotation"]], folder, PLAIN)
    assert len(pictures(folder)) == len(json.loads((folder / MANIFEST).read_text())["films"]) > 2
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "rotation"]


def test_a_film_that_cannot_be_shown_any_more_is_left_out_and_counted(
    workspace, tasks, out, tmp_path
):
    gone = film_of_file(pictures(out)[0].name)
    path = Path(find_film(workspace.database, gone).path)
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        report = put_out(workspace, [tasks["rotation"]], tmp_path / "second", PLAIN)
    finally:
        hidden.rename(path)
    assert list(report.unreadable) == [gone]
    assert report.films["rotation"] == len(pictures(out)) - 1


def test_a_detector_that_published_nothing_is_refused_before_anything_is_written(
    workspace, tasks, tmp_path
):
    with pytest.raises(NothingPublishedError):
        put_out(workspace, [tasks["rotation"], detector_task("mirror")], tmp_path / "out", PLAIN)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("hip_box", "whose answer is a box"), ("age", "decided by a rule")]
)
def test_a_task_without_labels_to_choose_from_is_refused(workspace, tmp_path, name, words):
    with pytest.raises(RadsieveError, match=words):
        put_out(workspace, [detector_task(name)], tmp_path / "out", PLAIN)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_line(workspace, tasks, tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(RadsieveError, match="cannot work in"):
        put_out(workspace, [tasks["rotation"]], tmp_path / "out", PLAIN)
