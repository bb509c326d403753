"""What a rule suspects, from the sheet in a real Label Studio to the lists."""

import cv2
import numpy as np
import pandas as pd
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.export.loop.export import export
from backend.labels.loop.apply_rules import answers_for
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.look import Purpose
from backend.review.loop.pull import needed_pictures, pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import remember_label_studio
from tasks import detector_task

pytestmark = pytest.mark.studio

QUALITY = detector_task("quality")


@pytest.fixture
def workspace(tmp_path):
    """Eight phantoms and two blank films."""
    folder = tmp_path / "films"
    folder.mkdir()
    write_phantom_archive(folder, films=8, seed=4, size_px=512, turned_share=0, inverted_share=0)
    for name, width in (("blank.png", 340), ("empty.png", 360)):
        cv2.imwrite(str(folder / name), np.full((340, width), 40, np.uint8))
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [folder])
    return workspace


@pytest.fixture
def copied(tmp_path):
    """Eight phantoms, and two smaller copies of the first."""
    folder = tmp_path / "films"
    folder.mkdir()
    write_phantom_archive(folder, films=8, seed=4, size_px=512, turned_share=0, inverted_share=0)
    first = cv2.imread(str(folder / "phantom_0001.png"), cv2.IMREAD_GRAYSCALE)
    for side in (400, 300):
        cv2.imwrite(str(folder / f"z_{side}.jpg"), cv2.resize(first, (side, side)))
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [folder])
    return workspace


def item_in(studio, project, item_id):
    query = {"project": project, "fields": "all"}
    there = studio.client._json("GET", "api/tasks/", params=query)["tasks"]
    return next(item for item in there if item["id"] == item_id)


def shown_in(studio, item):
    return item_in(studio, item.project_id, item.item_id)["data"]


def flag(client, item, *bad):
    result = sheet_result(item.shown_ids, set(bad))
    client.submit_answer(item.item_id, result, lead_time_s=60.0)


def names_in(workspace):
    return {film.radiograph_id: film.path.rpartition("/")[2] for film in films(workspace.database)}


def waiting(workspace, task):
    return open_items(workspace.database, task.name)


def test_suspects_are_shown_answered_and_listed_by_how_they_were_decided(
    workspace, studio, tmp_path
):
    client = remember_label_studio(workspace.root, studio.url, studio.token)
    push(workspace, QUALITY, client, NextBatch(40))
    first = min(waiting(workspace, QUALITY), key=lambda item: item.position)
    names = names_in(workspace)
    assert {names[film] for film in first.radiograph_ids} == {"blank.png", "empty.png"}

    shown = item_in(studio, first.project_id, first.item_id)
    assert "Suspected: blank, beyond the cut-off, the worst first" in shown["data"]["sheet"]
    assert not shown["predictions"][0]["result"]

    bad = next(film for film in first.radiograph_ids if names[film] == "blank.png")
    flag(client, first, bad)
    pull(workspace, QUALITY, client)
    export(workspace, {"quality": QUALITY}, tmp_path / "lists")
    excluded = pd.read_csv(tmp_path / "lists" / "exclusions.csv")
    (row,) = excluded.to_dict("records")
    assert row["file"].endswith("blank.png")
    assert row["decided"] == "confirmed by one look"
    suspects = pd.read_csv(tmp_path / "lists" / "suspects.csv")
    assert not any(file.endswith(("blank.png", "empty.png")) for file in suspects["file"])

    push(workspace, QUALITY, client, NextBatch(40))
    again = [item for item in waiting(workspace, QUALITY) if item.purpose]
    assert [(item.purpose, item.radiograph_ids) for item in again] == [(Purpose.SECOND, (bad,))]


@pytest.mark.parametrize("asked", ["quality", "any_problem"])
def test_a_suspected_copy_is_shown_beside_the_film_that_stays_on_sheets_and_alone(
    copied, studio, asked
):
    client = remember_label_studio(copied.root, studio.url, studio.token)
    task, ids = detector_task(asked), {name: film for film, name in names_in(copied).items()}
    sweep_by_rule(copied, QUALITY)
    push(copied, task, client, NextBatch(8))
    copies = {ids["z_400.jpg"], ids["z_300.jpg"]}
    sheet = next(item for item in waiting(copied, task) if item.beside)
    assert sheet.beside == dict.fromkeys(copies, ids["phantom_0001.png"])
    stays = f"{ids['phantom_0001.png']}_large.jpg"
    cells = {film["value"]: film["html"] for film in shown_in(studio, sheet)["films"]}
    assert cells.keys() == set(sheet.radiograph_ids) == copies
    for html in cells.values():
        assert "like this one, which stays" in html
        assert stays in html
    flag(client, sheet, *copies)
    for item in waiting(copied, task):
        if item.item_key != sheet.item_key and item.shown_label:
            flag(client, item)
    pull(copied, task, client)
    push(copied, task, client, NextBatch(0))
    alone = [item for item in waiting(copied, task) if item.purpose and not item.shown_label]
    assert {film for item in alone for film in item.radiograph_ids} == copies
    for item in alone:
        about = shown_in(studio, item)["about"]
        assert "like this one, which stays" in about
        assert stays in about
    assert ids["phantom_0001.png"] in needed_pictures(copied.database)


def test_on_a_joint_sheet_the_rule_is_answered_and_what_is_wrong_can_be_named(
    workspace, studio, tmp_path
):
    client = remember_label_studio(workspace.root, studio.url, studio.token)
    joint = detector_task("any_problem")
    names = names_in(workspace)
    sweep_by_rule(workspace, QUALITY)
    push(workspace, joint, client, NextBatch(8))
    sheet = next(item for item in waiting(workspace, joint) if "quality" in (item.covered or {}))
    assert {names[film] for film in sheet.radiograph_ids} == {"blank.png", "empty.png"}
    shown = item_in(studio, sheet.project_id, sheet.item_id)
    assert "Suspected: blank, beyond the cut-off, the worst first" in shown["data"]["sheet"]

    bad = next(film for film in sheet.radiograph_ids if names[film] == "blank.png")
    flag(client, sheet, bad)
    pull(workspace, joint, client)
    (fine,) = set(sheet.radiograph_ids) - {bad}
    assert answers_for(workspace.database, QUALITY) == {fine: False}

    for item in waiting(workspace, joint):
        if item.item_key != sheet.item_key:
            flag(client, item)
    pull(workspace, joint, client)
    push(workspace, joint, client, NextBatch(0))
    (second,) = [item for item in waiting(workspace, joint) if item.purpose]
    assert second.radiograph_ids == (bad,)
    named = (ResultRegion("answer", IMAGE_TAG, ("quality: blank",)),)
    client.submit_answer(second.item_id, named, lead_time_s=60.0)
    pull(workspace, joint, client)
    assert answers_for(workspace.database, QUALITY) == {fine: False, bad: True}
    tasks = {"quality": QUALITY, "any_problem": joint}
    export(workspace, tasks, tmp_path / "lists")
    (row,) = pd.read_csv(tmp_path / "lists" / "exclusions.csv").to_dict("records")
    assert row["file"].endswith("blank.png")
    assert row["reason"] == "quality: blank"
    assert row["decided"] == "confirmed by two looks"
