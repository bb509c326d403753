"""Once round the loop with a real Label Studio: no file and no log says who the patients are.

Films are full of invented names, in headers, in the names of files and folders, and burned in. A
reviewer answers in Label Studio while the backend and the worker run, and every byte that is left
is searched: of the workspace, of Label Studio's data, of exports, of logs and of what was said.
"""

import re

import pytest
import requests
from shared_fixtures.dicom import _make_dicom
from shared_fixtures.hidden_names import (
    HIDDEN,
    contents_of,
    found_in,
    named_files,
    write_named_films,
)
from shared_fixtures.radsieve_up import Up, wait_for

from backend.archive.adapters.catalogue import films
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.service.loop.stack import BACKEND_USER
from tasks import task_names

pytestmark = [pytest.mark.slow, pytest.mark.trains, pytest.mark.studio, pytest.mark.timeout(1500)]


class Told:
    """All that was said while the loop went round, by what was asked."""

    def __init__(self, up):
        self._up, self.said = up, {}

    def run(self, *words, may_fail=False):
        said = self._up.run(*map(str, words), may_fail=may_fail)
        self.said[" ".join(map(str, words[:2]))] = said

    def ask(self, name, url, **options):
        answer = requests.get(url, timeout=60, **options)
        answer.raise_for_status()
        self.said[name] = answer.text


def labelled(up):
    engine = up.workspace.database
    return {one.radiograph_id for name in task_names() for one in standing_labels(engine, name)}


def sheets(up):
    items = open_items(up.workspace.database, *task_names())
    return [item for item in items if item.kind == "sheet" and item.item_id]


def review(up, told):
    """Answer all sheets but one, with finds; take an answer back; see what a reviewer can see."""
    *answered, left = wait_for(lambda: len(sheets(up)) > 1 and sheets(up), "sheets")
    given = [
        up.studio.submit_answer(
            item.item_id, sheet_result(item.shown_ids, set(item.shown_ids[:2])), lead_time_s=60
        )
        for item in answered
    ]
    shown = {film for item in answered for film in item.radiograph_ids}
    wait_for(lambda: shown <= labelled(up), "the pull that the webhooks ask for")
    up.studio.delete_answer(given[0])
    token = {"Authorization": f"Token {up.workspace.secrets.label_studio_token}"}
    project = {"project": left.project_id}
    requests.post(
        f"{up.studio.url}/api/dm/actions",
        params=project | {"id": "retrieve_tasks_predictions"},
        json={"selectedItems": {"all": True, "excluded": []}},
        headers=token,
        timeout=60,
    ).raise_for_status()
    items = f"{up.studio.url}/api/tasks/"
    told.ask("items", items, params=project | {"fields": "all"}, headers=token)
    export = f"{up.studio.url}/api/projects/{left.project_id}/export"
    told.ask("Label Studio's export", export, params={"exportType": "JSON"}, headers=token)


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """The folder of everything after one round, and what was said in it."""
    folder = tmp_path_factory.mktemp("loop")
    table = write_named_films(folder / "films", _make_dicom, burned_in=True)
    up = Up(folder / "workspace", folder / "films", folder / "up.log")
    # The tests know films by their names; this one must not.
    up.environment |= {"RADSIEVE_PATHS": "false", "RADSIEVE_EPOCHS": "1"}
    up.environment |= {"RADSIEVE_RETRAIN_AFTER": "30", "RADSIEVE_BATCH_FILMS": "36"}
    told = Told(up)
    told.run("index", up.images, "--metadata", table)
    up.start(str(up.images))
    try:
        review(up, told)
        backend = f"http://127.0.0.1:{up.environment['RADSIEVE_BACKEND_PORT']}"
        password = (BACKEND_USER, up.workspace.secrets.backend_password)
        told.ask("the start page", f"{backend}/start", auth=password)
        told.ask("the grid", f"{backend}/browse", auth=password)
        told.run("pull")
        told.run("push", "rotation", "--ahead", "100", "--single", "-n", "4")
        bias = ("--accept-bias", "a test")
        told.run("export", "--out", folder / "out", "--apply", folder / "copies", *bias)
        for name in ("status", "audit", "ledger"):
            told.run(name)
        told.run("doctor", may_fail=True)  # it looks at this machine as well
        told.run("why", films(up.workspace.database)[0].radiograph_id)
        told.run("export", "--out", folder / "report", "--report-only")
    finally:
        alive = up.stop()
    assert alive == []
    return folder, told.said


def test_no_file_of_the_workspace_and_of_label_studio_says_who_a_patient_is(loop):
    folder, _ = loop
    root = folder / "workspace"
    logs = {path.name for path in (root / "logs").iterdir()}
    assert {"serve.log", "work.log", "label-studio.log"} <= logs
    assert (root / "label-studio" / "label_studio.sqlite3").exists()
    assert named_files(root) == {}


def test_the_search_reads_the_tables_of_label_studio(loop):
    folder, said = loop
    studio = folder / "workspace" / "label-studio" / "label_studio.sqlite3"
    assert re.search(r"\b[0-9a-f]{20}\b", said["items"]), "no film is named by its id"
    (content,) = contents_of(studio)
    assert b"radsieve: 1 sheets" in content.lower()


def test_no_list_report_or_line_says_it(loop):
    folder, said = loop
    found = named_files(folder / "out") | named_files(folder / "report")
    assert found == {}
    assert not found_in((folder / "up.log").read_bytes())
    assert {name: found_in(text.encode()) for name, text in said.items()} == {
        name: set() for name in said
    }


def test_the_films_say_it(loop):
    folder, _ = loop
    texts = named_files(folder / "films").values()
    assert len(texts) > 40
    assert set(HIDDEN) == {text for found in texts for text in found}
