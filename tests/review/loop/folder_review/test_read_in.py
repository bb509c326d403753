"""What was moved between folders comes back as labels, or nothing is saved at all."""

import shutil
import threading
from collections import Counter

import cv2
import pytest
from shared_fixtures.review_folder import PLAIN, nothing_saved, one_of, pictures

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.certificate.loop.audit import audit
from backend.labels.adapters.label_store import label_history, standing_labels
from backend.labels.core.labels import LabelSource
from backend.review.adapters.film_folder import MANIFEST, FilmFolder
from backend.review.adapters.review_turn import review_turn
from backend.review.core.folder_review import film_of_file
from backend.review.loop.folder_review import PutOut, put_out, read_in
from backend.review.loop.push import plan_batch, push_material
from backend.review.loop.rank import rank
from backend.review.loop.studio.connect import TaskProjects


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
    monkeypatch.setattr("backend.base.adapters.secrets_file._new_archive_key", lambda: "7e" * 32)
    with pytest.raises(RadsieveError, match="got one of another"):
        read_in(Workspace.open_or_make(tmp_path / "other"), tasks, out)


def test_labels_that_a_task_no_longer_has_are_refused(workspace, tasks, out):
    with pytest.raises(RadsieveError, match="got rotation/upright"):
        read_in(workspace, {"inversion": tasks["inversion"]}, out)


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


def test_a_manifest_that_was_written_counts_though_its_marker_stayed(workspace, tasks, out):
    folder = FilmFolder(out, workspace.secrets.archive_key)
    (out / ".radsieve-review-unfinished").touch()
    assert folder.read_round().films
    assert read_in(workspace, tasks, out).round_id


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


def test_a_reading_waits_for_a_draw_so_that_the_draw_stays_evidence(workspace, tasks, read, out):
    film, other = one_of(out)
    shutil.move(film, other)
    has_read, may_draw = threading.Event(), threading.Event()

    def draw():
        with review_turn(workspace.root):
            material = push_material(workspace, tasks["rotation"], TaskProjects(sheet=1, single=2))
            has_read.set()
            may_draw.wait(60)
            plan_batch(material, count=10, single=False)

    drawing, reading = threading.Thread(target=draw), threading.Thread(target=read)
    drawing.start()
    assert has_read.wait(60)
    reading.start()
    reading.join(0.5)
    assert nothing_saved(workspace)
    may_draw.set()
    drawing.join(60)
    reading.join(60)
    assert not nothing_saved(workspace)
    report = audit(workspace.database, tasks["rotation"])
    assert report.reading.unusable == ()
