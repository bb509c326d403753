"""Finds looked at twice, sheets read twice, checks mixed in, stale sheets: with Label Studio."""

import re
from pathlib import Path

import pytest
from sqlalchemy import update

from backend.archive.adapters.catalogue import films
from backend.base.adapters.database import answers
from backend.detectors.loop.film_predictions import prediction_source
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import verdicts
from backend.review.adapters.answer_store import standing_answers
from backend.review.adapters.batch_store import task_items
from backend.review.adapters.label_studio.shapes import result_json
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.core.check_figures import misses
from backend.review.core.look import LookOutcome, Purpose
from backend.review.core.second_look import confirmed_bad
from backend.review.loop.pull import needed_pictures
from backend.review.loop.studio.waiting_items import rebuild_waiting_items

pytestmark = [pytest.mark.studio, pytest.mark.slow]

PLENTY_S = 60.0
SHEETS = "sheet_films = 8\nhidden_share = 0.25\nsecond_sheet_films = 3\n"


@pytest.fixture
def rotation(tasks):
    return tasks["rotation"]


@pytest.fixture
def reviewer(connect, new_reviewer):
    return new_reviewer(connect(SHEETS))


def upright_sheet(items):
    return next(item for item in items if item.shown_label == "upright")


def test_a_find_counts_only_after_a_second_independent_look(reviewer):
    reviewer.push()
    sheet = upright_sheet(reviewer.waiting())
    found = sheet.radiograph_ids[0]
    reviewer.answer(sheet, [found])
    reviewer.pull()
    assert confirmed_bad(reviewer.looks(), "upright") == {}
    reviewer.accept_all()
    reviewer.push()
    (second,) = [one for one in reviewer.waiting(Purpose.SECOND) if found in one.radiograph_ids]
    reviewer.answer(second, label="turned_180")
    reviewer.pull()
    assert found in confirmed_bad(reviewer.looks(), "upright")
    assert reviewer.verdict(found).label == (second.shown_label or "turned_180")


def test_finds_wait_for_each_other_while_first_looks_of_the_batch_wait(reviewer):
    reviewer.push()
    sheet = upright_sheet(reviewer.waiting())
    reviewer.answer(sheet, sheet.radiograph_ids[:1])
    reviewer.pull()
    assert reviewer.push().items == 0
    assert not reviewer.waiting(Purpose.SECOND)
    reviewer.accept_all()
    assert reviewer.push().items > 0
    assert reviewer.waiting(Purpose.SECOND)


def test_what_is_flagged_on_a_second_sheet_as_well_goes_on_until_its_class_is_known(
    reviewer, monkeypatch
):
    monkeypatch.setattr(
        "backend.review.loop.follow_ups._suspected_class",
        lambda _task, known, _row: known.label or ("turned_90" if len(known.denied) < 2 else ""),
    )
    reviewer.push()
    sheet = upright_sheet(reviewer.waiting())
    found = set(sheet.radiograph_ids[:3])
    reviewer.answer(sheet, found)
    reviewer.pull()
    reviewer.push()
    (second,) = [one for one in reviewer.waiting(Purpose.SECOND) if one.shown_label]
    assert (second.shown_label, set(second.radiograph_ids)) == ("turned_90", found)
    stranger = second.radiograph_ids[0]
    reviewer.answer(second, [stranger])
    reviewer.pull()
    assert {reviewer.verdict(film).label for film in found - {stranger}} == {"turned_90"}
    assert reviewer.verdict(stranger).needs_exact_class
    reviewer.accept_all()
    reviewer.push()
    (single,) = [one for one in reviewer.waiting() if stranger in one.radiograph_ids]
    assert not single.shown_label
    reviewer.answer(single, label="turned_270")
    reviewer.pull()
    assert reviewer.verdict(stranger).label == "turned_270"


def test_a_skipped_sheet_labels_nothing_and_comes_again(reviewer, studio):
    reviewer.push()
    sheet = upright_sheet(reviewer.waiting())
    studio.client._json(
        "POST",
        f"api/tasks/{sheet.item_id}/annotations/",
        json={
            "result": result_json(sheet_result(sheet.shown_ids, set(sheet.radiograph_ids))),
            "was_cancelled": True,
        },
    )
    report = reviewer.pull()
    assert (report.skipped, report.labels) == (1, 0)
    assert sheet.item_key in {item.item_key for item in reviewer.waiting()}
    assert reviewer.pull().skipped == 0
    kept = standing_answers(reviewer.workspace.database, "rotation", outcome=LookOutcome.SKIPPED)
    assert [one.item_key for one in kept] == [sheet.item_key]


def test_a_reviewer_s_own_pace_says_what_is_too_fast(reviewer):
    for _ in range(2):
        reviewer.push()
        for sheet in reviewer.waiting(Purpose.FIRST):
            reviewer.answer(sheet, lead_time_s=2.0 * len(sheet.shown_ids))
        reviewer.pull()
    reviewer.push()
    sheet = reviewer.waiting(Purpose.FIRST)[0]
    reviewer.answer(sheet, lead_time_s=0.1 * len(sheet.shown_ids), label="upright")
    assert reviewer.pull().not_reviewed == 1
    assert sheet.item_key in {item.item_key for item in reviewer.waiting()}


def test_known_films_measure_the_reviewer_and_teach_nothing(reviewer):
    reviewer.push()
    reviewer.accept_all()
    reviewer.push()
    sheets = [one for one in reviewer.waiting() if one.checks]
    assert sheets
    labels_before = len(standing_labels(reviewer.workspace.database, "rotation"))
    films = 0
    for sheet in sheets:
        assert len(sheet.shown_ids) <= 8
        reviewer.answer(sheet)
        films += len(sheet.radiograph_ids)
    reviewer.pull()
    labels = standing_labels(reviewer.workspace.database, "rotation")
    assert len(labels) == labels_before + films
    bad = [one for sheet in sheets for one in sheet.checks.values() if one.truth != "upright"]
    assert misses(reviewer.looks(), "upright") == (len(bad), len(bad))


def test_known_films_look_like_any_other_in_label_studio(reviewer, studio):
    reviewer.push()
    reviewer.accept_all()
    reviewer.push()
    sheet = next(one for one in reviewer.waiting() if one.checks)
    there = studio.client._json("GET", f"api/tasks/{sheet.item_id}/")
    shapes = {
        # What a film's place on the sheet decides is not compared.
        choice["value"]: re.sub(
            r'film \d+| style="[^"]*"', "", choice["html"].replace(choice["value"], "ID")
        )
        for choice in there["data"]["films"]
    }
    assert len(set(shapes.values())) == 1
    assert list(shapes) == sorted(shapes) == list(sheet.shown_ids)
    (prediction,) = there["predictions"]
    ticked = set(prediction["result"][0]["value"]["choices"]) if prediction["result"] else set()
    assert {shown for shown, one in sheet.checks.items() if one.ticked} <= ticked
    for shown in sheet.shown_ids:
        assert (reviewer.workspace.review / f"{shown}.jpg").exists()


def test_a_sheet_read_by_two_goes_to_two_tabs(connect, new_reviewer):
    settings = "sheet_films = 8\nreviewers = 2\ndouble_reading_share = 1.0\nhidden_share = 0\n"
    reviewer = new_reviewer(connect(settings))
    reviewer.push(count=16)
    first = upright_sheet(reviewer.waiting(Purpose.FIRST))
    (again,) = [
        one
        for one in reviewer.waiting(Purpose.DOUBLE)
        if one.radiograph_ids == first.radiograph_ids
    ]
    assert {first.shard, again.shard} == {1, 2}
    assert first.item_id != again.item_id


def test_what_two_readers_disagree_about_waits_on_the_tab_of_conflicts(
    connect, new_reviewer, studio
):
    settings = "sheet_films = 8\nreviewers = 2\ndouble_reading_share = 1.0\nhidden_share = 0\n"
    reviewer = new_reviewer(connect(settings))
    reviewer.push(count=8)
    first = upright_sheet(reviewer.waiting(Purpose.FIRST))
    film = first.radiograph_ids[0]
    for item in reviewer.waiting():
        reviewer.answer(item, [film] if item == first else [])
    reviewer.pull()
    # One account gives all answers here; those to the other sheets are made another reader's.
    with reviewer.workspace.database.begin() as connection:
        other = update(answers).where(answers.c.item_key != first.item_key)
        connection.execute(other.values(reviewer="user 99"))
    reviewer.push(count=8)
    (settle,) = reviewer.waiting(Purpose.SETTLE)
    there = studio.client._json("GET", f"api/tasks/{settle.item_id}/")
    assert settle.radiograph_ids == (film,)
    assert there["data"]["slices"] == "conflict follow_up"


def test_stale_sheets_are_kept_by_default(reviewer, studio, rotation):
    reviewer.push()
    assert (
        rebuild_waiting_items(
            prediction_source(reviewer.workspace),
            reviewer.workspace.settings,
            rotation,
            studio.client,
        )
        == 0
    )


def test_stale_sheets_that_nobody_has_begun_go_back_and_a_late_answer_still_counts_once(
    connect, new_reviewer, rotation, studio
):
    settings = 'sheet_films = 4\nstale_sheets = "rebuild"\nhidden_share = 0\n'
    reviewer = new_reviewer(connect(settings))
    reviewer.push(count=24)
    before = reviewer.waiting()
    taken = rebuild_waiting_items(
        prediction_source(reviewer.workspace), reviewer.workspace.settings, rotation, studio.client
    )
    assert taken == len(before) - 2
    kept = {item.item_key for item in reviewer.waiting()}
    late = next(item for item in before if item.item_key not in kept)
    reviewer.answer(late)
    report = reviewer.pull()
    assert report.labels == len(late.radiograph_ids)
    assert reviewer.pull().labels == 0
    assert {item.item_key for item in reviewer.waiting()} == kept
    reviewer.accept_all()
    reviewer.push(count=24)
    first_looks = reviewer.waiting(Purpose.FIRST)
    shown = [film for item in first_looks for film in item.radiograph_ids]
    assert not set(shown) & set(late.radiograph_ids)
    returned = {film for item in before for film in item.radiograph_ids} - set(late.radiograph_ids)
    assert set(shown) & returned
    assert len(task_items(reviewer.workspace.database, "rotation")) > len(before)


def test_a_sheet_that_two_people_submit_labels_every_film_once(reviewer, studio):
    reviewer.push()
    sheet = upright_sheet(reviewer.waiting())
    reviewer.answer(sheet)
    reviewer.answer(sheet)
    reviewer.pull()
    found = verdicts(standing_labels(reviewer.workspace.database, "rotation"), reviewer.task)
    assert set(found) == set(sheet.radiograph_ids)
    assert all(one.label == "upright" for one in found.values())


def test_pictures_go_when_their_batch_is_done_and_come_back_with_a_reopened_sheet(reviewer, studio):
    reviewer.push(count=8)
    sheet = reviewer.waiting()[0]
    annotations = {item.item_key: reviewer.answer(item) for item in reviewer.waiting()}
    picture = reviewer.workspace.review / f"{sheet.radiograph_ids[0]}.jpg"
    whole = reviewer.workspace.review / f"{sheet.item_key}_sheet.jpg"
    assert picture.exists()
    assert whole.exists()
    assert reviewer.pull().pictures_removed > 0
    assert not picture.exists()
    assert not whole.exists()
    assert needed_pictures(reviewer.workspace.database) == set()
    studio.client.delete_answer(annotations[sheet.item_key])
    reviewer.pull()
    assert picture.exists()


def test_a_film_that_is_gone_from_the_disk_is_left_out_of_the_sheets_and_labels_nothing(
    reviewer, caplog
):
    archive = films(reviewer.workspace.database)
    gone = archive[0]
    content = Path(gone.path).read_bytes()
    Path(gone.path).unlink()
    try:
        reviewer.push(count=len(archive))
    finally:
        Path(gone.path).write_bytes(content)
    shown = {film for item in reviewer.waiting() for film in item.radiograph_ids}
    assert shown == {film.radiograph_id for film in archive} - {gone.radiograph_id}
    assert f"film {gone.radiograph_id} cannot be shown" in caplog.text
