"""What a rule suspects, from the sheet in a real Label Studio to the lists."""

import cv2
import numpy as np
import pandas as pd
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.export.loop.export import export
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.core.look import Purpose
from backend.review.loop.pull import pull
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
    workspace = Workspace(tmp_path / "workspace")
    index(workspace, [folder])
    return workspace


def item_in(studio, project, item_id):
    query = {"project": project, "fields": "all"}
    there = studio.client._json("GET", "api/tasks/", params=query)["tasks"]
    return next(item for item in there if item["id"] == item_id)


def test_suspects_are_shown_answered_and_listed_by_how_they_were_decided(
    workspace, studio, tmp_path
):
    client = remember_label_studio(workspace.root, studio.url, studio.token)
    push(workspace, QUALITY, client, NextBatch(40))
    first = min(open_items(workspace.database, "quality"), key=lambda item: item.position)
    names = {film.radiograph_id: film.path.rpartition("/")[2] for film in films(workspace.database)}
    assert {names[film] for film in first.radiograph_ids} == {"blank.png", "empty.png"}

    shown = item_in(studio, first.project_id, first.item_id)
    assert "Suspected: blank, beyond the cut-off, the worst first" in shown["data"]["sheet"]
    assert not shown["predictions"][0]["result"]

    bad = next(film for film in first.radiograph_ids if names[film] == "blank.png")
    result = sheet_result("quality", first.shown_ids, {bad})
    client.submit_answer(first.item_id, result, lead_time_s=60.0)
    pull(workspace, QUALITY, client)
    export(workspace, {"quality": QUALITY}, tmp_path / "lists")
    excluded = pd.read_csv(tmp_path / "lists" / "exclusions.csv")
    (row,) = excluded.to_dict("records")
    assert row["file"].endswith("blank.png")
    assert row["decided"] == "confirmed by one look"
    suspects = pd.read_csv(tmp_path / "lists" / "suspects.csv")
    assert not any(file.endswith(("blank.png", "empty.png")) for file in suspects["file"])

    push(workspace, QUALITY, client, NextBatch(40))
    again = [item for item in open_items(workspace.database, "quality") if item.purpose]
    assert [(item.purpose, item.radiograph_ids) for item in again] == [(Purpose.SECOND, (bad,))]
