"""Items of all tasks in one queue, and what becomes of the projects of an earlier radsieve."""

from itertools import pairwise

import pytest
from sqlalchemy import update

from backend.base.adapters.database import items
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.shapes import NewItem, ResultRegion
from backend.review.adapters.project_store import ProjectRecord, known_projects, record_project
from backend.review.adapters.screens.answer_choices import ANSWER_CONTROL
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.sheet_screen import SHEET_TAG
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.look import Purpose
from backend.review.core.second_look import awaiting_second_look
from backend.review.loop.looks import looks
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from tasks import load_detector_tasks

pytestmark = [pytest.mark.studio, pytest.mark.slow]

PLENTY_S = 60.0
SETTINGS = "sheet_films = 8\nhidden_share = 0\nsecond_sheet_films = 3\n"
FORMER_SCREEN = (
    '<View><HyperText name="sheet" value="$sheet"/>'
    '<Choices name="rotation" toName="sheet" choice="multiple" value="$films"/></View>'
)


@pytest.fixture
def known():
    return load_detector_tasks()


@pytest.fixture
def ours(connect):
    return connect(SETTINGS)


def next_items(studio, project):
    """Yield the data of what `Label All Tasks` shows, one after the other, answering each."""
    while True:
        try:
            item = studio.client._json("GET", f"api/projects/{project}/next/")
        except Exception:
            return
        yield item["data"]
        studio.client.submit_answer(item["id"], (), lead_time_s=PLENTY_S)


def test_label_all_tasks_serves_what_pays_most_whatever_task_it_is_of(ours, known, studio):
    client = studio.client
    for name in ("inversion", "rotation"):
        push(ours, known[name], client, NextBatch(16))
    # Films that were flagged, enough of them for a sheet of second looks.
    for item in open_items(ours.database, "rotation"):
        result = sheet_result(item.shown_ids, set(item.shown_ids[:4]))
        client.submit_answer(item.item_id, result, lead_time_s=PLENTY_S)
    pull(ours, known["rotation"], client)
    push(ours, known["rotation"], client, NextBatch(16))
    push(ours, known["any_problem"], client, NextBatch(16))
    waiting = [
        item
        for name in ("rotation", "inversion", "any_problem")
        for item in open_items(ours.database, name)
        if item.shown_label
    ]
    project = waiting[0].project_id
    assert {item.project_id for item in waiting} == {project}
    shown = [(data["purpose"], data["asks"]) for data in next_items(studio, project)]
    assert len(shown) == len(waiting)
    ranks = [
        0 if purpose == "second look" else 1 if asks == "any problem" else 2
        for purpose, asks in shown
    ]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}


def test_another_problem_that_is_named_on_a_second_look_is_a_find_of_its_own_task(
    ours, known, studio
):
    client, rotation, inversion = studio.client, known["rotation"], known["inversion"]
    push(ours, rotation, client, NextBatch(8, single=True))
    first, contradictory, *_ = open_items(ours.database, "rotation")
    film = first.radiograph_ids[0]

    def answer(item, *choices):
        region = ResultRegion(ANSWER_CONTROL, IMAGE_TAG, choices)
        client.submit_answer(item.item_id, (region,), lead_time_s=PLENTY_S)

    answer(first, "inversion: inverted", "more")
    answer(contradictory, "fine", "rotation: turned_180")
    report = pull(ours, rotation, client)
    assert (report.annotations, report.labels, report.not_reviewed) == (1, 2, 1)
    said = {
        name: [(one.radiograph_id, one.label) for one in standing_labels(ours.database, name)]
        for name in ("rotation", "inversion")
    }
    assert said == {"rotation": [(film, "upright")], "inversion": [(film, "inverted")]}
    # Neither fine nor bad: it waits again.
    assert contradictory.item_key in {one.item_key for one in waiting(ours, "rotation")}
    found = looks(ours.database, inversion)
    assert awaiting_second_look(found, inversion.expected_label) == [film]
    push(ours, inversion, client, NextBatch(8))
    again = [one for one in waiting(ours, "inversion") if one.purpose is Purpose.SECOND]
    assert [one.radiograph_ids for one in again] == [(film,)]


def waiting(workspace, task):
    return open_items(workspace.database, task)


def as_an_earlier_radsieve(workspace, studio, waiting):
    """Put waiting sheets into a project of their task's own; return its number."""
    client, shared = studio.client, waiting[0].project_id
    former = client.ensure_project("radsieve: rotation, contact sheets", FORMER_SCREEN)
    empty = client.ensure_project("radsieve: rotation, single films", FORMER_SCREEN)
    for kind, project in (("sheet", former), ("single", empty)):
        record_project(
            workspace.database, ProjectRecord("rotation", kind, studio.client.url, project)
        )
    for item in waiting:
        data = client._json("GET", f"api/tasks/{item.item_id}/", params={"resolve_uri": "false"})
        (moved,) = client.import_items(former, [NewItem(data["data"])])
        with workspace.database.begin() as connection:
            connection.execute(
                update(items)
                .where(items.c.item_key == item.item_key)
                .values(project_id=former, item_id=moved)
            )
    client.delete_items(shared, [item.item_id for item in waiting])
    return former, empty


def test_answers_in_a_former_project_count_and_what_waits_there_is_sent_again(ours, known, studio):
    client, rotation = studio.client, known["rotation"]
    push(ours, rotation, client, NextBatch(24))
    shared = open_items(ours.database, "rotation")[0].project_id
    former, empty = as_an_earlier_radsieve(ours, studio, open_items(ours.database, "rotation"))
    answered, begun, *others = open_items(ours.database, "rotation")
    assert others
    region = ResultRegion("rotation", SHEET_TAG, answered.shown_ids[:1])
    annotation = client.submit_answer(answered.item_id, (region,), lead_time_s=PLENTY_S)
    draft = {"result": [], "lead_time": 1}
    client._json("POST", f"api/tasks/{begun.item_id}/drafts", json=draft)

    assert pull(ours, rotation, client).labels == len(answered.radiograph_ids)
    push(ours, rotation, client, NextBatch(24))
    there = client.item_keys(former)
    assert set(there) == {answered.item_key, begun.item_key}
    sent = {item.item_key: item for item in open_items(ours.database, "rotation")}
    assert all(sent[item.item_key].project_id == shared for item in others)
    assert {item.item_key for item in others} <= set(client.item_keys(shared))
    assert client.project_title(former) == "radsieve: rotation, contact sheets"
    assert client.project_title(empty) is None

    client.submit_answer(begun.item_id, (), lead_time_s=PLENTY_S)
    pull(ours, rotation, client)
    push(ours, rotation, client, NextBatch(24))
    assert client.project_title(former) == "archived: radsieve: rotation, contact sheets"
    kinds = {row.kind for row in known_projects(ours.database, client.url) if row.detector_task}
    assert kinds == {"archived sheet"}
    # An answer that is taken back there is still taken back.
    client.delete_answer(annotation)
    assert pull(ours, rotation, client).withdrawn == len(answered.radiograph_ids)
    client.delete_project(former)


def test_a_sheet_fetches_the_pictures_of_the_next_one_also_where_that_is_of_a_later_batch(
    ours, known, studio
):
    joint = known["any_problem"]
    push(ours, joint, studio.client, NextBatch(16))
    (project,) = {item.project_id for item in waiting(ours, "any_problem")}
    push(ours, joint, studio.client, NextBatch(16, ahead=9))
    shown = list(next_items(studio, project))
    assert len({data["batch"] for data in shown}) == 2
    for sheet, following in pairwise(shown):
        pictures = [
            film["html"].partition('src="')[2].partition('"')[0] for film in following["films"]
        ]
        assert pictures
        assert all(picture in sheet["sheet"] for picture in pictures)


def test_a_waiting_item_says_of_its_predictions_what_is_chosen_by_them(ours, known, studio):
    client, rotation = studio.client, known["rotation"]
    push(ours, rotation, client, NextBatch(2, single=True))
    item = open_items(ours.database, "rotation")[0]

    def data():
        return client._json("GET", f"api/tasks/{item.item_id}/")["data"]

    made = data()
    # As it was when another version was in use.
    stale = [choice | {"html": "fine 97 %"} for choice in made["choices"]]
    client.patch_data(item.item_id, {"choices": stale, "predicted": "upside down"})
    assert data() != made
    push(ours, rotation, client, NextBatch(0, single=True))
    assert data() == made
