"""The round trip through folders, on phantoms, with a real database and real files."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cv2
import pytest

from backend.archive.adapters.catalogue import find_film
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version
from backend.labels.adapters.label_store import label_history, standing_labels
from backend.labels.core.labels import LabelSource
from backend.review.adapters.film_folder import MANIFEST, FilmFolder
from backend.review.core.folder_review import film_of_file
from backend.review.loop.folder_review import PutOut, put_out, read_in
from backend.review.loop.rank import rank
from tasks import detector_task

PLAIN = PutOut()


@pytest.fixture
def out(workspace, tasks, tmp_path):
    """A folder with a round of rotation."""
    folder = tmp_path / "out"
    put_out(workspace, [tasks["rotation"]], folder, PLAIN)
    return folder


@pytest.fixture
def read(workspace, tasks, out):
    return lambda **how: read_in(workspace, tasks, out, **how)


@pytest.fixture
def standing(workspace):
    return lambda: {
        label.radiograph_id: label.label
        for label in standing_labels(workspace.database, "rotation")
    }


def pictures(folder):
    return sorted(path for path in folder.rglob("*") if film_of_file(path.name))


def one_of(folder):
    """Return the first film, and another label's folder of the same task."""
    film = pictures(folder)[0]
    other = next(path for path in sorted(film.parent.parent.iterdir()) if path != film.parent)
    return film, other


def nothing_saved(workspace):
    return not standing_labels(workspace.database, "rotation")


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


def test_a_link_that_was_moved_is_read_and_its_film_untouched(workspace, tasks, tmp_path, standing):
    folder = tmp_path / "out"
    put_out(workspace, [tasks["rotation"]], folder, PutOut(link=True))
    film, other = one_of(folder)
    original = film.resolve()
    shutil.move(film, other)
    assert read_in(workspace, tasks, folder).changes.added == 1
    assert standing() == {film_of_file(film.name): other.name}
    put_out(workspace, [tasks["rotation"]], folder, PLAIN)
    assert original.is_file()


def test_what_was_moved_comes_back_as_labels_of_a_reviewer(workspace, read, out, standing):
    film, other = one_of(out)
    shutil.move(film, other)
    report = read()
    assert (report.changes.added, report.counts["rotation"].moved) == (1, 1)
    assert standing() == {film_of_file(film.name): other.name}
    (label,) = standing_labels(workspace.database, "rotation")
    assert (label.source, label.reviewer, label.denied) == (LabelSource.REVIEWER, "folder", False)


def test_a_reviewer_is_a_pseudonym_and_nothing_else(workspace, read, out):
    film, other = one_of(out)
    shutil.move(film, other)
    with pytest.raises(RadsieveError, match="expected a pseudonym"):
        read(reviewer="Dr. Who")
    assert nothing_saved(workspace)
    read(reviewer="R_2")
    (label,) = standing_labels(workspace.database, "rotation")
    assert label.reviewer == "folder:R_2"


def test_what_was_left_where_it_was_is_accepted_only_when_asked(read, out, standing):
    assert read().changes.added == 0
    assert not standing()
    report = read(accept_unmoved=True)
    lies_in = {film_of_file(path.name): path.parent.name for path in pictures(out)}
    assert standing() == lies_in
    assert report.changes.added == report.counts["rotation"].accepted == len(lies_in)


def test_an_acceptance_stands_when_the_folder_is_read_again_without_it(read, standing):
    read(accept_unmoved=True)
    before = standing()
    report = read()
    assert (report.changes.added, report.changes.withdrawn) == (0, 0)
    assert standing() == before


def test_reading_twice_adds_nothing(read, out, standing):
    film, other = one_of(out)
    shutil.move(film, other)
    read()
    report = read(reviewer="second")
    assert (report.changes.added, report.changes.withdrawn, report.changes.already) == (0, 0, 1)
    assert len(standing()) == 1


def test_moving_on_replaces_the_label_and_keeps_the_old_one_on_record(workspace, read, out):
    film, other = one_of(out)
    read_id = film_of_file(film.name)
    third = next(
        path for path in sorted(other.parent.iterdir()) if path not in {other, film.parent}
    )
    shutil.move(film, other)
    read()
    shutil.move(other / film.name, third)
    read()
    history = label_history(workspace.database, "rotation", read_id)
    assert [(one.label.label, one.withdrawn_at is None) for one in history] == [
        (other.name, False),
        (third.name, True),
    ]


def test_moving_back_takes_the_label_back(read, out, standing):
    film, other = one_of(out)
    shutil.move(film, other)
    read()
    shutil.move(other / film.name, film.parent)
    assert read().changes.withdrawn == 1
    assert not standing()


def test_a_deleted_film_is_counted_and_takes_no_earlier_answer_back(read, out, standing):
    film, other = one_of(out)
    shutil.move(film, other)
    read()
    (other / film.name).unlink()
    report = read(accept_unmoved=True)
    assert report.counts["rotation"].deleted == 1
    assert report.changes.withdrawn == 0
    assert standing()[film_of_file(film.name)] == other.name


def test_an_unchanged_answer_keeps_its_time_so_that_a_later_one_elsewhere_outweighs_it(
    workspace, read, out
):
    first, second = pictures(out)[:2]
    for film in (first, second):
        folder = film.parent.parent
        target = next(path for path in sorted(folder.iterdir()) if path != film.parent)
        shutil.move(film, target)
        read()
    times = [label.answered_at for label in standing_labels(workspace.database, "rotation")]
    assert len(times) == 2
    assert times == sorted(set(times))


@pytest.mark.parametrize("clutter", ["Thumbs.db", ".DS_Store", "desktop.ini", "._0001.jpg"])
def test_what_a_file_explorer_leaves_behind_does_not_disturb(workspace, tasks, out, read, clutter):
    (out / "rotation" / "upright" / clutter).write_bytes(b"x")
    (out / clutter).write_bytes(b"x")
    read()
    put_out(workspace, [tasks["rotation"]], out, PLAIN)


def _copied_elsewhere(out):
    film, other = one_of(out)
    shutil.copy(film, other)
    return "expected every film once"


def _windows_copy(out):
    film, other = one_of(out)
    shutil.copy(film, other / f"{film.stem} - Copy.jpg")
    return "expected every film once"


def _foreign_file(out):
    (out / "rotation" / "upright" / "notes.txt").write_text("?")
    return r"got rotation/upright/notes\.txt"


def _unknown_folder(out):
    film, _ = one_of(out)
    (out / "rotation" / "unsure").mkdir()
    shutil.move(film, out / "rotation" / "unsure")
    return "expected folders of the round's labels only, got rotation/unsure"


def _turned_by_a_viewer(out):
    film, _ = one_of(out)
    pixels = cv2.imread(str(film), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(film), cv2.rotate(pixels, cv2.ROTATE_180))
    return "with other content"


def _edited_manifest(out):
    text = (out / MANIFEST).read_text()
    (out / MANIFEST).write_text(text.replace("turned_180", "turned_90"))
    return "it was changed"


def _half_a_manifest(out):
    text = (out / MANIFEST).read_text()
    (out / MANIFEST).write_text(text[: len(text) // 2])
    return "it cannot be read"


def _a_list(out):
    (out / MANIFEST).write_text("[]")
    return "it cannot be read"


def _no_manifest(out):
    (out / MANIFEST).unlink()
    return "which has none"


@pytest.mark.parametrize(
    "spoil",
    [
        _copied_elsewhere,
        _windows_copy,
        _foreign_file,
        _unknown_folder,
        _turned_by_a_viewer,
        _edited_manifest,
        _half_a_manifest,
        _a_list,
        _no_manifest,
    ],
)
def test_one_thing_that_cannot_be_understood_saves_nothing_at_all(workspace, read, out, spoil):
    last = pictures(out)[-1]
    target = next(path for path in sorted(last.parent.parent.iterdir()) if path != last.parent)
    shutil.move(last, target)
    words = spoil(out)
    with pytest.raises(RadsieveError, match=words):
        read(accept_unmoved=True)
    assert nothing_saved(workspace)


def test_a_film_moved_into_another_tasks_folder_is_refused(workspace, tasks, tmp_path):
    put_out(workspace, list(tasks.values()), tmp_path / "out", PLAIN)
    film = pictures(tmp_path / "out" / "rotation")[0]
    # A number that no film of the other task has.
    shutil.move(film, tmp_path / "out" / "inversion" / "normal" / f"9999_{film.name[5:]}")
    with pytest.raises(RadsieveError, match="nothing was saved"):
        read_in(workspace, tasks, tmp_path / "out")
    assert nothing_saved(workspace)


def test_a_film_of_another_round_is_refused(workspace, tasks, out, read, tmp_path):
    film, _ = one_of(out)
    put_out(workspace, [tasks["rotation"]], tmp_path / "second", PLAIN)
    shutil.copy(film, tmp_path / "second" / "rotation" / film.parent.name / f"9999{film.name[4:]}")
    with pytest.raises(RadsieveError, match="expected every film once"):
        read_in(workspace, tasks, tmp_path / "second")


def test_another_workspaces_round_is_refused(tasks, out, tmp_path, monkeypatch):
    monkeypatch.setattr("backend.base.adapters.workspace._new_archive_key", lambda: "7e" * 32)
    with pytest.raises(RadsieveError, match="got one of another"):
        read_in(Workspace(tmp_path / "other"), tasks, out)


def test_labels_that_a_task_no_longer_has_are_refused(workspace, tasks, out):
    with pytest.raises(RadsieveError, match="got rotation/upright"):
        read_in(workspace, {"inversion": tasks["inversion"]}, out)


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


def test_after_reading_the_same_folder_takes_a_new_round_without_what_was_judged(
    workspace, tasks, read, out, standing
):
    before = {film_of_file(path.name) for path in pictures(out)}
    film, other = one_of(out)
    shutil.move(film, other)
    first = read().round_id
    report = put_out(workspace, [tasks["rotation"]], out, PLAIN)
    after = {film_of_file(path.name) for path in pictures(out)}
    assert report.round_id != first
    assert after == before - {film_of_file(film.name)}
    read()
    assert len(standing()) == 1
    put_out(workspace, [tasks["rotation"]], out, PutOut(judged_too=True))
    assert {film_of_file(path.name) for path in pictures(out)} == before


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
    killed = subprocess.run(arguments, check=False, cwd=Path(__file__).parents[3])
    assert killed.returncode == -signal.SIGKILL
    assert len(pictures(folder)) == 2
    assert not (folder / MANIFEST).exists()
    with pytest.raises(RadsieveError, match="which was left unfinished"):
        read_in(workspace, tasks, folder)
    put_out(workspace, [tasks["rotation"]], folder, PLAIN)
    assert len(pictures(folder)) == len(json.loads((folder / MANIFEST).read_text())["films"]) > 2
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "rotation"]


def test_a_manifest_that_was_written_counts_though_its_marker_stayed(workspace, tasks, out):
    folder = FilmFolder(out, workspace.secrets.archive_key)
    (out / ".radsieve-review-unfinished").touch()
    assert folder.read_round().films
    assert read_in(workspace, tasks, out).round_id


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


def test_a_film_that_was_judged_in_a_folder_is_not_ranked_again(workspace, tasks, read):
    read(accept_unmoved=True)
    judged = {label.radiograph_id for label in standing_labels(workspace.database, "rotation")}
    picks = rank(workspace, tasks["rotation"], count=90, seed=1)
    assert not judged & {pick.radiograph_id for pick in picks}


def test_the_counts_of_all_fates_add_up_to_the_films(read, out):
    films = pictures(out)
    film, other = one_of(out)
    shutil.move(film, other)
    films[-1].unlink()
    counts = read().counts["rotation"]
    assert Counter(moved=1, deleted=1, unmoved=len(films) - 2) == Counter(
        moved=counts.moved, deleted=counts.deleted, unmoved=counts.unmoved
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_line(workspace, tasks, tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(RadsieveError, match="cannot work in"):
        put_out(workspace, [tasks["rotation"]], tmp_path / "out", PLAIN)
