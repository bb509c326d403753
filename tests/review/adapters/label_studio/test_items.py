"""Drafts, changed data, and what a reviewer was shown, in a real Label Studio."""

import re
import time

import pytest
import requests

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.items import ItemPrediction
from backend.review.adapters.label_studio.shapes import NewItem, result_json
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    sheet_item,
    sheet_result,
)
from tasks import detector_task

pytestmark = pytest.mark.studio

TASK = detector_task("rotation")
FILMS = ["film0", "film1", "film2"]


@pytest.fixture
def item(studio, project):
    """A sheet with its first film pre-ticked by version m1."""
    films = tuple(SheetFilm(film, "/t.jpg", "/l.jpg", ticked=film == "film0") for film in FILMS)
    sheet = ContactSheet(TASK, "upright", films, "m1", 0.5)
    (item_id,) = studio.client.import_items(project, [sheet_item(sheet)])
    return item_id


@pytest.fixture
def post(studio):
    """Return a function that sends to Label Studio what its editor sends."""

    def send(path, **body):
        return _sent(requests.post, f"{studio.url}/api/{path}", studio.token, body)

    return send


@pytest.fixture
def colleague(studio):
    """The session of a second person, who joined by the invite link."""
    session = requests.Session()
    link = studio.client._json("GET", "api/invite")["invite_url"]
    address = f"{studio.url}/user/signup/{link[link.index('?') :]}"
    secret = re.search(r'csrfmiddlewaretoken" value="(\w+)"', session.get(address, timeout=30).text)
    form = {
        "csrfmiddlewaretoken": secret[1],
        "email": f"{studio.new_title().replace(' ', '-')}@example.com",
        "password": "correct-horse-battery",
    }
    session.post(address, data=form, headers={"Referer": address}, timeout=30).raise_for_status()
    session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
    session.headers["Referer"] = studio.url
    return session


def _sent(send, address, token, body):
    headers = {"Authorization": f"Token {token}"}
    response = send(address, json=body, headers=headers, timeout=30)
    assert response.status_code == 201, response.text
    return response.json()


def ticks(*films):
    return sheet_result(FILMS, set(films))


def shown_prediction(studio, project):
    """Return the id of the item's first prediction, as the editor knows it."""
    (found,) = studio.client._items(project, fields="all")
    return found.predictions[0].number


def suggested(studio, project):
    (answer,) = studio.client.answers(project)
    return answer.suggested


def add_version(studio, project, item, version, *films):
    studio.client.import_predictions(project, [ItemPrediction(item, version, 0.5, ticks(*films))])


def test_changed_fields_are_merged_and_all_else_stays(studio, project, item):
    studio.client.submit_answer(item, ticks("film1"), lead_time_s=2.0)
    before = studio.client._json("GET", f"api/tasks/{item}/")
    studio.client.patch_data(item, {"superseded": "yes", "batch": 7})
    after = studio.client._json("GET", f"api/tasks/{item}/")
    assert after["data"] == before["data"] | {"superseded": "yes", "batch": 7}
    (answer,) = studio.client.answers(project)
    assert answer.result[0].choices == ("film1",)
    assert set(studio.client.predictions_of(project, "m1")) == {item}


def test_data_of_an_item_that_is_gone_cannot_be_changed(studio, project, item):
    studio.client.delete_items(project, [item])
    with pytest.raises(LabelStudioError, match="404"):
        studio.client.patch_data(item, {"superseded": "yes"})


def test_an_item_that_anybody_has_begun_has_a_draft(studio, project, item, post, colleague):
    other, untouched = studio.client.import_items(
        project, [NewItem({"item_key": key, "films": [], "sheet": ""}) for key in "ab"]
    )
    assert studio.client.drafts(project) == set()
    post(f"tasks/{item}/drafts", result=result_json(ticks("film1")), lead_time=1)
    address = f"{studio.url}/api/tasks/{other}/drafts"
    colleague.post(address, json={"result": [], "lead_time": 1}, timeout=30).raise_for_status()
    assert studio.client.drafts(project) == {item, other}
    assert untouched not in studio.client.drafts(project)


def test_an_answer_of_the_screen_names_what_was_suggested(studio, project, item, post):
    shown = shown_prediction(studio, project)
    add_version(studio, project, item, "m2", "film2")
    studio.client.set_model_version(project, "m2")
    post(f"tasks/{item}/annotations/", result=[], lead_time=2, parent_prediction=shown)
    assert suggested(studio, project) == ticks("film0")


def test_of_an_answer_by_the_api_nothing_is_known(studio, project, item):
    studio.client.submit_answer(item, ticks("film1"), lead_time_s=2.0)
    assert suggested(studio, project) is None


def test_of_a_prediction_deleted_since_nothing_is_known(studio, project, item, post):
    shown = shown_prediction(studio, project)
    post(f"tasks/{item}/annotations/", result=[], lead_time=2, parent_prediction=shown)
    address = f"api/projects/{project}/model-versions/"
    studio.client._json("DELETE", address, json={"model_version": "m1"})
    assert suggested(studio, project) is None


def change(studio, project, item, *films):
    """Change what the item's prediction says; a moment after it was made."""
    shown = shown_prediction(studio, project)
    time.sleep(1.2)
    studio.client.change_prediction(shown, ItemPrediction(item, "m1", 0.125, ticks(*films)))
    return shown


def test_a_prediction_is_changed_in_place_and_an_answer_to_it_is_taken(studio, project, item, post):
    shown = change(studio, project, item, "film2")
    there = studio.client.predictions_of(project, "m1")
    assert (there[item].number, there[item].score, there[item].result) == (
        *(shown, 0.125),
        ticks("film2"),
    )
    post(f"tasks/{item}/annotations/", result=[], lead_time=0.001, parent_prediction=shown)
    assert suggested(studio, project) == ticks("film2")


def test_of_a_prediction_changed_while_its_item_was_on_the_screen_nothing_is_known(
    studio, project, item, post
):
    shown = change(studio, project, item, "film2")
    post(f"tasks/{item}/annotations/", result=[], lead_time=60, parent_prediction=shown)
    assert suggested(studio, project) is None


def answer_from_draft(post, item, *, between=lambda: None):
    draft = post(f"tasks/{item}/drafts", result=result_json(ticks("film1")), lead_time=1)["id"]
    between()
    post(
        f"tasks/{item}/annotations/",
        result=result_json(ticks("film1")),
        lead_time=2,
        draft_id=draft,
    )


def test_a_restored_draft_was_begun_on_the_only_prediction_before_it(studio, project, item, post):
    answer_from_draft(post, item, between=lambda: add_version(studio, project, item, "m2", "film2"))
    assert suggested(studio, project) == ticks("film0")


def test_of_a_restored_draft_nothing_is_known_where_predictions_differ(studio, project, item, post):
    add_version(studio, project, item, "m2", "film2")
    answer_from_draft(post, item)
    assert suggested(studio, project) is None


def test_a_restored_draft_was_begun_on_what_all_predictions_before_it_say(
    studio, project, item, post
):
    add_version(studio, project, item, "m2", "film0")
    answer_from_draft(post, item)
    assert suggested(studio, project) == ticks("film0")
