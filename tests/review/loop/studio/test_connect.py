import json
import stat

import pytest
import requests
from click.testing import CliRunner
from shared_fixtures.archive import projects_of

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.check import Wanted
from backend.review.adapters.label_studio.inner_addresses import OWN_LOOPBACK, protection
from backend.review.adapters.label_studio.shapes import NewItem
from backend.review.adapters.project_store import known_projects
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from backend.review.loop.studio.connect import (
    connect,
    ensure_shared_projects,
    open_label_studio,
    remember_label_studio,
    require_label_studio,
)
from scripts import main
from tasks import detector_task, load_detector_tasks


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open_or_make(tmp_path / "workspace")


@pytest.fixture
def command(studio, workspace, monkeypatch):
    """Return a function that runs `radsieve connect` and gives its exit code and last line."""

    def run(*arguments, token=studio.token):
        monkeypatch.setenv("RADSIEVE_LABEL_STUDIO_TOKEN", token)
        monkeypatch.setenv("RADSIEVE_BACKEND_PORT", "9")
        options = ["--workspace", str(workspace.root), "--json"]
        result = CliRunner().invoke(main, ["connect", *arguments, *options])
        return result.exit_code, json.loads(result.stdout.splitlines()[-1])

    return run


def test_without_any_label_studio_there_is_none(workspace):
    assert open_label_studio(workspace.root, workspace.settings) is None
    with pytest.raises(LabelStudioError, match="radsieve up"):
        require_label_studio(workspace.root, workspace.settings)


def test_a_remembered_label_studio_is_opened_again(workspace):
    remember_label_studio(workspace.root, "http://localhost:8080/", "a-token")
    assert require_label_studio(workspace.root, workspace.settings).url == "http://localhost:8080"


def test_the_file_with_the_token_is_for_its_owner_only(workspace):
    remember_label_studio(workspace.root, "http://localhost:8080", "a-token")
    mode = (workspace.root / "label-studio.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_settings_win_over_what_was_remembered(workspace, monkeypatch):
    remember_label_studio(workspace.root, "http://localhost:8080", "a-token")
    monkeypatch.setenv("RADSIEVE_LABEL_STUDIO_URL", "http://elsewhere:8080/")
    monkeypatch.setenv("RADSIEVE_LABEL_STUDIO_TOKEN", "other-token")
    assert require_label_studio(workspace.root, workspace.settings).url == "http://elsewhere:8080"


def test_a_token_is_never_sent_to_an_address_it_was_not_given_for(workspace, monkeypatch):
    remember_label_studio(workspace.root, "http://localhost:8080", "a-token")
    monkeypatch.setenv("RADSIEVE_LABEL_STUDIO_URL", "http://elsewhere:8080")
    with pytest.raises(LabelStudioError, match="RADSIEVE_LABEL_STUDIO_TOKEN"):
        open_label_studio(workspace.root, workspace.settings)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"url": "http://x"}'])
def test_a_damaged_connection_file_is_reported_with_what_to_do(workspace, content):
    (workspace.root / "label-studio.json").write_text(content)
    with pytest.raises(LabelStudioError, match="delete it and connect again"):
        open_label_studio(workspace.root, workspace.settings)


@pytest.mark.studio
def test_all_tasks_share_two_projects_that_stay_the_same(workspace, studio):
    rotation, joint = detector_task("rotation"), detector_task("any_problem")
    first = projects_of(workspace, studio.client, rotation)
    assert projects_of(workspace, studio.client, joint) == first
    assert {row.project_id for row in known_projects(workspace.database, studio.url)} == {
        first.sheet,
        first.single,
    }
    shown = studio.client._json("GET", "api/projects/", params={"page_size": 1000})["results"]
    titles = [each["title"] for each in shown]
    assert titles[:2] == ["radsieve: 1 Sheets", "radsieve: 2 Single films"]
    assert shown[0]["description"].startswith("Begin here: press Label All Tasks.")
    # Who has answered all of one project is told where the rest waits.
    for one, other in zip(shown[:2], reversed(shown[:2]), strict=True):
        assert other["title"] in one["description"]
    assert not [title for title in titles if "rotation" in title]


@pytest.mark.studio
def test_a_box_task_has_a_project_of_its_own_only_when_it_is_asked_for(workspace, studio):
    hips = detector_task("hip_box")
    left_by_another_test = studio.client.project_by_title("radsieve: hip joints")
    if left_by_another_test is not None:
        studio.client.delete_project(left_by_another_test)
    shared = ensure_shared_projects(
        workspace.database,
        studio.client,
        pictures=workspace.review,
        reviewers=workspace.settings.reviewers,
    )
    assert studio.client.project_by_title("radsieve: hip joints") is None
    own = projects_of(workspace, studio.client, hips)
    assert own == projects_of(workspace, studio.client, hips)
    assert own.both == (own.single,)
    assert own.single not in shared.both
    assert studio.client.project_title(own.single) == "radsieve: hip joints"
    studio.client.delete_project(own.single)


@pytest.mark.studio
def test_a_project_somebody_deleted_is_made_again(workspace, studio):
    task = detector_task("rotation")
    first = projects_of(workspace, studio.client, task)
    studio.client.delete_project(first.sheet)
    again = projects_of(workspace, studio.client, task)
    assert again.sheet != first.sheet
    assert again.single == first.single


@pytest.fixture
def tabs(studio):
    """Return a function that gives the tabs' data of a project by title, in order."""

    def read(project):
        headers = {"Authorization": f"Token {studio.token}"}
        address, query = f"{studio.url}/api/dm/views/", {"project": project}
        found = requests.get(address, params=query, headers=headers, timeout=30).json()
        return {tab["data"]["title"]: tab["data"] for tab in found}

    return read


@pytest.mark.studio
def test_a_project_shows_review_pictures_and_has_the_review_tabs(workspace, studio, tabs):
    projects = projects_of(workspace, studio.client, detector_task("rotation"))
    titles = ["Review", "Flagged", "Uncertain", "Audit", "Conflicts", "Done"]
    assert list(tabs(projects.sheet)) == list(tabs(projects.single)) == titles
    assert {tab["type"] for tab in tabs(projects.sheet).values()} == {"list"}
    assert [tab["type"] for tab in tabs(projects.single).values()] == ["grid"] * 5 + ["list"]
    picture = workspace.review / "film.jpg"
    picture.write_bytes(b"a film")
    relative = picture.relative_to(studio.document_root)
    assert studio.client.read_file(f"data/local-files/?d={relative}") == b"a film"


@pytest.mark.studio
def test_each_reviewer_has_a_tab_as_long_as_there_are_so_many(workspace, studio, tabs, monkeypatch):
    task = detector_task("inversion")
    for reviewers, own in (("3", [1, 2, 3]), ("2", [1, 2]), ("1", [])):
        monkeypatch.setenv("RADSIEVE_REVIEWERS", reviewers)
        projects = projects_of(Workspace(workspace.root), studio.client, task)
        titles = [f"Reviewer {number}" for number in own]
        assert list(tabs(projects.sheet))[6:] == list(tabs(projects.single))[6:] == titles


@pytest.mark.studio
def test_what_waited_in_an_earlier_version_still_waits_on_the_new_tab(workspace, studio, tabs):
    task, client = detector_task("mirror"), studio.client
    client.delete_project(projects_of(workspace, client, task).sheet)
    project = client.ensure_project("radsieve: 1 Sheets", sheet_config_xml())
    (review,) = client.ensure_tabs(project, [ReviewTab("Review")])
    (item,) = client.import_items(project, [NewItem({"sheet_key": "k", "films": [], "sheet": ""})])
    assert projects_of(workspace, client, task).sheet == project
    headers, query = {"Authorization": f"Token {studio.token}"}, {"view": review}
    shown = requests.get(f"{studio.url}/api/tasks/", params=query, headers=headers, timeout=30)
    assert [(one["id"], one["data"]["superseded"]) for one in shown.json()["tasks"]] == [
        (item, "no")
    ]
    assert len(tabs(project)["Review"]["filters"]["items"]) == 2


@pytest.mark.studio
def test_connecting_to_a_label_studio_that_sees_other_files_makes_no_project(workspace, studio):
    wanted = Wanted("http://127.0.0.1:9090", workspace.review)
    connection = connect(workspace, studio.client, load_detector_tasks(), wanted)
    assert not connection.ok
    assert known_projects(workspace.database, studio.url) == []


@pytest.mark.studio
def test_the_command_says_what_to_change_and_keeps_nothing(command, studio, workspace):
    code, facts = command(studio.url)
    assert (code, facts["ok"]) == (1, False)
    assert f"DOCUMENT_ROOT={workspace.review.parent}" in facts["findings"][-1]["fix"]
    assert not (workspace.root / "label-studio.json").exists()


@pytest.mark.slow
@pytest.mark.studio
def test_the_command_makes_the_projects_and_remembers_the_address(command, workspace, start_studio):
    wanted = dict(protection(OWN_LOOPBACK)) | {
        "LOCAL_FILES_DOCUMENT_ROOT": str(workspace.review.parent)
    }
    with start_studio(**{f"LABEL_STUDIO_{name}": each for name, each in wanted.items()}) as ours:
        code, facts = command(ours.url)
    assert (code, facts["ok"], facts["backend_connected"]) == (0, True, False)
    assert set(facts["projects"]) == set(load_detector_tasks()) - {"age", "quality", "hip_box"}
    assert require_label_studio(workspace.root, workspace.settings).url == ours.url


def test_the_command_needs_a_token(command):
    code, facts = command("http://localhost:8080", token="")
    assert code == 1
    assert "RADSIEVE_LABEL_STUDIO_TOKEN" in facts["error"]
