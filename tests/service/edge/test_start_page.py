import pytest

from backend.base.adapters.activity import activity
from backend.review.adapters.batch_store import note_pushed, record_batch
from backend.review.core.item import SHEET, SINGLE, BatchFacts, Item
from backend.review.loop.studio.connect import remember_label_studio
from backend.service.edge.browse import GRID_PATH
from backend.service.loop.addresses import START_PATH


def with_item(workspace, *, kind, label):
    item = Item("a", 7, 1, 0, "rotation", kind, label, ("film",))
    record_batch(workspace.database, BatchFacts("rotation", "v", 1), [], lambda _: [item])
    note_pushed(workspace.database, item, 70)
    remember_label_studio(workspace.root, "http://127.0.0.1:8080", "0" * 40)
    return workspace


@pytest.fixture
def waiting(stored):
    """A workspace with one sheet that waits in Label Studio."""
    return with_item(stored, kind=SHEET, label="upright")


def test_where_only_single_films_wait_the_page_speaks_of_single_films(client, stored):
    with_item(stored, kind=SINGLE, label="")
    page = client.get(START_PATH).get_data(as_text=True)
    assert "1 single film waits for you." in page
    assert "One film at a time" in page
    assert "Click every film" not in page


def test_the_page_leads_into_the_queue_with_one_button(client, waiting):
    page = client.get(START_PATH).get_data(as_text=True)
    assert "1 sheet waits for you." in page
    assert page.count('class="next"') == 1
    assert 'href="http://127.0.0.1:8080/projects/7/data?labeling=1"' in page


def test_the_page_says_what_runs_and_renews_itself(client, waiting):
    with activity(waiting.root, "train mirror") as show:
        show(1, 4)
        answer = client.get(START_PATH)
    assert "train mirror (25 %" in answer.get_data(as_text=True)
    assert answer.headers["Refresh"] == "3"
    assert "Nothing. The computer waits" in client.get(START_PATH).get_data(as_text=True)


def test_without_anything_to_review_there_is_no_button(client):
    assert 'class="next"' not in client.get(START_PATH).get_data(as_text=True)


def test_the_page_leads_to_the_grid_of_all_films(client, waiting):
    assert f'href="{GRID_PATH}"' in client.get(START_PATH).get_data(as_text=True)
    assert client.get(GRID_PATH).status_code == 200


def test_a_person_sees_the_page_with_the_login_of_label_studio_and_nothing_else(app, waiting):
    login = (waiting.settings.label_studio_username, waiting.secrets.label_studio_password)
    assert app.test_client().get(START_PATH, auth=login).status_code == 200
    assert app.test_client().get("/versions", auth=login).status_code == 401


def test_nobody_without_the_password_sees_the_page(app):
    assert app.test_client().get(START_PATH).status_code == 401
