"""The ML backend asked by a real Label Studio, which refuses predictions that do not fit."""

import pytest
import requests
from shared_fixtures.served import served_app

from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.label_studio.shapes import NewItem
from backend.review.adapters.screens.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import QUEUE
from backend.review.core.item import SHEET, SINGLE
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score

pytestmark = pytest.mark.studio


@pytest.fixture
def served(app, stored):
    """The app on a port, as `radsieve serve` runs it."""
    with served_app(app) as server:
        url = f"http://127.0.0.1:{server.effective_port}"
        yield MlBackend(url, "radsieve", "radsieve", stored.secrets.backend_password)


@pytest.fixture
def api(studio):
    """Call Label Studio's API with a token."""

    def call(method, path, **options):
        headers = {"Authorization": f"Token {studio.token}"}
        answer = requests.request(method, f"{studio.url}/api/{path}", headers=headers, **options)
        assert answer.ok, answer.text
        return answer.json()

    return call


@pytest.fixture
def connect(studio, served):
    """Make a project of a screen and items without predictions, and connect the backend to it."""
    made = []

    def connect(screen, items):
        project = studio.client.ensure_project(studio.new_title(), screen)
        made.append(project)
        studio.client.import_items(project, [NewItem(item.data) for item in items])
        backend = studio.client.ensure_ml_backend(project, served)
        studio.client.ensure_webhook_auth(project, served)
        return project, backend

    yield connect
    for project in made:
        studio.client.delete_project(project)


@pytest.fixture
def sheets(tasks, film_ids):
    task = tasks["inversion"]
    cells = [SheetFilm(film, f"/t/{film}.jpg", f"/l/{film}.jpg") for film in film_ids]
    halves = (tuple(cells[:4]), tuple(cells[4:]))
    return sheet_config_xml(), [
        sheet_item(ContactSheet(task, "normal", half, "old", 0.5)) for half in halves
    ]


def retrieve(api, project):
    api(
        "POST",
        f"dm/actions?id=retrieve_tasks_predictions&project={project}",
        json={"selectedItems": {"all": True, "excluded": []}},
    )
    return api("GET", f"predictions?project={project}")


def test_connected_backend_is_healthy_and_tells_its_version(connect, api, sheets, version):
    _, backend = connect(*sheets)
    state = api("GET", f"ml/{backend}")
    assert (state["state"], state["model_version"]) == ("CO", QUEUE)
    assert api("GET", f"ml/{backend}/versions") == {"versions": [version]}


def test_retrieved_predictions_of_sheets_are_stored(connect, api, sheets, tasks, film_ids):
    project, _ = connect(*sheets)
    stored = sorted(retrieve(api, project), key=lambda each: each["task"])
    assert [each["model_version"] for each in stored] == [QUEUE, QUEUE]
    places = [queue_score(tasks["inversion"], SHEET, Purpose.FIRST, sure) for sure in (0.60, 0.01)]
    assert [each["score"] for each in stored] == pytest.approx(places)
    ticked = [each["result"][0]["value"]["choices"] for each in stored]
    assert ticked == [[film_ids[3]], list(film_ids[4:])]


def test_retrieved_predictions_of_single_items_are_stored_even_where_one_is_unknown(
    connect, api, tasks, film_ids, version
):
    task = tasks["inversion"]
    films = [*film_ids, "a film from elsewhere"]
    equal = dict.fromkeys(task.labels, 0.5)
    items = [
        single_item(task, SingleFilm(film, "/data/upload/no.png", equal, "old", 0.5))
        for film in films
    ]
    project, _ = connect(single_config_xml(), items)
    stored = sorted(retrieve(api, project), key=lambda each: each["task"])
    assert [each["model_version"] for each in stored] == [QUEUE] * 9
    chosen = [[region["value"]["choices"] for region in each["result"]] for each in stored[:-1]]
    # The fourth is normal with .6: neither as sure as fine is said, nor probably inverted.
    assert chosen == [[["fine"]]] * 3 + [[]] + [[["inversion: inverted"]]] * 4
    unknown = queue_score(task, SINGLE, Purpose.FIRST, 0.0)
    assert (stored[-1]["result"], stored[-1]["score"]) == ([], unknown)


def test_submitted_sheet_and_training_button_reach_the_scheduler(
    studio, connect, api, sheets, ledger
):
    project, backend = connect(*sheets)
    (item, *_) = api("GET", f"tasks?project={project}")["tasks"]
    api("POST", f"tasks/{item['id']}/annotations", json={"result": [], "lead_time": 5.0})
    assert ledger.asked.get(timeout=30) == ("pull", "inversion")
    # The project is of all tasks: its button names none to train.
    studio.client._sdk.ml.train(backend)
    assert ledger.asked.empty()
    assert api("GET", f"ml/{backend}")["state"] == "CO"
