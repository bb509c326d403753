"""Webhooks as recorded from Label Studio 1.23.2; every one is answered 202."""

import json

import pytest
from sqlalchemy import insert

from backend.base.adapters.database import projects
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.service.edge.webhooks import MAX_HINT_BYTES
from tasks import load_detector_tasks

SCREEN = sheet_config_xml(load_detector_tasks()["inversion"])
PROJECT = {"id": 5, "title": "radsieve", "label_config": SCREEN, "model_version": "v1"}
ANNOTATION = {"id": 2, "was_cancelled": False, "lead_time": 3.1, "completed_by": 1, "result": []}
ITEM = {"id": 9, "data": {"sheet_key": "k"}}


@pytest.mark.parametrize(
    "event",
    [
        {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION, "task": ITEM},
        {"action": "ANNOTATION_CREATED", "annotation": {**ANNOTATION, "was_cancelled": True}},
        {"action": "ANNOTATION_UPDATED", "annotation": ANNOTATION, "task": ITEM},
        {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 2}]},
        {"action": "ANNOTATIONS_CREATED", "annotation": [ANNOTATION], "task": [ITEM]},
        {"action": "TASKS_DELETED", "tasks": [{"id": 9}]},
        {"action": "NEWS_OF_NEXT_YEAR"},
        {"action": None},
        {"action": ["ANNOTATION_CREATED"]},
        {},
    ],
    ids=lambda event: str(event.get("action")),
)
def test_event_that_may_change_an_answer_schedules_a_pull_of_its_task(client, ledger, event):
    answer = client.post("/webhook", json={**event, "project": PROJECT})
    assert (answer.status_code, answer.json) == (202, {"status": "accepted"})
    assert ledger.asked.get(timeout=10) == ("pull", "inversion")


@pytest.mark.parametrize("action", ["TASKS_CREATED", "PROJECT_UPDATED", "PROJECT_CREATED"])
def test_event_that_changes_no_answer_schedules_nothing(client, ledger, action):
    assert client.post("/webhook", json={"action": action, "project": PROJECT}).status_code == 202
    client.post("/webhook", json={"action": "START_TRAINING", "project": PROJECT})
    assert ledger.asked.get(timeout=10) == ("train", "inversion")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[1]", b"[" * 100_000, bytes(range(256)), b'{"project": "\\ud800"}'],
    ids=["empty", "half", "null", "list", "deep", "binary", "surrogate"],
)
def test_body_that_is_not_understood_schedules_a_pull_of_everything(client, ledger, body):
    assert client.post("/webhook", data=body).status_code == 202
    assert ledger.asked.get(timeout=10) == ("pull", None)


def test_huge_body_is_not_read_but_still_a_hint(client, ledger):
    body = json.dumps({"action": "TASKS_CREATED", "project": PROJECT}).encode()
    assert client.post("/webhook", data=body + b" " * MAX_HINT_BYTES).status_code == 202
    assert ledger.asked.get(timeout=10) == ("pull", None)


def test_start_training_trains_the_task_of_the_project(client, ledger):
    client.post("/webhook", json={"action": "START_TRAINING", "project": PROJECT})
    assert ledger.asked.get(timeout=10) == ("train", "inversion")


@pytest.mark.parametrize("project", [{"id": 31, "title": "t"}, "31.1795374902", 31])
def test_project_without_its_screen_is_known_by_its_number(client, stored, ledger, project):
    _keep_project(stored, "rotation", port=8080)
    client.post("/webhook", json={"action": "START_TRAINING", "project": project})
    assert ledger.asked.get(timeout=10) == ("train", "rotation")


def _keep_project(workspace, task, port):
    """Write down that project 31 of the Label Studio at this port asks the task's question."""
    with workspace.database.begin() as connection:
        connection.execute(
            insert(projects).values(
                detector_task=task,
                kind="sheet",
                label_studio_url=f"http://127.0.0.1:{port}",
                project_id=31,
            )
        )


def test_a_number_that_projects_of_two_tasks_have_names_neither(client, stored, ledger, caplog):
    # Each Label Studio counts its projects by itself.
    _keep_project(stored, "rotation", port=8080)
    _keep_project(stored, "inversion", port=9090)
    client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 31}})
    client.post("/webhook", json={"action": "ANNOTATION_CREATED", "project": {"id": 31}})
    assert ledger.asked.get(timeout=10) == ("pull", None)
    assert "cannot train" in caplog.text


def test_training_of_an_unknown_project_is_refused_in_the_log_only(client, ledger, caplog):
    answer = client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 99}})
    assert answer.status_code == 202
    client.post("/webhook", json={"action": "ANNOTATION_UPDATED", "project": PROJECT})
    assert ledger.asked.get(timeout=10) == ("pull", "inversion")
    assert "cannot train" in caplog.text


def test_inbox_outlives_a_queue_that_fails(client, ledger, caplog):
    working = ledger.pull_soon

    def fail(_task):
        ledger.pull_soon = working
        raise OSError("the disk is full of secrets")

    ledger.pull_soon = fail
    for _ in range(2):
        client.post("/webhook", json={"action": "ANNOTATION_CREATED", "project": PROJECT})
    assert ledger.asked.get(timeout=10) == ("pull", "inversion")
    assert "OSError" in caplog.text
    assert "secrets" not in caplog.text
