"""Films that somebody sends from the grid: to the item in a real Label Studio, and back."""

import pytest
from shared_fixtures.archive import emptied_projects

from backend.base.adapters.jobs import JobQueue
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.core.look import Call, Purpose
from backend.review.loop.grid_looks import waits_for_push
from backend.review.loop.looks import looks
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import remember_label_studio
from backend.service.loop.worker import Worker
from tasks import load_detector_tasks

pytestmark = pytest.mark.studio

TASKS = load_detector_tasks()
ONLY_SENT = NextBatch(0)


@pytest.fixture
def client(grid, studio):
    """The Label Studio of the grid's workspace, in which the rule on quality has been applied."""
    sweep_by_rule(grid.workspace, TASKS["quality"])
    client = remember_label_studio(grid.workspace.root, studio.url, studio.token)
    emptied_projects(grid.workspace, client, TASKS["quality"])
    return client


@pytest.fixture
def sent(grid, client):
    """Return a function that sends films to review, pushes, and returns their item."""

    def send(name, count):
        films = [film["id"] for film in grid.films(f"task={name}", count)]
        answer = grid.post("/send", {"task": name, "films": films, "reviewer": "R1"})
        assert answer.json == {"sent": count, "waiting": 0}
        assert grid.schedule.pulls == [name]
        assert waits_for_push(grid.workspace.database, name) == count
        push(grid.workspace, TASKS[name], client, ONLY_SENT)
        (item,) = open_items(grid.workspace.database, name)
        assert sorted(item.radiograph_ids) == sorted(films)
        return item

    return send


def data_of(client, item):
    return client._json("GET", f"api/tasks/{item.item_id}/")["data"]


def how_decided(grid, name, films):
    found = grid.films(f"task={name}")
    return {film["how"] for film in found if film["id"] in films}


@pytest.mark.parametrize(
    ("name", "asks"),
    [("any_problem", "Fine means: "), ("quality", "Sent from the grid by R1:")],
)
def test_sent_films_come_on_one_sheet_and_its_answer_counts(grid, client, sent, name, asks):
    task, database = TASKS[name], grid.workspace.database
    sheet = sent(name, 4)
    assert waits_for_push(database, name) == 0
    shown = data_of(client, sheet)
    assert asks in shown["sheet"]
    assert shown["asks"] == task.display_name
    assert sheet.shown_label == task.expected_label
    bad, *fine = sheet.radiograph_ids
    client.submit_answer(sheet.item_id, sheet_result(sheet.shown_ids, {bad}), lead_time_s=60.0)
    pull(grid.workspace, task, client)
    found = {look.radiograph_id: look for look in looks(database, task)}
    assert found.keys() == {bad, *fine}
    assert {look.purpose for look in found.values()} == {Purpose.FIRST}
    assert found[bad].called == Call(sheet.shown_label, denied=True).among(task.labels)
    assert how_decided(grid, name, fine) == {"by one look"}
    calls = {one.radiograph_id: one.label for one in standing_labels(database, name)}
    assert all(calls[film] == task.expected_label for film in fine)
    push(grid.workspace, task, client, ONLY_SENT)
    assert [item.radiograph_ids for item in open_items(database, name)] == [(bad,)]


def test_what_a_policy_decides_is_not_sent(grid):
    film = grid.films("task=age", 1)[0]["id"]
    answer = grid.post("/send", {"task": "age", "films": [film], "reviewer": "R1"})
    assert answer.status_code == 400
    assert "decided by a policy" in answer.json["error"]


def test_the_worker_pushes_what_was_sent_of_a_rule_and_asks_for_no_more_of_it(grid, client):
    worker = Worker(grid.workspace, TASKS, JobQueue(grid.workspace.job_queue, list(TASKS)))
    quality = TASKS["quality"]
    assert not worker._is_begun(quality)
    film = grid.films("task=quality", 9)[8]["id"]
    grid.post("/send", {"task": "quality", "films": [film], "reviewer": "R1"})
    worker.pull("quality")
    assert worker._is_begun(quality)
    assert worker._can_push(quality)
    assert worker._how_to_push("quality") == ["--second-looks"]
    push(grid.workspace, quality, client, ONLY_SENT)
    assert not worker._is_asked_by_itself(quality)
    assert worker._is_begun(quality)  # what is flagged needs a second look
