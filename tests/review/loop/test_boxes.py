"""From drawn boxes to a detector and to parts of films, on pelvis phantoms, in Label Studio too."""

import csv
from dataclasses import replace

import cv2
import imagecodecs
import numpy as np
import pandas as pd
import pytest
from shared_fixtures.archive import emptied_projects
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

import backend.detectors.loop.kinds.box as box_module
from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.adapters.training import box_trainer
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.core.boxes.answer import split_answers
from backend.detectors.loop.load import load_detector
from backend.detectors.loop.train import train
from backend.export.loop.export import export
from backend.labels.adapters.box_table import read_box_table
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.box import box_rows, overlap
from backend.labels.core.labels import LabelSource
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.pelvis import pelvis_phantom
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.requests import asked_item
from backend.review.adapters.label_studio.shapes import parse_result
from backend.review.adapters.screens.single_screen import box_config_xml
from backend.review.core.item import SINGLE
from backend.review.loop.prediction_list import write_predictions
from backend.review.loop.publish import publish
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.rank import rank
from backend.review.loop.studio.connect import remember_label_studio
from backend.service.edge.backend import RadsieveBackend
from backend.service.edge.film_oracle import film_oracle
from backend.service.loop.retrain import is_due
from tasks.hip_box import TASK

FILMS, CHESTS, WITH_BOXES = 28, 4, 18
FEW_VIEWS, FEW_STEPS, FEW_FOLDS = 64, 70, 2
PLENTY_S = 60.0

pytestmark = [pytest.mark.slow, pytest.mark.trains]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Pelves, a few chests, and a table of the boxes of some pelves."""
    folder = tmp_path_factory.mktemp("pelves")
    rows = []
    for number in range(FILMS):
        film, boxes = pelvis_phantom(np.random.default_rng([5, number]), 160)
        name = f"pelvis-{number:02d}.png"
        cv2.imwrite(str(folder / name), (film * 65535).astype(np.uint16))
        for one in boxes:
            left, top, right, bottom = one.box.in_pixels((film.shape[1], film.shape[0]))
            rows.append((name, one.label, left, top, right - left, bottom - top))
    for number in range(CHESTS):
        film = chest_phantom(np.random.default_rng([6, number]), 160)
        cv2.imwrite(str(folder / f"chest-{number}.png"), (film * 255).astype(np.uint8))
    with (folder / "boxes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "left", "top", "width", "height"])
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def few_views():
    """Seconds instead of minutes; the figures of the card come from the full training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_trainer, "VIEWS", FEW_VIEWS)
        patch.setattr(box_trainer, "STEPS", FEW_STEPS)
        patch.setattr(box_module, "MOST_FOLDS", FEW_FOLDS)
        yield


@pytest.fixture(scope="module")
def true_boxes(archive, learnt):
    _, workspace, _ = learnt
    labels = read_box_table(archive / "boxes.csv", TASK, workspace.database)
    return {label.radiograph_id: label for label in labels}


@pytest.fixture(scope="module")
def learnt(archive, few_views, tmp_path_factory):
    """A version that is in use, its workspace, and what its training said."""
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("boxes"))
    index(workspace, [archive])
    known = read_box_table(archive / "boxes.csv", TASK, workspace.database)
    add_labels(workspace.database, known[:WITH_BOXES])
    result = train(workspace, TASK)
    publish(workspace, TASK, result.model_version, reason="first")
    return result.model_version, workspace, result


def test_too_few_boxes_are_refused_with_what_to_do(archive, tmp_path):
    workspace = Workspace.open_or_make(tmp_path)
    index(workspace, [archive])
    known = read_box_table(archive / "boxes.csv", TASK, workspace.database)
    with pytest.raises(NotEnoughFilmsError, match=r"expected .* got .* `radsieve push hip_box`"):
        train(workspace, TASK, extra_labels=known[:4])


def test_learnt_boxes_beat_the_mean_box_on_films_that_were_not_learnt_from(learnt, true_boxes):
    version, workspace, result = learnt
    learnt_from = {label.radiograph_id for label in standing_labels(workspace.database, "hip_box")}
    others = sorted(true_boxes.keys() - learnt_from)
    truth = np.stack([box_rows(true_boxes[film].boxes, TASK.labels) for film in others])
    known = [box_rows(true_boxes[film].boxes, TASK.labels) for film in learnt_from]
    _, found = split_answers(
        load_predictions(workspace.predictions, "hip_box", version).answers(others)
    )
    ours = overlap(found, truth).mean()
    assert ours > overlap(np.mean(known, axis=0), truth).mean() + 0.1
    assert not result.metrics["baseline_is_better"]
    assert result.metrics["mean_overlap"]["value"] == pytest.approx(ours, abs=0.15)


def test_the_same_boxes_are_not_trained_on_twice(learnt):
    version, workspace, _ = learnt
    again = train(workspace, TASK)
    assert (again.model_version, again.reused) == (version, True)


def test_no_film_without_a_hip_is_as_sure_as_a_pelvis(learnt):
    version, workspace, _ = learnt
    table = load_predictions(workspace.predictions, "hip_box", version)
    sure = table.frame.set_index("radiograph_id")["uncertainty"]
    is_chest = {film.radiograph_id: "chest" in film.path for film in films(workspace.database)}
    chests = sure[[film for film in sure.index if is_chest[film]]]
    pelves = sure[[film for film in sure.index if not is_chest[film]]]
    assert chests.min() > pelves.median()


def test_a_saved_version_says_the_same_again(learnt):
    version, workspace, _ = learnt
    film = films(workspace.database)[0]
    thumbnail = ThumbnailStore(workspace.thumbnails).read([film.thumbnail_row])
    said = load_detector(workspace.models, version, "cpu").probabilities(thumbnail)["hip_box"]
    swept = load_predictions(workspace.predictions, "hip_box", version)
    np.testing.assert_allclose(said, swept.answers([film.radiograph_id]), atol=2e-3)


def test_the_list_of_predictions_is_in_pixels_of_the_film(learnt, true_boxes, tmp_path):
    _, workspace, _ = learnt
    write_predictions(workspace.database, workspace.predictions, TASK, tmp_path / "boxes.csv")
    listed = pd.read_csv(tmp_path / "boxes.csv").set_index("radiograph_id")
    for film in films(workspace.database)[:5]:
        if film.radiograph_id in true_boxes:
            row, known = listed.loc[film.radiograph_id], true_boxes[film.radiograph_id].boxes[0]
            middle = row[f"{known.label}_left"] + row[f"{known.label}_width"] / 2
            wanted = (known.box.left + known.box.width / 2) * film.width_px
            assert abs(middle - wanted) < 0.15 * film.width_px


def test_the_least_sure_films_that_nobody_has_seen_come_first(learnt):
    version, workspace, _ = learnt
    picks = rank(workspace, TASK, count=8, seed=0)
    looked_at = {label.radiograph_id for label in standing_labels(workspace.database, "hip_box")}
    assert not looked_at & {pick.radiograph_id for pick in picks}
    table = load_predictions(workspace.predictions, "hip_box", version)
    unsure = table.frame.set_index("radiograph_id")["uncertainty"].drop(list(looked_at))
    assert unsure.idxmax() in {pick.radiograph_id for pick in picks}
    assert any("a box wrong" in pick.reason or "undecided" in pick.reason for pick in picks)


def test_confirmed_boxes_are_listed_and_cut_out_at_full_depth(learnt, archive, tmp_path):
    _, workspace, _ = learnt
    out, applied = tmp_path / "out", tmp_path / "applied"
    report = export(workspace, {"hip_box": TASK}, out, apply_to=applied)
    assert (report.boxes, report.crops, report.exclusions) == (2 * WITH_BOXES, 2 * WITH_BOXES, 0)
    rows = pd.read_csv(out / "boxes.csv")
    again = read_box_table(out / "boxes.csv", TASK, workspace.database)
    assert len(again) == WITH_BOXES
    row = rows.iloc[0]
    film = imagecodecs.png_decode((archive / row.file).read_bytes())
    stem = row.file.rpartition("/")[2].removesuffix(".png")
    part = applied / "crops" / "hip_box" / f"{stem}_{row.label}.png"
    np.testing.assert_array_equal(
        imagecodecs.png_decode(part.read_bytes()),
        film[row.top : row.top + row.height, row.left : row.left + row.width],
    )


def test_only_sure_boxes_that_nobody_has_seen_are_exported_unconfirmed(learnt, tmp_path):
    version, workspace, _ = learnt
    export(workspace, {"hip_box": TASK}, tmp_path, with_predicted=True)
    rows = pd.read_csv(tmp_path / "boxes.csv", keep_default_na=False)
    predicted = rows[rows["label_source"] == ""]
    assert (predicted["probability"].astype(float) >= TASK.thresholds.accept_at).all()
    assert set(predicted["model_version"]) <= {version}
    assert not any("chest" in file for file in predicted["file"])


@pytest.fixture
def pushed(learnt, studio, tmp_path):
    workspace = copied(learnt[1].root, tmp_path / "workspace")
    client = remember_label_studio(workspace.root, studio.url, studio.token)
    emptied_projects(workspace, client, TASK)
    push(workspace, TASK, client, NextBatch(6))
    return workspace, client, open_items(workspace.database, "hip_box")


@pytest.mark.studio
def test_boxes_are_accepted_moved_and_deleted_in_label_studio(pushed):
    workspace, client, items = pushed
    assert {item.kind for item in items} == {SINGLE}
    shown = predictions_shown(client, items[0].project_id)
    accept, move, delete = items[:3]
    before = {item.item_key: shown[item.item_id] for item in items}
    client.submit_answer(accept.item_id, before[accept.item_key], lead_time_s=PLENTY_S)
    first, second = before[move.item_key]
    moved_to = replace(first.rectangle, x=10.0, y=20.0, width=30.0, height=25.0)
    annotation = client.submit_answer(
        move.item_id, (replace(first, rectangle=moved_to), second), lead_time_s=PLENTY_S
    )
    client.submit_answer(delete.item_id, (), lead_time_s=PLENTY_S)
    report = pull(workspace, TASK, client)
    assert (report.annotations, report.unreadable) == (3, [])
    answers = {
        label.radiograph_id: label
        for label in standing_labels(workspace.database, "hip_box")
        if label.source is LabelSource.REVIEWER and label.reviewer.startswith("user")
    }
    accepted, moved, deleted = (
        answers[item.radiograph_ids[0]].boxes for item in (accept, move, delete)
    )
    swept = load_predictions(
        workspace.predictions, "hip_box", published_version(workspace.database, "hip_box")
    )
    _, said = split_answers(swept.answers(accept.radiograph_ids))
    np.testing.assert_allclose(box_rows(accepted, TASK.labels), said[0], atol=1e-5)
    assert np.allclose(moved[0].box.as_array(), [0.1, 0.2, 0.3, 0.25])
    assert deleted == ()
    client.delete_answer(annotation)
    assert pull(workspace, TASK, client).withdrawn == 1
    assert pull(workspace, TASK, client).annotations == 0
    assert not is_due(workspace, TASK)


@pytest.mark.studio
def test_the_ml_backend_draws_the_same_boxes(pushed):
    workspace, client, items = pushed
    backend = RadsieveBackend(
        workspace.database, film_oracle(workspace), {"hip_box": TASK}, schedule=None
    )
    asked = [
        asked_item({"id": item.item_id, "data": {"radiograph_id": item.radiograph_ids[0]}})
        for item in items
    ]
    found = backend.answer(box_config_xml(TASK), asked)
    shown = predictions_shown(client, items[0].project_id)
    for item, result in zip(items, found.results, strict=True):
        theirs = [region.rectangle for region in shown[item.item_id]]
        ours = [region.rectangle for region in result.result]
        assert tuple(one.label for one in ours) == TASK.labels
        for one, other in zip(ours, theirs, strict=True):
            assert one.x == pytest.approx(other.x, abs=1e-3)
            assert one.height == pytest.approx(other.height, abs=1e-3)


def predictions_shown(client, project):
    query = {"project": project, "fields": "all"}
    items = client._json("GET", "api/tasks/", params=query)["tasks"]
    return {item["id"]: parse_result(item["predictions"][0]["result"]) for item in items}
