"""The scripted reviewer's bookkeeping; the run itself needs a browser and is no test."""

import numpy as np
import pytest

from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from benchmarks.review import review_arms, review_figures, review_films
from tasks import detector_task

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

TASK = detector_task("rotation")
PROVEN = review_arms.Proof(answers=2, films=100, never=0, twice=0, wrong=0, skipped=0, too_fast=0)


def a_run(arm, *, films, clicks, keys, waits_ms):
    return review_figures.Run(
        "1600x1000 light", arm, films, clicks, keys, 0, waits_ms, PROVEN, (0.5, 0.7)
    )


def test_films_are_shown_again_as_other_pictures_and_some_are_turned(tmp_path):
    source = tmp_path / "films"
    source.mkdir()
    write_phantom_archive(source, films=3, seed=1, size_px=64, turned_share=0, inverted_share=0)
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    material = review_films.make_material(workspace, source, TASK, count=10, exceptions=2)
    ids = [film.radiograph_id for film in material.films]
    assert len(set(ids)) == 10
    turned = {film.radiograph_id for film in material.films if film.label != "upright"}
    assert len(turned) == 2
    assert turned == material.exceptions
    assert all((workspace.review / f"{film}.jpg").exists() for film in ids)
    assert "3 distinct films" in material.described


def test_what_is_missing_doubled_or_wrong_is_counted():
    meant = {"a": True, "b": False, "c": False}
    said = [("a", True), ("b", True), ("b", True)]
    found = review_arms.proof(meant, said, answers=2, skipped=0, too_fast=0)
    assert (found.never, found.twice, found.wrong) == (1, 1, 2)
    assert not found.holds
    assert review_arms.proof(meant, meant.items(), answers=1, skipped=0, too_fast=0).holds


def test_counts_and_waits_are_given_per_thousand_films(tmp_path):
    sheets = a_run("sheets of 50", films=500, clicks=10, keys=10, waits_ms=[400.0] * 10)
    single = a_run("single items", films=100, clicks=0, keys=102, waits_ms=[500.0] * 100)
    np.testing.assert_allclose(sheets.per_1000, (20, 20, 0, 8))
    np.testing.assert_allclose(single.per_1000, (0, 1020, 0, 500))
    text = review_figures.write_figures([sheets, single], "500 phantoms", "drawn", tmp_path)
    assert "| single items | 25.5 x, 62.5 x |" in text
    assert (tmp_path / "review_speed.json").exists()
