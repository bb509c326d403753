from dataclasses import replace

import numpy as np
import pytest

from backend.review.core.folder_review import (
    FolderFilm,
    FolderTask,
    Place,
    Round,
    answers_of,
    as_read,
    film_of_file,
    flagged,
    folder_reviewer,
    is_clutter,
    unread_moves,
    whereabouts_of,
)
from tasks.rotation import TASK as ROTATION

A, B, C = ("a" * 20, "b" * 20, "c" * 20)
SHA = "5" * 64


def film(radiograph_id, label, number):
    name = f"{number:04}_{radiograph_id}.jpg"
    return FolderFilm("rotation", radiograph_id, label, 0.6, name, SHA)


ROUND = Round(
    archive="here",
    round_id="2026-11-24-1",
    made_at="2026-11-24T10:00:00+00:00",
    tasks={"rotation": FolderTask("tiny-1", ROTATION.labels)},
    films=(film(A, "turned_90", 1), film(B, "turned_90", 2), film(C, "upright", 3)),
)
FOLDERS = ["rotation", *(f"rotation/{label}" for label in ROTATION.labels)]


def place(label, radiograph_id, number, tail=""):
    return Place(f"rotation/{label}/{number:04}_{radiograph_id}{tail}.jpg", SHA)


AS_PUT = [place("turned_90", A, 1), place("turned_90", B, 2), place("upright", C, 3)]


def where(files, folders=FOLDERS):
    return whereabouts_of(ROUND, folders, files)


def answers(files, **how):
    how = {"reviewer": "folder", "now": "2026-11-24T11:00:00+00:00", "accept_unmoved": False} | how
    return answers_of(ROUND, where(files), **how)


def test_films_that_are_not_surely_as_expected_are_flagged_most_doubtful_first():
    probabilities = np.array(
        [
            [0.99, 0.01, 0.0, 0.0],
            [0.0, 0.995, 0.005, 0.0],
            [0.6, 0.4, 0.0, 0.0],
            [np.nan, np.nan, np.nan, np.nan],
            [0.1, 0.4, 0.3, 0.2],
        ],
        dtype=np.float32,
    )
    found = flagged(ROTATION, ["sure", "turned", "doubtful", "unseen", "lost"], probabilities)
    assert [(one.radiograph_id, one.label) for one in found] == [
        ("lost", "turned_90"),
        ("doubtful", "upright"),
        ("turned", "turned_90"),
    ]


def test_no_films_no_flags():
    assert flagged(ROTATION, [], np.empty((0, 4), np.float32)) == []


@pytest.mark.parametrize(
    "tail", ["", " (1)", " - Copy", " - Copy (2)", " copy 2", " 2", "-1", "_1", "(1)"]
)
def test_a_copy_is_known_as_the_film_it_is_of(tail):
    assert film_of_file(f"0001_{A}{tail}.jpg") == A


@pytest.mark.parametrize("name", ["notes.txt", "0001_patient.jpg", f"{A}.jpg", f"0001_{A}f.jpg"])
def test_other_names_are_not_ours(name):
    assert film_of_file(name) is None


@pytest.mark.parametrize("name", ["Thumbs.db", ".DS_Store", "desktop.ini", "Desktop.ini", "._x"])
def test_what_a_file_explorer_leaves_behind_is_passed_over(name):
    assert is_clutter(name)


@pytest.mark.parametrize("name", ["", "Dr. Who", "a/b", "é", "x" * 65])
def test_what_is_no_pseudonym_is_refused(name):
    assert folder_reviewer(name) is None


def test_a_moved_film_has_the_label_of_its_folder_and_one_that_stayed_says_nothing():
    moved = [place("turned_270", A, 1), *AS_PUT[1:]]
    found = answers(moved)
    (label,) = found.labels.values()
    assert (label.radiograph_id, label.label, label.reviewer) == (A, "turned_270", "folder")
    assert len(found.unmoved) == 2
    counts = found.counts["rotation"]
    assert (counts.moved, counts.accepted, counts.unmoved, counts.deleted) == (1, 0, 2, 0)


def test_what_stayed_is_accepted_as_predicted_only_when_asked():
    found = answers(AS_PUT, accept_unmoved=True)
    assert sorted(label.label for label in found.labels.values()) == [
        "turned_90",
        "turned_90",
        "upright",
    ]
    assert found.counts["rotation"].accepted == 3


def test_a_deleted_film_is_counted_and_never_accepted():
    found = answers(AS_PUT[1:], accept_unmoved=True)
    assert found.counts["rotation"].deleted == 1
    assert A not in {label.radiograph_id for label in found.labels.values()}
    assert len(found.silent) == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([*AS_PUT, place("upright", A, 1)], "expected every film once"),
        ([*AS_PUT, place("upright", A, 1, " (1)")], "expected every film once"),
        ([*AS_PUT, place("turned_90", A, 1, " - Copy")], "expected every film once"),
        ([*AS_PUT, place("upright", "d" * 20, 4)], "expected films of this round"),
        ([*AS_PUT, Place("rotation/upright/notes.txt", SHA)], "expected films of this round"),
        ([*AS_PUT[1:], Place(f"rotation/0001_{A}.jpg", SHA)], "expected films of this round"),
        ([*AS_PUT[1:], Place(f"inversion/normal/0001_{A}.jpg", SHA)], "expected films of this"),
        ([*AS_PUT[1:], replace(AS_PUT[0], sha256="6" * 64)], "with other content"),
        ([*AS_PUT[1:], replace(AS_PUT[0], sha256="")], "leads nowhere"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence_that_says_what_to_do(files, words):
    (problem,) = where(files).problems
    assert words in problem
    assert ", got " in problem
    assert "; " in problem


def test_a_folder_of_the_users_own_is_named():
    (problem,) = where(AS_PUT, [*FOLDERS, "rotation/unsure"]).problems
    assert "got rotation/unsure" in problem


def test_a_move_is_unread_until_it_is_read_and_so_is_the_move_back():
    moved = where([place("upright", A, 1), *AS_PUT[1:]])
    assert unread_moves(ROUND, where(AS_PUT)) == 0
    assert unread_moves(ROUND, moved) == 1
    read = as_read(ROUND, moved, "2026-11-24T12:00:00+00:00")
    assert unread_moves(read, moved) == 0
    assert unread_moves(read, where(AS_PUT)) == 1
    assert unread_moves(read, where(AS_PUT[1:])) == 0
