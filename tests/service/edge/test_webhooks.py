"""Webhooks as recorded from Label Studio 1.23.2; every one is answered 202."""

import json
import re

import pytest
from shared_fixtures.kept_answers import replace_annotation
from sqlalchemy import insert

from backend.base.adapters.database import projects, radiographs
from backend.labels.adapters.label_store import AnnotationVersion
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.label_studio.projects import MlBackend, hint_secret
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.service.edge.webhooks import MAX_HINT_BYTES

# As earlier versions of radsieve made it, and as people may make one of their own.
SCREEN = (
    '<View><Image name="pic" value="$scan"/><Choices name="inversion" toName="pic">'
    '<Choice value="normal"/><Choice value="inverted"/></Choices></View>'
)
SHARED = {"id": 6, "title": "radsieve: 1 Sheets", "label_config": sheet_config_xml()}
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


def test_an_answer_in_a_project_of_all_tasks_is_of_the_task_that_its_item_names(client, ledger):
    item = {"id": 9, "data": {"sheet_key": "k", "detector_task": "rotation"}}
    body = {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION, "project": SHARED}
    client.post("/webhook", json={**body, "task": item})
    assert ledger.asked.get(timeout=10) == ("pull", "rotation")


@pytest.mark.parametrize("action", ["ANNOTATIONS_DELETED", "ANNOTATION_CREATED", "TASKS_DELETED"])
def test_a_hint_of_a_project_of_all_tasks_without_its_item_pulls_all(client, ledger, action):
    client.post("/webhook", json={"action": action, "project": SHARED})
    assert ledger.asked.get(timeout=10) == ("pull", None)


def test_a_project_of_all_tasks_trains_those_that_reviewers_answered_for(client, stored, ledger):
    _keep_project(stored, "", port=8080)
    _index_film(stored, "a" * 20)
    said = Label("a" * 20, "rotation", "upright", LabelSource.REVIEWER, "2026-01-01", "user 1")
    replace_annotation(stored.database, AnnotationVersion("k/1", "2026-01-01"), [said])
    shared = {**SHARED, "id": 31}
    client.post("/webhook", json={"action": "START_TRAINING", "project": shared})
    assert ledger.asked.get(timeout=10) == ("train", "rotation")
    client.post("/webhook", json={"action": "ANNOTATION_UPDATED", "project": shared})
    assert ledger.asked.get(timeout=10) == ("pull", None)


def _index_film(workspace, film):
    facts = {"width_px": 1, "height_px": 1, "file_format": "PNG", "indexed_at": "2026-01-01"}
    row = {"radiograph_id": film, "thumbnail_row": 0, "patient_key": "p", **facts}
    with workspace.database.begin() as connection:
        connection.execute(
            insert(radiographs).values(
                **row, normalisation=[], dicom_tags={}, patient_source="film"
            )
        )


def test_a_project_of_all_tasks_trains_none_before_the_first_answer(client, ledger, caplog):
    client.post("/webhook", json={"action": "START_TRAINING", "project": SHARED})
    client.post("/webhook", json={"action": "ANNOTATION_UPDATED", "project": SHARED})
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


def hint_header(stored, project):
    backend = MlBackend("http://b", "radsieve", "radsieve", stored.secrets.backend_password)
    return {"Authorization": backend.hint_authorization(project)}


def test_password_of_a_webhook_has_answers_read_again(app, stored, ledger):
    event = {"action": "ANNOTATION_CREATED", "project": PROJECT}
    answer = app.test_client().post("/webhook", json=event, headers=hint_header(stored, 5))
    assert answer.status_code == 202
    assert ledger.asked.get(timeout=10) == ("pull", "inversion")


def test_password_of_a_webhook_opens_nothing_else(app, stored, ledger):
    asks, header = app.test_client(), hint_header(stored, 5)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in {"webhook", "health"}:
            continue
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = asks.open(path, method=method, headers=header)
            assert answer.status_code in {401, 404}, path
    training = {"action": "START_TRAINING", "project": PROJECT}
    asks.post("/webhook", json=training, headers=header)
    assert ledger.asked.get(timeout=10) == ("pull", "inversion")


def test_password_of_a_webhook_is_that_of_its_project_and_of_this_workspace(app, stored):
    asks, ours = app.test_client(), hint_secret(stored.secrets.backend_password, 5)
    assert stored.secrets.backend_password not in ours
    for pair in (("hint-6", ours), ("hint-5", ours[:-1]), ("hint-x", ours), ("hint-\u0665", ours)):
        assert asks.post("/webhook", auth=pair, json={}).status_code == 401
    other = hint_secret("another password", 5)
    assert asks.post("/webhook", auth=("hint-5", other), json={}).status_code == 401
