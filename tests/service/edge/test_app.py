"""The routes as Label Studio 1.23.2 calls them; payloads as recorded from it."""

import json
import math

import numpy as np
import pytest

from backend.review.adapters.label_studio.requests import MAX_ITEMS
from backend.review.adapters.label_studio.shapes import result_json
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    sheet_item,
    sheet_result,
)
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import QUEUE
from backend.review.core.item import SHEET, SINGLE
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.service.edge.app import create_app
from backend.service.edge.guarded_app import MAX_REQUEST_BYTES

PARAMS = {"login": None, "password": None, "context": None}


@pytest.fixture
def sheet_screen(tasks):
    return sheet_config_xml()


@pytest.fixture
def single_screen(tasks):
    return screen_of(tasks["inversion"])


def screen_of(task):
    """Return a screen whose control is named after a task, as earlier versions of radsieve made."""
    choices = "".join(f'<Choice value="{label}"/>' for label in task.labels)
    return (
        '<View><Image name="radiograph" value="$radiograph"/>'
        f'<Choices name="{task.name}" toName="radiograph">{choices}</Choices></View>'
    )


def setup_body(screen):
    return {
        "project": "1.1795374902",
        "schema": screen,
        "hostname": "http://localhost:8180",
        "access_token": "0123456789abcdef",
        "extra_params": None,
    }


def predict_body(screen, items):
    return {
        "tasks": items,
        "project": "1.1795374902",
        "label_config": screen,
        "params": PARAMS,
    }


def as_sent(number, data):
    """An item as Label Studio sends it, which calls it a task."""
    return {
        "id": number,
        "data": data,
        "meta": {},
        "created_at": "2026-11-22T21:00:00.000000Z",
        "updated_at": "2026-11-22T21:00:00.000000Z",
        "is_labeled": False,
        "overlap": 1,
        "inner_id": number,
        "total_annotations": 0,
        "cancelled_annotations": 0,
        "total_predictions": 0,
        "project": 1,
        "annotations": [],
        "predictions": [],
    }


def sheet_of(task, films, shown_label="normal"):
    cells = tuple(SheetFilm(film, f"/t/{film}.jpg", f"/l/{film}.jpg") for film in films)
    return sheet_item(ContactSheet(task, shown_label, cells, "old", 0.5)).as_json()["data"]


def single_of(task, film, image="/data/local-files/?d=review/gone.jpg"):
    equal = dict.fromkeys(task.labels, 0.5)
    return single_item(task, SingleFilm(film, image, equal, "old", 0.5)).as_json()["data"]


@pytest.mark.parametrize("path", ["/", "/health"])
def test_health_needs_no_password(app, path):
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.json["status"] == "UP"


def test_setup_answers_the_published_version_or_for_all_tasks_the_name_of_the_queue(
    client, single_screen, sheet_screen, version
):
    for screen, name in ((single_screen, version), (sheet_screen, QUEUE)):
        answer = client.post("/setup", json=setup_body(screen))
        assert (answer.status_code, answer.json) == (200, {"model_version": name})


def test_a_screen_of_all_tasks_is_answered_by_the_task_that_each_item_names(
    client, tasks, film_ids
):
    data = [single_of(tasks["inversion"], film_ids[5]), single_of(tasks["rotation"], film_ids[5])]
    items = [as_sent(number, each) for number, each in enumerate([*data, {}, data[0]])]
    answer = client.post("/predict", json=predict_body(single_config_xml(), items)).json
    assert {answer["model_version"], *(each["model_version"] for each in answer["results"])} == {
        QUEUE
    }
    inverted = {"choices": ["inversion: inverted"]}
    said = [[region["value"] for region in each["result"]] for each in answer["results"]]
    # Nothing is published for rotation, and the third item names no task.
    assert said == [[inverted], [], [], [inverted]]
    score = queue_score(tasks["inversion"], SINGLE, Purpose.FIRST, 0.8)
    assert answer["results"][0]["score"] == pytest.approx(score)


def test_setup_answers_no_version_before_the_first_publication(client, tasks):
    screen = screen_of(tasks["rotation"])
    assert client.post("/setup", json=setup_body(screen)).json == {"model_version": None}


def test_single_item_gets_its_most_probable_label(client, tasks, single_screen, film_ids, version):
    items = [as_sent(7, single_of(tasks["inversion"], film_ids[5]))]
    answer = client.post("/predict", json=predict_body(single_screen, items))
    assert answer.status_code == 200
    (result,) = answer.json["results"]
    assert result["model_version"] == answer.json["model_version"] == version
    assert result["score"] == pytest.approx(0.80)
    (region,) = result["result"]
    assert (region["from_name"], region["to_name"]) == ("inversion", "radiograph")
    assert region["value"] == {"choices": ["inverted"]}


def test_sheet_gets_its_suspects_ticked_and_the_score_of_its_least_certain_film(
    client, tasks, sheet_screen, film_ids
):
    films = film_ids[:5]
    items = [as_sent(1, sheet_of(tasks["inversion"], films))]
    (result,) = client.post("/predict", json=predict_body(sheet_screen, items)).json["results"]
    assert result["result"] == result_json(sheet_result(films, set(film_ids[3:5])))
    place = queue_score(tasks["inversion"], SHEET, Purpose.FIRST, 0.40)
    assert result["score"] == pytest.approx(place)


def test_every_item_gets_one_answer_in_order_and_a_bad_one_spoils_nothing(
    client, tasks, single_screen, film_ids, caplog
):
    good = [single_of(tasks["inversion"], film) for film in film_ids[:2]]
    bad = [{}, {"radiograph_id": 3}, single_of(tasks["inversion"], "unknown"), None, [good]]
    items = [as_sent(number, data) for number, data in enumerate([good[0], *bad, good[1]])]
    answer = client.post("/predict", json=predict_body(single_screen, [*items, None, 5]))
    scores = [result["score"] for result in answer.json["results"]]
    assert scores == pytest.approx([0.99, 0, 0, 0, 0, 0, 0.95, 0, 0])
    assert [bool(result["result"]) for result in answer.json["results"]] == [
        score > 0 for score in scores
    ]
    (said,) = [line for line in caplog.messages if "no answer" in line]
    assert "of 9 items, item 1 has no answer" in said
    assert "gone.jpg" not in caplog.text


def test_too_many_items_are_refused_and_as_many_as_may_be_are_one_line_in_the_log(
    client, single_screen, caplog
):
    answer = client.post("/predict", json=predict_body(single_screen, [{}] * (MAX_ITEMS + 1)))
    assert answer.status_code == 400
    assert f"at most {MAX_ITEMS} items" in answer.json["error"]
    items = [{"id": number, "data": {}} for number in range(MAX_ITEMS)]
    answer = client.post("/predict", json=predict_body(single_screen, items))
    assert len(answer.json["results"]) == MAX_ITEMS
    assert len([line for line in caplog.messages if "no answer" in line]) == 1
    assert len(caplog.messages) < 10


def test_sheet_with_an_unknown_film_comes_first_but_keeps_its_ticks(
    client, tasks, sheet_screen, film_ids
):
    films = (film_ids[0], "unknown", film_ids[7])
    items = [as_sent(1, sheet_of(tasks["inversion"], films))]
    (result,) = client.post("/predict", json=predict_body(sheet_screen, items)).json["results"]
    assert result["score"] == queue_score(tasks["inversion"], SHEET, Purpose.FIRST, 0.0)
    assert result["result"] == result_json(sheet_result(films, {film_ids[7]}))


def test_scores_are_always_finite_numbers(client, tasks, sheet_screen, film_ids):
    items = [
        as_sent(number, sheet_of(tasks["inversion"], films))
        for number, films in enumerate([film_ids, (), ("unknown",), film_ids[:1]])
    ]
    answer = client.post("/predict", json=predict_body(sheet_screen, items))
    scores = [result["score"] for result in answer.json["results"]]
    assert all(isinstance(score, float) and math.isfinite(score) for score in scores)
    assert "NaN" not in answer.text


def test_no_items_is_no_results(client, single_screen, version):
    answer = client.post("/predict", json=predict_body(single_screen, []))
    assert answer.json == {"model_version": version, "results": []}


def test_interactive_request_is_answered_like_any_other(client, tasks, single_screen, film_ids):
    body = predict_body(single_screen, [as_sent(1, single_of(tasks["inversion"], film_ids[0]))])
    body["params"]["context"] = {"result": [{"type": "choices"}]}
    body["tasks"][0] |= {"annotations": [{"id": 3}], "drafts": [], "predictions": [{"id": 4}]}
    (result,) = client.post("/predict", json=body).json["results"]
    assert result["score"] == pytest.approx(0.99)


def test_newly_published_version_is_used_at_once(
    client, tasks, single_screen, film_ids, publish_version
):
    body = predict_body(single_screen, [as_sent(1, single_of(tasks["inversion"], film_ids[0]))])
    client.post("/predict", json=body)
    publish_version("tiny-new", np.linspace(0.1, 0.8, 8, dtype=np.float32))
    answer = client.post("/predict", json=body)
    assert answer.json["model_version"] == "tiny-new"
    assert answer.json["results"][0]["score"] == pytest.approx(0.9)
    setup = client.post("/setup", json=setup_body(single_screen))
    assert setup.json == {"model_version": "tiny-new"}


def test_screen_of_somebody_elses_making_is_answered_under_its_own_names(client, film_ids):
    screen = (
        '<View><Image name="pic" value="$scan"/><Choices name="inversion" toName="pic">'
        '<Choice value="normal"/><Choice value="inverted"/></Choices></View>'
    )
    items = [as_sent(1, {"radiograph_id": film_ids[0], "scan": "/data/upload/x.png"})]
    (result,) = client.post("/predict", json=predict_body(screen, items)).json["results"]
    assert result["result"][0]["to_name"] == "pic"


def test_nothing_published_is_said_instead_of_storing_empty_predictions(client, tasks):
    screen = screen_of(tasks["rotation"])
    answer = client.post("/predict", json=predict_body(screen, [as_sent(1, {})]))
    assert answer.status_code == 503
    assert "radsieve train rotation" in answer.json["error"]


def test_versions_lists_all_of_them_oldest_first(client, version, publish_version):
    publish_version("tiny-new", np.full(8, 0.5, np.float32))
    assert client.get("/versions").json == {"versions": [version, "tiny-new"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/setup"), ("post", "/predict"), ("post", "/webhook"), ("get", "/versions")],
)
@pytest.mark.parametrize(
    "auth", [None, ("radsieve", "wrong"), ("radsieve", ""), ("admin", "x"), ("pässwörd", "ü")]
)
def test_wrong_password_is_refused_everywhere(app, ledger, method, path, auth):
    answer = getattr(app.test_client(), method)(path, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert "basic auth" in answer.json["error"]
    assert ledger.asked.empty()


def test_other_kinds_of_authorisation_are_refused(app):
    for header in ("Bearer abc", "Basic", "Basic !!!", "Basic " + "A" * 9000, "Digest x=1"):
        answer = app.test_client().post("/setup", headers={"Authorization": header})
        assert answer.status_code == 401


HOSTILE_BODIES = {
    "empty": b"",
    "not json": b"{",
    "binary": bytes(range(256)),
    "null": b"null",
    "a number": b"17",
    "a list": b"[]",
    "empty object": b"{}",
    "wrong types": b'{"schema": 3, "label_config": [], "tasks": {}}',
    "deeply nested": b"[" * 200_000,
    "deeply nested object": b'{"schema":' * 100_000,
    "half a surrogate": b'{"schema": "\\ud800", "label_config": "\\ud800", "tasks": []}',
    "endless number": b'{"schema": ' + b"9" * 10_000 + b"}",
    "entity bomb": json.dumps(
        {
            name: '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            "<View>&b;</View>"
            for name in ("schema", "label_config")
        }
    ).encode(),
}


@pytest.mark.parametrize("path", ["/setup", "/predict"])
@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
def test_hostile_body_gets_a_clean_refusal(client, path, body):
    answer = client.post(path, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/json"
    assert list(answer.json) == ["error"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nowhere", 404),
        ("get", "/predict", 405),
        ("post", "/health", 405),
        ("get", "/webhook", 405),
        ("post", "/versions", 405),
        ("get", "/static/../app.py", 404),
        ("get", "/%00", 404),
    ],
)
def test_wrong_route_or_method_is_refused_in_json(client, method, path, status):
    answer = getattr(client, method)(path)
    assert answer.status_code == status
    assert list(answer.json) == ["error"]
    assert ("Allow" in answer.headers) == (status == 405)


def test_body_over_the_limit_is_refused_before_it_is_read(client):
    answer = client.post("/predict", data=b" " * (MAX_REQUEST_BYTES + 1))
    assert answer.status_code == 413
    assert list(answer.json) == ["error"]


def test_own_fault_is_an_error_in_json_and_a_place_in_the_log(stored, tasks, ledger, caplog):
    app = create_app(stored, tasks, ledger)

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError("terces"[::-1])

    answer = app.test_client().get("/broken", auth=("radsieve", stored.secrets.backend_password))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "secret" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
