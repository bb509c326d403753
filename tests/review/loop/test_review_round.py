"""Push, answer, pull, publish and roll back against a real Label Studio."""

import subprocess
import sys
from pathlib import Path

import pytest
from shared_fixtures.archive import emptied_projects

from backend.archive.adapters.catalogue import films
from backend.base.core.errors import LabelStudioError, UnknownModelVersionError
from backend.detectors.adapters.versions.registry import published_version, register_version
from backend.detectors.loop.film_predictions import FilmPredictions, prediction_source
from backend.detectors.loop.sweep import sweep
from backend.detectors.loop.train import train
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import verdicts
from backend.review.adapters.batch_store import open_items, project_items
from backend.review.adapters.screens.contact_sheet import sheet_result, ticked_films
from backend.review.adapters.screens.single_item import single_result
from backend.review.adapters.screens.tabs import QUEUE
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.review.loop.publish import publish, rollback
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import remember_label_studio
from backend.review.loop.studio.waiting_items import pre_annotation
from tasks import detector_task

pytestmark = pytest.mark.studio

PLENTY_S = 60.0


@pytest.fixture
def connected(workspace, studio, tasks):
    """A workspace with fresh projects in the Label Studio of the tests."""
    client = remember_label_studio(workspace.root, studio.url, studio.token)
    for task in tasks.values():
        emptied_projects(workspace, client, task)
    return workspace


@pytest.fixture
def rotation(tasks):
    return tasks["rotation"]


@pytest.fixture
def pushed(connected, rotation, studio):
    push(connected, rotation, studio.client, NextBatch(40))
    return open_items(connected.database, "rotation")


def answer(studio, item, flagged=(), lead_time_s=PLENTY_S):
    result = sheet_result(item.radiograph_ids, set(flagged))
    return studio.client.submit_answer(item.item_id, result, lead_time_s=lead_time_s)


def upright_sheet(items):
    return next(item for item in items if item.shown_label == "upright")


def test_a_push_shows_every_film_of_the_batch_on_one_sheet(pushed, studio):
    shown = [film for item in pushed for film in item.radiograph_ids]
    assert len(shown) == len(set(shown)) == 40
    there = studio.client.item_keys(pushed[0].project_id)
    assert set(there) == {item.item_key for item in pushed}


def test_the_least_certain_sheet_comes_first_even_in_the_order_of_import(pushed, studio):
    project = pushed[0].project_id
    tasks = studio.client._json("GET", "api/tasks/", params={"project": project, "fields": "all"})
    by_id = sorted(tasks["tasks"], key=lambda item: item["id"])
    scores = [item["predictions"][0]["score"] for item in by_id]
    assert scores == sorted(scores)
    assert len(scores) == len(pushed)


def test_pushing_twice_adds_nothing(pushed, connected, rotation, studio):
    report = push(connected, rotation, studio.client, NextBatch(40))
    assert (report.items, report.waiting) == (0, len(pushed))
    assert len(studio.client.item_ids(pushed[0].project_id)) == len(pushed)


@pytest.mark.slow
def test_two_pushes_at_once_make_one_batch(connected, studio):
    command = [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), "push", "rotation"]
    options = ["-n", "40", "--workspace", str(connected.root)]
    started = [subprocess.Popen([*command, *options], stderr=subprocess.PIPE) for _ in range(2)]
    for process in started:
        process.communicate()
        assert process.returncode == 0
    items = open_items(connected.database, "rotation")
    assert len({item.batch_id for item in items}) == 1
    assert len(studio.client.item_ids(items[0].project_id)) == len(items)


def test_a_push_that_was_interrupted_is_finished_by_the_next(
    connected, rotation, studio, monkeypatch
):
    class PowerCutError(Exception):
        pass

    def cut(*_arguments, **_options):
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr("backend.review.loop.studio.send.note_pushed", cut)
        with pytest.raises(PowerCutError):
            push(connected, rotation, studio.client, NextBatch(40))
    report = push(connected, rotation, studio.client, NextBatch(40))
    items = open_items(connected.database, "rotation")
    assert report.items == len(items)
    assert len(studio.client.item_ids(items[0].project_id)) == len(items)


@pytest.mark.slow
def test_the_sheets_are_placed_in_the_queue_by_the_published_version(pushed, connected, studio):
    project = pushed[0].project_id
    version = published_version(connected.database, "rotation")
    assert studio.client.model_version(project) == QUEUE
    films = [film for item in pushed for film in item.radiograph_ids]
    predictions = FilmPredictions(
        prediction_source(connected), detector_task("rotation"), version, films
    )
    there = studio.client.predictions_of(project, QUEUE)
    for item in pushed:
        shown = pre_annotation(detector_task("rotation"), item, predictions)
        place = queue_score(detector_task("rotation"), item.kind, item.purpose, shown.score)
        assert there[item.item_id].score == pytest.approx(place)
        assert ticked_films(there[item.item_id].result) == ticked_films(shown.result)


def test_a_submitted_sheet_gives_every_film_on_it_a_label(pushed, connected, rotation, studio):
    sheet = upright_sheet(pushed)
    flagged = sheet.radiograph_ids[0]
    answer(studio, sheet, [flagged])
    report = pull(connected, rotation, studio.client)
    assert (report.annotations, report.labels) == (1, len(sheet.radiograph_ids))
    found = verdicts(standing_labels(connected.database, "rotation"), rotation)
    assert found[flagged].is_bad(rotation)
    assert found[sheet.radiograph_ids[1]].label == "upright"


def test_a_second_pull_changes_nothing(pushed, connected, rotation, studio):
    answer(studio, upright_sheet(pushed))
    pull(connected, rotation, studio.client)
    before = standing_labels(connected.database, "rotation")
    report = pull(connected, rotation, studio.client)
    assert (report.annotations, report.labels, report.withdrawn) == (0, 0, 0)
    assert standing_labels(connected.database, "rotation") == before


@pytest.mark.slow
def test_a_deleted_answer_takes_its_labels_back_and_its_sheet_waits_again(
    pushed, connected, rotation, studio
):
    sheet = upright_sheet(pushed)
    annotation = answer(studio, sheet)
    pull(connected, rotation, studio.client)
    studio.client.delete_answer(annotation)
    report = pull(connected, rotation, studio.client)
    assert report.withdrawn == len(sheet.radiograph_ids)
    assert standing_labels(connected.database, "rotation") == []
    assert sheet.item_key in {item.item_key for item in open_items(connected.database, "rotation")}


@pytest.mark.slow
def test_a_deleted_item_takes_nothing_back(pushed, connected, rotation, studio):
    sheet = upright_sheet(pushed)
    answer(studio, sheet)
    pull(connected, rotation, studio.client)
    studio.client.delete_items(sheet.project_id, [item.item_id for item in pushed])
    report = pull(connected, rotation, studio.client)
    assert report.withdrawn == 0
    assert len(standing_labels(connected.database, "rotation")) == len(sheet.radiograph_ids)
    assert open_items(connected.database, "rotation") == []


def test_a_sheet_submitted_by_a_held_key_counts_for_nothing_and_waits_again(
    pushed, connected, rotation, studio
):
    sheet = upright_sheet(pushed)
    answer(studio, sheet, lead_time_s=0.1)
    report = pull(connected, rotation, studio.client)
    assert (report.not_reviewed, report.labels) == (1, 0)
    assert not studio.client.item_keys(sheet.project_id)[sheet.item_key].answered
    assert len(open_items(connected.database, "rotation")) == len(pushed)


@pytest.mark.slow
def test_a_flagged_film_goes_on_as_a_single_item_until_its_class_is_known(
    pushed, connected, rotation, studio
):
    sheet = upright_sheet(pushed)
    flagged = sheet.radiograph_ids[0]
    answer(studio, sheet, [flagged])
    for other in pushed:
        if other is not sheet:  # all of them are denied, too: this one class has several
            answer(studio, other, other.radiograph_ids)
    pull(connected, rotation, studio.client)
    push(connected, rotation, studio.client, NextBatch(40))
    asked = [
        item
        for item in open_items(connected.database, "rotation")
        if flagged in item.radiograph_ids
    ]
    assert [item.purpose for item in asked] == [Purpose.SECOND]
    assert push(connected, rotation, studio.client, NextBatch(40)).items == 0
    (item,) = asked
    if item.shown_label:
        answer(studio, item)
    else:
        chosen = single_result(rotation, {one: one == "turned_270" for one in rotation.labels})
        studio.client.submit_answer(item.item_id, chosen, lead_time_s=PLENTY_S)
    pull(connected, rotation, studio.client)
    found = verdicts(standing_labels(connected.database, "rotation"), rotation)
    assert found[flagged].label == (item.shown_label or "turned_270")


@pytest.mark.slow
def test_single_items_can_be_pushed_in_place_of_sheets(connected, rotation, studio):
    report = push(connected, rotation, studio.client, NextBatch(5, single=True))
    assert (report.items, report.films) == (5, 5)
    there = studio.client.item_keys(report.projects.single)
    assert len(there) == 5


@pytest.mark.slow
def test_the_next_batch_holds_none_of_the_films_that_were_judged(
    pushed, connected, rotation, studio
):
    for sheet in pushed:
        answer(studio, sheet)
    pull(connected, rotation, studio.client)
    push(connected, rotation, studio.client, NextBatch(40))
    first = {film for item in pushed for film in item.radiograph_ids}
    again = {
        film
        for item in open_items(connected.database, "rotation")
        if item.kind == "sheet"
        for film in item.radiograph_ids
    }
    assert again
    assert not first & again


@pytest.mark.slow
def test_publishing_moves_predictions_and_order_to_the_new_version_and_rollback_moves_them_back(
    pushed, connected, tasks, rotation, studio, monkeypatch
):
    project, first = pushed[0].project_id, published_version(connected.database, "rotation")
    before = filled_in(studio, project)
    assert studio.client.model_version(project) == QUEUE
    monkeypatch.setenv("RADSIEVE_EPOCHS", "2")
    again = type(connected)(connected.root)
    second = train(again, rotation, list(tasks.values())).model_version
    assert second != first
    publish(again, rotation, second, reason="test")
    after = filled_in(studio, project)
    assert set(after) == set(before)
    assert after != before
    rollback(again, rotation, first)
    assert filled_in(studio, project) == before
    assert published_version(again.database, "rotation") == first
    assert sweep(again, [rotation]).predicted == 0


def filled_in(studio, project):
    """Return by the number of its prediction each item's place in the queue and its ticks."""
    there = studio.client.predictions_of(project, QUEUE)
    return {each.number: (each.score, ticked_films(each.result)) for each in there.values()}


@pytest.mark.slow
def test_when_label_studio_cannot_be_reached_nothing_is_published(
    pushed, connected, rotation, free_port
):
    first = published_version(connected.database, "rotation")
    register_version(connected.database, "rotation", first + "x", reviewer_labels=0, judgement={})
    remember_label_studio(connected.root, f"http://127.0.0.1:{free_port()}", "0" * 40)
    with pytest.raises(LabelStudioError):
        publish(connected, rotation, first, reason="test")
    assert published_version(connected.database, "rotation") == first


def test_a_version_that_was_never_trained_cannot_be_published(connected, rotation):
    with pytest.raises(UnknownModelVersionError, match="has no model version 'nonsense'"):
        publish(connected, rotation, "nonsense", reason="test")


def test_labels_reach_the_database_without_any_patient_or_file_name(
    pushed, connected, rotation, studio
):
    """What Label Studio holds names no file, and so no patient."""
    names = [film.path.rsplit("/", 1)[-1] for film in films(connected.database)]
    shown = [
        str(studio.client._json("GET", f"api/tasks/{answer.item_id}/")["data"])
        for answer in _answered(pushed, studio)
    ]
    assert shown
    assert not [name for name in names for text in shown if name in text]
    assert project_items(connected.database, pushed[0].project_id)


def _answered(pushed, studio):
    answer(studio, pushed[0])
    return list(studio.client.answers(pushed[0].project_id))
