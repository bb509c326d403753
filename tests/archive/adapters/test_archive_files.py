import os

import numpy as np
import pytest

from backend.archive.adapters.archive_files import (
    count_files,
    expand,
    find_files,
    is_below,
    read_content,
    read_indexed,
)
from backend.archive.core.identity import radiograph_id
from backend.base.core.errors import UnreadableFilmError

PNG_HEAD = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    for name in ("b.png", "a.png", "study2/x.png", "study1/y.png", "study1/.hidden.png"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG_HEAD)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "c.png").write_bytes(PNG_HEAD)
    return folder


def found_in(*roots, leave_out=()):
    return list(find_files(expand([str(root) for root in roots]), leave_out))


def names(files, archive):
    return [os.path.relpath(file.path, archive) for file in files]


def test_files_come_in_a_fixed_order_without_hidden_ones(archive):
    expected = ["a.png", "b.png", "study1/y.png", "study2/x.png"]
    assert names(found_in(archive), archive) == expected
    assert count_files(expand([str(archive)]), ()) == 4


def test_what_is_left_out_is_not_searched(archive):
    leave_out = {str(archive / "study1"), str(archive / "b.png")}
    assert names(found_in(archive, leave_out=leave_out), archive) == ["a.png", "study2/x.png"]


def test_globs_files_and_folders_mix_and_nothing_is_found_twice(archive):
    found = found_in(archive / "study*", archive / "study1" / "y.png", archive / "a.png")
    assert names(found, archive) == ["study1/y.png", "study2/x.png", "a.png"]


def test_a_folder_in_a_folder_is_searched_once(archive):
    assert expand([str(archive / "study1"), str(archive)]) == [str(archive)]


def test_a_relative_path_becomes_absolute_and_links_are_kept(archive, monkeypatch):
    (archive.parent / "link").symlink_to(archive)
    monkeypatch.chdir(archive.parent / "link" / "study1")
    assert expand(["../a.png"]) == [str(archive / "a.png")]
    monkeypatch.chdir(archive.parent)
    assert expand(["link/a.png"]) == [str(archive.parent / "link" / "a.png")]


def test_a_film_belongs_to_its_study_folder_below_the_archive(archive):
    studies = {file.path: file.study_folder for file in found_in(archive)}
    assert studies[str(archive / "a.png")] is None
    assert studies[str(archive / "study1" / "y.png")] == "archive/study1"


def test_a_folder_of_many_files_is_no_study(archive):
    for number in range(21):
        (archive / "study2" / f"{number}.png").write_bytes(PNG_HEAD)
    assert {file.study_folder for file in found_in(archive)} == {None, "archive/study1"}


def test_a_link_that_leads_back_up_does_not_go_on_for_ever(archive):
    (archive / "study1" / "loop").symlink_to(archive)
    assert len(found_in(archive)) == 4


def test_a_linked_study_is_searched(archive, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "z.png").write_bytes(PNG_HEAD)
    (archive / "study3").symlink_to(tmp_path / "elsewhere")
    assert "study3/z.png" in names(found_in(archive), archive)


def make_pipe(path):
    os.mkfifo(path)


def make_broken_link(path):
    path.symlink_to("nowhere.png")


def make_huge(path):
    with path.open("wb") as file:
        file.truncate((2 << 30) + 1)


def make_text(path):
    path.write_text("file,patient_id\n")


def make_empty(path):
    path.touch()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_pipe, "not a regular file"),
        (make_broken_link, "broken link"),
        (make_huge, "huge: 2.0 GiB"),
        (make_text, "not an image"),
        (make_empty, "empty"),
    ],
)
@pytest.mark.timeout(20)
def test_what_is_no_film_has_a_reason(tmp_path, make, reason):
    make(tmp_path / "film.png")
    (found,) = found_in(tmp_path)
    with pytest.raises(UnreadableFilmError, match=reason):
        read_content(found)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_files_and_folders_have_a_reason(archive):
    (archive / "a.png").chmod(0)
    (archive / "study1").chmod(0)
    try:
        problems = []
        for found in found_in(archive):
            try:
                read_content(found)
            except UnreadableFilmError as error:
                problems.append(str(error))
        assert problems == ["cannot be opened: Permission denied"] * 2
    finally:
        (archive / "study1").chmod(0o755)


def test_a_file_that_vanishes_has_a_reason(archive):
    found = found_in(archive)[0]
    (archive / "a.png").unlink()
    with pytest.raises(UnreadableFilmError, match="No such file"):
        read_content(found)


def test_a_pipe_that_takes_the_place_of_a_film_does_not_make_us_wait(archive):
    found = found_in(archive)[0]
    (archive / "a.png").unlink()
    os.mkfifo(archive / "a.png")
    with pytest.raises(UnreadableFilmError, match="not a regular file"):
        read_content(found)


def test_a_name_that_is_not_utf8_is_reported_in_a_form_that_can_be_stored(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(PNG_HEAD)
    (found,) = found_in(tmp_path)
    assert found.path.endswith("\\xff.png")
    assert found.problem == "its name is not UTF-8; rename it"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/a/b/c", True), ("/a/b", True), ("/a/bc", False), ("/a", False), ("/x/y/z.png", True)],
)
def test_below_means_whole_folders(path, expected):
    assert is_below(path, {"/a/b", "/x"}) == expected
    assert is_below(path, {"/"})


def test_the_content_is_read_whole(archive):
    content = np.random.default_rng(0).bytes(5000)
    (archive / "a.png").write_bytes(PNG_HEAD + content)
    assert read_content(found_in(archive)[0]) == PNG_HEAD + content


def test_a_film_is_read_from_the_first_copy_that_is_still_what_was_indexed(archive):
    paths = [str(archive / name) for name in ("gone.png", "a.png", "b.png", "study1/y.png")]
    (archive / "b.png").write_bytes(PNG_HEAD + b"film")
    film = radiograph_id(PNG_HEAD + b"film")
    assert read_indexed(film, paths) == (paths[2], PNG_HEAD + b"film")


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ([], "none of its files is in the index any more"),
        (["gone.png"], "cannot be opened: No such file or directory"),
        (["gone.png", "a.png"], "its file has changed since it was indexed"),
        (["study1"], "not a regular file"),
    ],
)
def test_a_film_without_such_a_copy_says_what_is_the_matter(archive, paths, reason):
    with pytest.raises(UnreadableFilmError, match=reason):
        read_indexed("0" * 20, [str(archive / path) for path in paths])
