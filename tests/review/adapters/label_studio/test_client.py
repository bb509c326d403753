"""Every method of the adapter, against a real Label Studio."""

import base64
import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
from shared_fixtures.served import answered_by

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.items import ItemPrediction
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.label_studio.session import RefusedError
from backend.review.adapters.label_studio.shapes import (
    NewItem,
    ResultRegion,
    parse_data,
    result_json,
)
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    read_sheet_answer,
    sheet_item,
    sheet_radiograph_ids,
    sheet_result,
)
from backend.review.adapters.screens.sheet_screen import SHEET_TAG, sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from tasks import detector_task

pytestmark = pytest.mark.studio

TASK = detector_task("rotation")


class Backend(BaseHTTPRequestHandler):
    """Just enough of an ML backend to be connected; remembers who called."""

    def do_GET(self):
        self._answer({"status": "UP"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or "{}")
        self.server.calls.append((self.path, self.headers.get("Authorization"), body))
        self._answer({"model_version": "live"})

    def _answer(self, content):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def backend():
    """A running backend and what it was called with."""
    with answered_by(Backend, calls=[]) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        yield MlBackend(url, "radsieve", "radsieve", "open-sesame"), server.calls


def a_sheet(first=0, *, films=4, version="m1", confidence=0.5):
    cells = tuple(
        SheetFilm(f"film{n}", f"/t/{n}.jpg", f"/l/{n}.jpg", ticked=n == first)
        for n in range(first, first + films)
    )
    return ContactSheet(TASK, "upright", cells, version, confidence)


def answer(studio, item_id, result, **facts):
    """Submit an annotation as the editor does."""
    response = requests.post(
        f"{studio.url}/api/tasks/{item_id}/annotations/",
        headers={"Authorization": f"Token {studio.token}"},
        json={"result": result_json(result), "lead_time": 3.5, **facts},
        timeout=30,
    )
    assert response.status_code == 201, response.text
    return response.json()["id"]


def test_version_is_the_one_that_is_installed(studio):
    assert studio.client.version() == "1.23.2"


def test_a_personal_token_works_as_well_as_a_legacy_one(studio, project):
    headers = {"Authorization": f"Token {studio.token}"}
    made = requests.post(f"{studio.url}/api/token/", headers=headers, timeout=30).json()
    personal = LabelStudio(f"{studio.url}/", made["token"])
    personal.check_token()
    assert personal.item_ids(project) == set()


def test_a_wrong_token_is_refused_with_how_to_get_a_right_one(studio):
    with pytest.raises(LabelStudioError, match="RADSIEVE_LABEL_STUDIO_TOKEN"):
        LabelStudio(studio.url, "f" * 40).check_token()


def test_a_project_is_found_again_by_its_exact_title(studio, project):
    title = studio.new_title()
    longer = studio.client.ensure_project(f"{title} and more", sheet_config_xml())
    first = studio.client.ensure_project(title, sheet_config_xml())
    assert studio.client.ensure_project(title, sheet_config_xml()) == first
    assert len({project, longer, first}) == 3


def test_a_changed_screen_reaches_the_project(studio):
    title = studio.new_title()
    project = studio.client.ensure_project(title, "<View></View>")
    studio.client.ensure_project(title, single_config_xml(), instruction="Look.")
    item = single_item(TASK, SingleFilm("a1", "/a1.jpg", dict.fromkeys(TASK.labels, 0.25), "m", 1))
    studio.client.import_items(project, [item])
    assert len(studio.client.predictions_of(project, "m")) == 1


def test_a_screen_that_does_not_fit_the_answers_is_refused_with_what_to_do(studio, project):
    title = studio.new_title()
    project = studio.client.ensure_project(title, sheet_config_xml())
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    answer(studio, item, sheet_result(["film0"], {"film0"}))
    with pytest.raises(LabelStudioError, match="rename that project"):
        studio.client.ensure_project(title, single_config_xml())


def test_a_deleted_project_can_be_deleted_again(studio):
    project = studio.client.ensure_project(studio.new_title(), sheet_config_xml())
    studio.client.delete_project(project)
    studio.client.delete_project(project)


def test_pictures_of_a_stored_folder_are_shown(studio, project):
    folder = studio.document_root / "shown"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"a film")
    first = studio.client.ensure_local_storage(project, folder)
    assert studio.client.ensure_local_storage(project, folder) == first
    assert studio.client.read_file("data/local-files/?d=shown/a.jpg") == b"a film"


def test_a_folder_outside_of_the_document_root_is_refused(studio, project):
    with pytest.raises(LabelStudioError, match="LOCAL_FILES_DOCUMENT_ROOT"):
        studio.client.ensure_local_storage(project, Path("/usr/share"))


def test_imported_items_get_their_ids_in_order_and_are_found_by_key(studio, project):
    sheets = [a_sheet(n) for n in range(6)]
    ids = studio.client.import_items(project, [sheet_item(sheet) for sheet in sheets])
    found = studio.client.item_keys(project)
    assert [found[sheet.key].item_id for sheet in sheets] == ids
    assert not any(state.answered for state in found.values())
    assert studio.client.item_ids(project) == set(ids)


def test_many_items_are_read_page_by_page(studio, project):
    items = [NewItem({"item_key": f"k{n}", "films": [], "sheet": ""}) for n in range(503)]
    ids = studio.client.import_items(project, items)
    assert len(ids) == 503
    assert len(studio.client.item_keys(project)) == 503


def test_items_deleted_while_others_are_read_hide_none(studio, project):
    items = [NewItem({"item_key": f"k{n}", "films": [], "sheet": ""}) for n in range(450)]
    ids = studio.client.import_items(project, items)
    reading = studio.client._items(project)
    seen = [next(reading).number]
    studio.client.delete_items(project, ids[:100])
    seen += [item.number for item in reading]
    assert set(ids[100:]) <= set(seen)


def test_deleting_items_that_are_gone_is_fine_and_deletes_no_others(studio, project):
    ids = studio.client.import_items(project, [sheet_item(a_sheet(n)) for n in range(3)])
    studio.client.delete_items(project, [ids[0]])
    studio.client.delete_items(project, [ids[0]])
    studio.client.delete_items(project, [])
    assert studio.client.item_ids(project) == set(ids[1:])


def test_pre_ticks_and_confidence_arrive_with_the_items(studio, project):
    studio.client.import_items(project, [sheet_item(a_sheet(n, version="m7")) for n in range(3)])
    assert len(studio.client.predictions_of(project, "m7")) == 3
    assert studio.client.model_version(project) == "m7"


def test_predictions_of_a_new_version_are_added_and_used(studio, project):
    sheets = [a_sheet(n) for n in range(3)]
    ids = studio.client.import_items(project, [sheet_item(sheet) for sheet in sheets])
    films = [sheet_radiograph_ids(parse_data(sheet_item(sheet).data)) for sheet in sheets]
    new = [
        ItemPrediction(item, "m2", 0.1, sheet_result(shown, shown[:2]))
        for item, shown in zip(ids, films, strict=True)
    ]
    studio.client.import_predictions(project, new)
    studio.client.set_model_version(project, "m2")
    assert len(studio.client.predictions_of(project, "m2")) == 3
    assert studio.client.model_version(project) == "m2"
    assert set(studio.client.predictions_of(project, "m1")) == set(ids)


def test_a_version_without_predictions_cannot_be_used(studio, project):
    with pytest.raises(LabelStudioError, match="doesn't exist"):
        studio.client.set_model_version(project, "never made")


def test_a_prediction_that_does_not_fit_the_screen_is_refused(studio, project):
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    elsewhere = (ResultRegion("another control", SHEET_TAG, ("film0",)),)
    stray = ItemPrediction(item, "m2", 0.1, elsewhere)
    with pytest.raises(LabelStudioError):
        studio.client.import_predictions(project, [stray])


def test_a_single_prediction_fits_its_screen(studio):
    project = studio.client.ensure_project(studio.new_title(), single_config_xml())
    sure = {label: float(label == "upright") for label in TASK.labels}
    item = single_item(TASK, SingleFilm("a1", "/a1.jpg", sure, "m1", 1.0, "for the audit"))
    studio.client.import_items(project, [item])
    assert len(studio.client.predictions_of(project, "m1")) == 1


def test_an_answer_comes_back_as_it_was_given(studio, project):
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    annotation = answer(studio, item, sheet_result(["film2"], {"film2"}))
    (found,) = studio.client.answers(project)
    assert (found.item_id, found.annotation_id) == (item, annotation)
    assert read_sheet_answer(found.data, found.result, TASK).flagged == {"film2"}
    assert found.lead_time_s == 3.5
    assert not found.was_cancelled
    assert found.created_at <= found.updated_at
    assert "@" not in found.reviewer
    assert studio.client.item_keys(project)[a_sheet().key].answered


def test_an_empty_answer_is_an_answer(studio, project):
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    answer(studio, item, [])
    (found,) = studio.client.answers(project)
    assert found.result == ()
    assert studio.client.item_keys(project)[a_sheet().key].answered


def test_a_skipped_item_says_so_and_is_not_answered(studio, project):
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    answer(studio, item, sheet_result(["film0"], {"film0"}), was_cancelled=True)
    (found,) = studio.client.answers(project)
    assert found.was_cancelled
    assert not studio.client.item_keys(project)[a_sheet().key].answered


def test_an_item_waits_again_when_its_answer_is_deleted(studio, project):
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    annotation = answer(studio, item, [])
    studio.client.delete_answer(annotation)
    studio.client.delete_answer(annotation)
    assert list(studio.client.answers(project)) == []
    assert not studio.client.item_keys(project)[a_sheet().key].answered


def queue(studio, project, tab):
    """Return the ids of a tab's items, in its order."""
    page = requests.get(
        f"{studio.url}/api/tasks/",
        params={"project": project, "view": tab},
        headers={"Authorization": f"Token {studio.token}"},
        timeout=30,
    )
    return [item["id"] for item in page.json()["tasks"]]


def test_the_review_tab_shows_unanswered_items_with_the_lowest_confidence_first(studio, project):
    confidences = [0.7, 0.2, 0.9, 0.4]
    sheets = [a_sheet(n, confidence=each) for n, each in enumerate(confidences)]
    ids = studio.client.import_items(project, [sheet_item(sheet) for sheet in sheets])
    answer(studio, ids[3], [])
    (tab,) = studio.client.ensure_tabs(project, [ReviewTab("Review")])
    assert queue(studio, project, tab) == [ids[1], ids[0], ids[2]]


def test_a_tab_is_made_once_and_stays_as_people_arranged_it(studio, project):
    (first,) = studio.client.ensure_tabs(project, [ReviewTab("Review")])
    (again,) = studio.client.ensure_tabs(project, [ReviewTab("Review", order_by="tasks:id")])
    (other,) = studio.client.ensure_tabs(project, [ReviewTab("Other")])
    assert first == again != other


def test_a_tab_can_show_one_shard_ordered_by_a_number(studio, project):
    rows = [("a", 9.5), ("b", 1), ("a", 100), ("a", 12.5)]
    items = [
        NewItem({"item_key": f"k{n}", "shard": shard, "turn": turn, "films": [], "sheet": ""})
        for n, (shard, turn) in enumerate(rows)
    ]
    ids = studio.client.import_items(project, items)
    shard = ReviewTab(
        "Shard a", order_by="-tasks:data.turn", number_fields=["turn"], data_equals={"shard": "a"}
    )
    (tab,) = studio.client.ensure_tabs(project, [shard])
    assert queue(studio, project, tab) == [ids[2], ids[3], ids[0]]


def test_a_backend_is_connected_once_and_leaves_the_model_version_alone(studio, project, backend):
    ours, _ = backend
    first = studio.client.ensure_ml_backend(project, ours)
    assert studio.client.ensure_ml_backend(project, ours) == first
    assert studio.client.model_version(project) == ""
    studio.client.import_items(project, [sheet_item(a_sheet(version="m7"))])
    studio.client.set_model_version(project, "m7")
    studio.client.ensure_ml_backend(project, ours)
    assert studio.client.model_version(project) == "m7"


def test_hints_about_answers_carry_credentials_of_their_own(studio, project, backend):
    ours, calls = backend
    studio.client.ensure_ml_backend(project, ours)
    first = studio.client.ensure_webhook_auth(project, ours)
    assert studio.client.ensure_webhook_auth(project, ours) == first
    (item,) = studio.client.import_items(project, [sheet_item(a_sheet())])
    calls.clear()
    answer(studio, item, [])
    secret = ours.hint_authorization(project)
    assert base64.b64encode(b"radsieve:open-sesame").decode() not in secret
    hints = [(body["action"], header) for path, header, body in calls if path == "/webhook"]
    assert hints == [("ANNOTATION_CREATED", secret)]


def test_a_backend_that_does_not_run_is_reported_with_what_to_do(studio, project, free_port):
    nobody = MlBackend(f"http://127.0.0.1:{free_port()}", "radsieve", "radsieve", "open-sesame")
    with pytest.raises(LabelStudioError, match="RADSIEVE_BACKEND_URL"):
        studio.client.ensure_ml_backend(project, nobody)


def test_a_project_that_is_gone_is_refused_with_its_status(studio):
    with pytest.raises(RefusedError) as caught:
        studio.client.item_ids(999_999)
    assert caught.value.status == 404
