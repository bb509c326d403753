"""What a rule suspects, as predictions of a version, from the films to the lists and the sheets."""

import cv2
import numpy as np
import pandas as pd
import pytest
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.jobs import JobQueue
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError, TaskDefinitionError
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import (
    publication_history,
    version_in_use,
    versions,
)
from backend.detectors.loop.film_predictions import film_probabilities, prediction_source
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.export.loop.export import export
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.loop.push import plan_batch, push_material
from backend.review.loop.studio.connect import TaskProjects
from backend.review.loop.suspect_batch import rule_findings, suspect_batch
from backend.service.loop.worker import Worker
from tasks import detector_task

QUALITY = detector_task("quality")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Ten phantoms, and beside them a pale one, two blank ones and a second copy."""
    folder = tmp_path_factory.mktemp("films")
    made = write_phantom_archive(
        folder, films=10, seed=4, size_px=512, turned_share=0, inverted_share=0
    )
    first = cv2.imread(str(made[0].path), cv2.IMREAD_GRAYSCALE)
    pale = (np.rot90(first) * 0.2 + 100).astype(np.uint8)
    cv2.imwrite(str(folder / "z_pale.png"), pale)
    for name, grey in (("z_blank.png", 40), ("z_black.png", 0)):
        cv2.imwrite(str(folder / name), np.full((300, 310 + grey), grey, np.uint8))
    cv2.imwrite(str(folder / "z_same.png"), first, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    return folder


@pytest.fixture(scope="module")
def indexed(archive, tmp_path_factory):
    made = Workspace.open_or_make(tmp_path_factory.mktemp("indexed") / "workspace")
    index(made, [archive])
    return made


@pytest.fixture
def workspace(indexed, tmp_path):
    return copied(indexed.root, tmp_path / "workspace")


def by_name(workspace):
    return {film.path.rpartition("/")[2]: film.radiograph_id for film in films(workspace.database)}


def answered(workspace, name, label):
    film = by_name(workspace)[name]
    said = Label(film, "quality", label, LabelSource.REVIEWER, "2026-01-01", "user 1")
    add_labels(workspace.database, [said])


def suspects_of(workspace, out):
    export(workspace, {"quality": QUALITY}, out)
    rows = pd.read_csv(out / "suspects.csv", keep_default_na=False).to_dict("records")
    return {row["file"].rpartition("/")[2]: row for row in rows}


def test_before_the_rule_was_applied_there_is_nothing_to_review(workspace):
    with pytest.raises(NothingPublishedError, match="radsieve rules quality"):
        version_in_use(workspace.database, QUALITY)
    assert sweep_by_rule(workspace, detector_task("age")).model_version is None
    with pytest.raises(TaskDefinitionError, match="nothing to rank or to review"):
        version_in_use(workspace.database, detector_task("age"))


def test_every_suspect_is_predicted_and_listed_once_and_nobody_is_excluded(workspace, tmp_path):
    swept = sweep_by_rule(workspace, QUALITY)
    names = by_name(workspace)
    wrong = {names["z_pale.png"], names["z_blank.png"], names["z_black.png"]}
    table = load_predictions(workspace.predictions, "quality", swept.model_version)
    p_fine = table.probabilities(sorted(names.values()))[:, QUALITY.labels.index("fine")]
    suspected = {film for film, p in zip(sorted(names.values()), p_fine, strict=True) if p <= 0.5}
    labelled = {label.radiograph_id for label in standing_labels(workspace.database, "quality")}
    assert wrong <= suspected
    assert suspected | {names["z_same.png"]} == labelled
    rows = suspects_of(workspace, tmp_path / "out")
    assert {names[name] for name in rows} == suspected - {names["z_same.png"]}
    pale = "quality: washed_out (a rule: grey_range below 0.5, the default)"
    assert rows["z_pale.png"]["suspicion"] == pale
    blank = "quality: blank (a rule: structure below 0.1, the default)"
    assert rows["z_blank.png"]["suspicion"] == blank
    assert rows["z_pale.png"]["model_version"] == swept.model_version
    assert rows["z_pale.png"]["probability"] == ""
    excluded = pd.read_csv(tmp_path / "out" / "exclusions.csv")
    assert [(row.rpartition("/")[2]) for row in excluded["file"]] == ["z_same.png"]
    assert list(excluded["decided"]) == ["policy"]


def test_a_version_is_made_once_and_says_where_its_cut_offs_are(workspace):
    first, again = (sweep_by_rule(workspace, QUALITY).model_version for _ in range(2))
    assert first == again
    (publication,) = publication_history(workspace.database, "quality")
    assert publication.model_version == first == version_in_use(workspace.database, QUALITY)
    (version,) = versions(workspace.database, "quality")
    check = version.judgement["checks"]["washed_out"]
    assert (check["measure"], check["set_by"], check["suspects"]) == ("grey_range", "default", 1)


def test_a_cut_off_that_a_person_sets_makes_another_version(workspace):
    first = sweep_by_rule(workspace, QUALITY).model_version
    (workspace.root / "radsieve.toml").write_text("[cut_offs.quality]\nleast_contrast = 0.0\n")
    other = Workspace(workspace.root)
    second = sweep_by_rule(other, QUALITY)
    assert second.model_version != first
    labels = {label.label for label in standing_labels(other.database, "quality")}
    assert "washed_out" not in labels


def test_a_rule_says_nothing_of_a_film_that_it_was_not_applied_to(workspace):
    version = sweep_by_rule(workspace, QUALITY).model_version
    said = film_probabilities(prediction_source(workspace), QUALITY, version, ["f" * 20])
    assert np.isnan(said).all()


def test_who_was_answered_about_is_no_suspect_any_more(workspace, tmp_path):
    sweep_by_rule(workspace, QUALITY)
    answered(workspace, "z_pale.png", "fine")
    answered(workspace, "z_black.png", "blank")
    rows = suspects_of(workspace, tmp_path / "out")
    assert not {"z_pale.png", "z_black.png"} & rows.keys()
    excluded = pd.read_csv(tmp_path / "out" / "exclusions.csv").set_index("decided")
    assert excluded.loc["confirmed by one look", "file"].endswith("z_black.png")


def test_a_batch_shows_each_check_on_its_own_sheet_and_no_second_copy(workspace):
    names = by_name(workspace)
    findings = rule_findings(workspace, QUALITY)
    planning = push_material(workspace, QUALITY, TaskProjects(sheet=1, single=2)).planning
    batch = suspect_batch(findings, {names["z_black.png"]}, planning, count=100)
    sides = {pick.radiograph_id: (pick.slice, pick.reason) for pick in batch.picks}
    assert sides[names["z_pale.png"]] == (
        Slice.LIKELY,
        "Suspected: washed out, beyond the cut-off, the worst first",
    )
    assert not {names["z_black.png"], names["z_same.png"]} & sides.keys()
    for sheet in batch.sheets:
        assert sheet.shown_label == "fine"
        assert len({sides[film] for film in sheet.radiograph_ids}) == 1
    one_by_one = suspect_batch(findings, (), planning, count=1, single=True)
    assert [len(sheet.radiograph_ids) for sheet in one_by_one.sheets] == [1]


def test_the_joint_queue_has_sheets_of_what_the_rule_suspects(workspace):
    joint, names = detector_task("any_problem"), by_name(workspace)
    sweep_by_rule(workspace, QUALITY)
    material = push_material(workspace, joint, TaskProjects(sheet=1, single=2))
    assert plan_batch(material, count=40, single=False)
    items = open_items(workspace.database, "any_problem")
    asked = [item for item in items if "quality" in (item.covered or {})]
    films_of = {film for item in asked for film in item.radiograph_ids}
    assert {names["z_pale.png"], names["z_blank.png"], names["z_black.png"]} <= films_of
    assert names["z_same.png"] not in films_of
    assert {item.shown_label for item in asked} == {"fine"}
    shown = [film for item in items for film in item.radiograph_ids]
    assert len(shown) == len(set(shown))


def test_a_push_of_the_rule_itself_shows_its_suspects(workspace):
    names = by_name(workspace)
    worker = Worker(workspace, {"quality": QUALITY}, JobQueue(workspace.job_queue, ["quality"]))
    sweep_by_rule(workspace, QUALITY)
    assert not worker._is_begun(QUALITY)
    material = push_material(workspace, QUALITY, TaskProjects(sheet=1, single=2))
    assert plan_batch(material, count=40, single=False)
    assert worker._is_begun(QUALITY)
    items = open_items(workspace.database, "quality")
    first = min(items, key=lambda item: item.position)
    assert set(first.radiograph_ids) == {names["z_blank.png"], names["z_black.png"]}
    assert first.covered is None
    again = push_material(workspace, QUALITY, TaskProjects(sheet=1, single=2))
    assert not plan_batch(again, count=40, single=False)
