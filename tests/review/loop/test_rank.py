from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.loop.film_measures import film_measures, measure_store
from backend.archive.loop.index import index
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import version_in_use
from backend.detectors.loop.film_predictions import prediction_source
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import BatchFacts, Item
from backend.review.core.look import Call, Look, Purpose
from backend.review.core.ranking.shares import SliceYield
from backend.review.loop.prediction_list import write_ranking
from backend.review.loop.rank import (
    batch_shares,
    known_copy_groups,
    rank,
    rank_batch,
    slice_yields,
    strangeness,
)
from tasks import detector_task


def test_the_spoilt_phantoms_are_at_the_front(workspace, tasks, true_label):
    paths = {film.radiograph_id: Path(film.path).name for film in films(workspace.database)}
    task = tasks["inversion"]
    spoilt = {film for film, name in paths.items() if true_label(name, task) == "inverted"}
    picks = rank(workspace, task, count=30, seed=1)
    front = {pick.radiograph_id for pick in picks[: len(spoilt)]}
    assert front == spoilt
    assert {pick.slice for pick in picks[: len(spoilt)]} == {Slice.LIKELY}


def test_a_film_that_a_reviewer_judged_is_not_ranked_again(workspace, tasks):
    task = tasks["rotation"]
    first = rank(workspace, task, count=5, seed=1)[0].radiograph_id
    label = Label(first, "rotation", "upright", LabelSource.REVIEWER, "2026-01-01")
    add_labels(workspace.database, [label])
    everything = rank(workspace, task, count=10_000, seed=1)
    assert first not in {pick.radiograph_id for pick in everything}


def test_a_film_that_waits_in_label_studio_is_not_ranked_again(workspace, tasks):
    task = tasks["rotation"]
    waiting = tuple(pick.radiograph_id for pick in rank(workspace, task, count=6, seed=1))
    record_batch(
        workspace.database,
        BatchFacts("rotation", "v", 1),
        [],
        lambda batch: [Item("key", 1, batch, 0, "rotation", "sheet", "upright", waiting)],
    )
    left = {pick.radiograph_id for pick in rank(workspace, task, count=10_000, seed=1)}
    assert not left & set(waiting)


def test_a_rule_label_does_not_count_as_looked_at(workspace, tasks):
    film = films(workspace.database)[0].radiograph_id
    label = Label(film, "rotation", "turned_90", LabelSource.RULE, "2026-01-01")
    add_labels(workspace.database, [label])
    ranked = rank(workspace, tasks["rotation"], count=10_000, seed=1)
    assert film in {pick.radiograph_id for pick in ranked}


def test_the_ranking_is_written_with_the_columns_of_the_contract(workspace, tasks, tmp_path):
    picks = rank(workspace, tasks["rotation"], count=7, seed=3)
    write_ranking(workspace.database, picks, tmp_path / "ranking.csv")
    frame = pd.read_csv(tmp_path / "ranking.csv")
    assert list(frame.columns) == ["rank", "radiograph_id", "path", "slice", "reason"]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def without_predictions(workspace, task, films_left):
    """Take the predictions of all but some films away."""
    version = version_in_use(workspace.database, task)
    path = PredictionFile(workspace.predictions, task.name, version).path
    frame = pd.read_parquet(path)
    frame[frame["radiograph_id"].isin(films_left)].to_parquet(path)


def test_a_film_without_a_prediction_is_drawn_for_the_audit_all_the_same(workspace, tasks):
    task = tasks["rotation"]
    known = {film.radiograph_id for film in films(workspace.database)[:40]}
    without_predictions(workspace, task, known)
    picks = rank(workspace, task, count=60, seed=1)
    drawn = {pick.radiograph_id for pick in picks if pick.slice is Slice.AUDIT}
    by_model = {
        pick.radiograph_id for pick in picks if pick.slice in {Slice.LIKELY, Slice.UNCERTAIN}
    }
    assert drawn - known
    assert by_model
    assert by_model <= known


def test_a_batch_says_how_many_films_its_audit_was_drawn_from(workspace, tasks):
    batch = rank_batch(workspace, tasks["rotation"], count=20, seed=1)
    ranked = [pick for pick in batch.picks if pick.slice is not Slice.AUDIT]
    assert batch.drawn_from == len(films(workspace.database)) - len(ranked)
    chance = len(batch.of(Slice.AUDIT)) / batch.drawn_from
    assert {pick.inclusion for pick in batch.picks if pick.slice is Slice.AUDIT} == {chance}


def test_without_answers_the_audit_gets_what_the_setting_says(workspace, tasks):
    shares = batch_shares([], tasks["rotation"], workspace.settings)
    assert shares.audit == workspace.settings.audit_share


def look(film, slice_, called, batch=1, purpose=Purpose.FIRST):
    return Look(film, "item", "user 1", "2026-01-01", called, None, purpose, slice_, batch, 0.5)


def test_yields_count_first_looks_by_batch_and_slice():
    made = [
        look("a", "likely", Call("inverted"), batch=2),
        look("b", "likely", Call("normal"), batch=2),
        look("a", "", Call("normal"), batch=2, purpose=Purpose.SECOND),
        look("c", "outlier", Call("normal", denied=True), batch=1),
        look("d", "audit", Call("normal"), batch=1),
    ]
    assert slice_yields(made, "normal") == [
        {Slice.OUTLIER: SliceYield(1, 1), Slice.AUDIT: SliceYield(1, 0)},
        {Slice.LIKELY: SliceYield(2, 1)},
    ]


def test_a_film_read_twice_in_its_batch_counts_once():
    made = [look("a", "likely", Call("inverted")), look("a", "likely", Call("inverted"))]
    assert slice_yields(made, "normal") == [{Slice.LIKELY: SliceYield(1, 1)}]


@pytest.fixture
def with_a_copy(workspace, phantoms, tmp_path):
    """The workspace with one film more: another one's copy, saved as JPEG."""
    original = sorted(phantoms.glob("*.png"))[0]
    cv2.imwrite(str(tmp_path / "copy.jpg"), cv2.imread(str(original), cv2.IMREAD_GRAYSCALE))
    index(workspace, [tmp_path / "copy.jpg"])
    return {Path(film.path).name: film for film in films(workspace.database)}, original.name


def test_copies_are_known_as_far_as_they_are_measured(workspace, with_a_copy):
    by_name, original = with_a_copy
    archive = list(by_name.values())
    assert len(
        set(known_copy_groups(workspace.root / "measures", workspace.thumbnails, archive))
    ) == len(archive)
    film_measures(measure_store(workspace.measures, workspace.thumbnails), archive)
    groups = dict(
        zip(
            by_name,
            known_copy_groups(workspace.root / "measures", workspace.thumbnails, archive),
            strict=True,
        )
    )
    assert groups["copy.jpg"] == groups[original]


def strange(workspace, task, archive):
    sketches = workspace.root / "sketches.u8"
    return strangeness(prediction_source(workspace), sketches, task, archive)


def test_features_tell_what_is_strange_where_people_give_the_labels(workspace, tasks):
    archive = films(workspace.database)
    projection, rotation = detector_task("projection"), tasks["rotation"]
    by_pixels = strange(workspace, projection, archive)
    assert (by_pixels == strange(workspace, rotation, archive)).all()
    feature_store(workspace.detector_files).read([film.thumbnail_row for film in archive])
    assert (by_pixels == strange(workspace, rotation, archive)).all()
    assert not np.allclose(by_pixels, strange(workspace, projection, archive))


def test_features_of_some_films_only_are_not_used(workspace):
    archive = films(workspace.database)
    before = strange(workspace, detector_task("projection"), archive)
    feature_store(workspace.detector_files).read([archive[0].thumbnail_row])
    assert (before == strange(workspace, detector_task("projection"), archive)).all()
