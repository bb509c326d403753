"""The quality rule over an archive with copies, and the page that shows its cut-offs."""

import re
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError
from backend.export.loop.export import export
from backend.labels.adapters.label_store import standing_labels
from backend.labels.loop.apply_rules import apply_rule, judge_archive, refuse_unknown_cut_offs
from backend.labels.loop.rule_cut_offs import write_rule_report
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from tasks import detector_task, load_detector_tasks

QUALITY = detector_task("quality")
HOSTILE = "<img src=x onerror=alert(1)>.png"


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """Six phantoms, and beside them spoilt ones and copies."""
    folder = tmp_path_factory.mktemp("films")
    made = write_phantom_archive(
        folder, films=6, seed=4, size_px=512, turned_share=0, inverted_share=0
    )
    first = cv2.imread(str(made[0].path), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(folder / "z_small_copy.jpg"), cv2.resize(first, (400, 400)))
    cv2.imwrite(str(folder / "z_same.png"), first, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    shutil.copy(made[1].path, folder / "z_bytes.png")
    cv2.imwrite(str(folder / "z_tiny.png"), cv2.resize(first, (100, 90))[::-1])
    cv2.imwrite(str(folder / "z_narrow.png"), first[:, 150:350].repeat(2, axis=0).repeat(2, axis=1))
    coloured = cv2.cvtColor(np.rot90(first), cv2.COLOR_GRAY2BGR)
    coloured[20:60, 20:60] = (0, 0, 255)
    cv2.imwrite(str(folder / "z_coloured.png"), coloured)
    cv2.imwrite(str(folder / HOSTILE), np.full((300, 300), 40, np.uint8))
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [folder])
    return workspace, apply_rule(workspace, QUALITY)


def labels_by_name(workspace):
    names = {film.radiograph_id: film.path.rpartition("/")[2] for film in films(workspace.database)}
    standing = standing_labels(workspace.database, "quality")
    return {names[label.radiograph_id]: label.label for label in standing}


def test_every_spoilt_film_is_found_and_the_best_of_all_copies_stays_fine(spoilt):
    workspace, report = spoilt
    assert labels_by_name(workspace) == {
        "z_small_copy.jpg": "near_duplicate",
        "z_same.png": "exact_duplicate",
        "z_tiny.png": "tiny",
        "z_narrow.png": "odd_shape",
        "z_coloured.png": "coloured",
        HOSTILE: "blank",
    }
    assert (report.counts["fine"], report.unknown) == (6, 0)


def test_asking_again_measures_and_changes_nothing(spoilt):
    workspace, _ = spoilt
    told = []
    again = apply_rule(workspace, QUALITY, progress=lambda done, to_do: told.append(done))
    assert (told, again.changes.added, again.changes.withdrawn) == ([], 0, 0)


def test_a_copy_byte_for_byte_is_listed_though_it_shares_its_film(spoilt, tmp_path):
    workspace, _ = spoilt
    export(workspace, {"quality": QUALITY}, tmp_path)
    rows = pd.read_csv(tmp_path / "exclusions.csv")
    (copy,) = rows[rows["reason"].str.contains("the same bytes as")].to_dict("records")
    assert copy["file"].endswith("z_bytes.png")
    assert copy["reason"].endswith("phantom_0002.png")
    decided = {row["file"].rpartition("/")[2]: row["decided"] for _, row in rows.iterrows()}
    assert decided == {"z_bytes.png": "policy", "z_same.png": "policy"}


def test_what_the_pixels_alone_say_is_suspected_and_not_excluded(spoilt, tmp_path):
    workspace, _ = spoilt
    report = export(workspace, {"quality": QUALITY}, tmp_path)
    rows = pd.read_csv(tmp_path / "suspects.csv")
    suspected = {row["file"].rpartition("/")[2]: row["suspicion"] for _, row in rows.iterrows()}
    assert suspected == {
        "z_small_copy.jpg": "quality: near_duplicate (a rule)",
        "z_tiny.png": "quality: tiny (a rule)",
        "z_narrow.png": "quality: odd_shape (a rule)",
        "z_coloured.png": "quality: coloured (a rule)",
        HOSTILE: "quality: blank (a rule)",
    }
    assert report.suspects == len(rows) == rows["rank"].max()


def test_the_page_shows_every_check_with_films_and_runs_nothing(spoilt, tmp_path):
    workspace, _ = spoilt
    write_rule_report(workspace, QUALITY, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    in_use = judge_archive(workspace, QUALITY).cut_offs
    for check in QUALITY.rule.checks:
        assert f"<h2>{QUALITY.words(check.label)}: " in page
        assert f"{check.cut_off} = {in_use[check.cut_off]:g}" in page
    assert page.count("It is the default") == len(QUALITY.rule.checks) - 1
    assert page.count("Films beyond it are excluded, and nobody has to look.") == 1
    assert "onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    anchors = set(re.findall(r"href=\"#([^\"]+)", page))
    assert anchors == set(re.findall(r"<section id=\"([^\"]+)", page))


def test_the_page_shows_what_a_copy_is_a_copy_of(spoilt, tmp_path):
    workspace, _ = spoilt
    write_rule_report(workspace, QUALITY, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    near = page[page.index('<section id="near_duplicate">') :]
    (pair,) = re.findall(r"z_small_copy\.jpg<br>a copy of ([^,]+),", near)
    assert pair == "phantom_0001.png"


def test_a_cut_off_for_a_task_without_a_rule_is_told(tmp_path):
    (tmp_path / "radsieve.toml").write_text("[cut_offs.rotation]\nyears = 1\n")
    with pytest.raises(InputFileError, match=r"cut_offs\.rotation.*age, quality"):
        refuse_unknown_cut_offs(Workspace.open_or_make(tmp_path).settings, load_detector_tasks())
