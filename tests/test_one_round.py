"""Once round the loop: `radsieve up` on real films, a person in a browser, the lists at the end.

The first version learns from a list of labels that somebody drew out of a hat, so that it is wrong
about many films. A reviewer opens contact sheets in a real browser and clicks every film that is
wrong; the worker retrains, the new version is published, and the exclusion list has what was
clicked.
"""

import csv
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from playwright.sync_api import sync_playwright
from shared_fixtures.radsieve_up import Up, wait_for

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.film_names import film_names
from backend.base.adapters.rights import open_to_others
from backend.base.adapters.workspace import Workspace
from backend.base.core.made_label import made_label
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.registry import published_version, versions
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.server import start_label_studio
from backend.review.adapters.project_store import known_projects
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.tabs import QUEUE
from backend.service.loop.stack import server_plan
from benchmarks.review.page_state import wait_until
from benchmarks.review.review_browser import ARGUMENTS
from tasks import detector_task

SHARED = Path(__file__).parents[2] / "shared" / "data" / "radiographs" / "nih_chest"
CHROMIUM = shutil.which("chromium")
ROTATION = detector_task("rotation")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.trains,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real films are not on this machine"),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]


class Archive:
    """60 real films, every sixth turned and every tenth inverted; and who knows which."""

    def __init__(self, folder):
        self.folder = folder
        self.truth = {}
        folder.mkdir()
        for number, source in enumerate(sorted(SHARED.glob("*.png"))[:60]):
            change = PixelChange(
                turns_ccw=number // 6 % 3 + 1 if number % 6 == 5 else 0, invert=number % 10 == 9
            )
            film = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
            cv2.imwrite(str(folder / source.name), change.apply(film, 255))
            self.truth[source.name] = change

    def careless_labels(self, folder):
        rng = np.random.default_rng(4)
        rows = [f"{name},{rng.choice(ROTATION.labels)}" for name in self.truth]
        path = folder / "careless.csv"
        path.write_text("\n".join(["file,label", *rows]))
        return path

    def true_labels(self, workspace):
        return {
            film.radiograph_id: made_label(ROTATION, self.truth[Path(film.path).name])
            for film in films(workspace.database)
        }


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return Archive(tmp_path_factory.mktemp("archive") / "films")


@pytest.fixture(scope="module")
def up(archive, tmp_path_factory):
    root = tmp_path_factory.mktemp("round")
    up = Up(root / "workspace", archive.folder, root / "up.log")
    _ = up.workspace.secrets  # made here, so that it has the key of all tests
    up.run("index", str(archive.folder))
    up.run("train", "rotation", "--labels", str(archive.careless_labels(root)))
    up.start(str(archive.folder))
    leave_only_rotation(up)
    yield up
    if up.process.poll() is None:
        up.stop()


def leave_only_rotation(up):
    """Have only rotation asked for; films that wait on joint sheets wait for nothing else."""
    joint = open_items(up.workspace.database, "any_problem")
    up.studio.delete_items(sheet_project(up), [item.item_id for item in joint])
    up.run("pull", "any_problem")
    assert not open_items(up.workspace.database, "any_problem")
    up.run("push", "rotation")


@pytest.fixture(scope="module")
def page(up):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", *ARGUMENTS]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(f"{up.studio.url}/user/login/")
        page.fill("input[name=email]", up.login["Log in with"])
        page.fill("input[name=password]", up.login["Password"])
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Light", timeout=60_000)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory):
    folder = Path(os.environ.get("RADSIEVE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sheet_project(up):
    (project,) = [
        record.project_id
        for record in known_projects(up.workspace.database, up.studio.url)
        if (record.detector_task, record.kind) == ("", "sheet")
    ]
    return project


def open_first_sheet(up, page):
    """Open the review tab's queue, as a person does."""
    project = sheet_project(up)
    tab = up.studio.tabs(project)["Review"].number
    page.goto(f"{up.studio.url}/projects/{project}/data?tab={tab}")
    page.get_by_text("Label All Tasks").click(timeout=60_000)
    page.wait_for_selector(".films img.t", timeout=60_000)
    page.wait_for_timeout(3000)


def cells(page):
    """Return by radiograph id whether the film is marked as not belonging."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.films .lsf-choice')].map(cell =>
            [cell.querySelector('img.t').src.match(/([0-9a-f]{20})(_large)?\\.jpg/)[1],
             cell.querySelector('input').checked]))"""
    )


def call(up, method, path, **body):
    """Call Label Studio's own API, for what the loop itself never does."""
    answer = requests.request(
        method,
        f"{up.studio.url}/api/{path}",
        headers={"Authorization": f"Token {up.workspace.secrets.label_studio_token}"},
        json=body,
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json() if answer.content else None


def rotation_versions(up):
    return [one.model_version for one in versions(up.workspace.database, "rotation")]


def published(up):
    return published_version(up.workspace.database, "rotation")


def labelled(up):
    return {label.radiograph_id for label in standing_labels(up.workspace.database, "rotation")}


def open_sheets(up):
    items = open_items(up.workspace.database, "rotation")
    return [item for item in items if item.kind == "sheet" and item.item_id]


def read_csv(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Reviewed:
    """What the reviewer has seen and done so far."""

    shown: set[str] = field(default_factory=set)
    clicked: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)


def review_sheet(page, truth, reviewed):
    """Click every film of the sheet whose mark is wrong, and submit it."""
    words = page.locator(".bar b").first.inner_text()
    (shown_label,) = [one for one in ROTATION.labels if ROTATION.signed_words(one) == words]
    marked = cells(page)
    wrong = [film for film, out in marked.items() if out != (truth[film] != shown_label)]
    for film in wrong:
        page.locator(f".films .lsf-choice:has(img.t[src*='{film}'])").click()
    assert all(out == (truth[film] != shown_label) for film, out in cells(page).items())
    reviewed.shown |= set(marked)
    reviewed.clicked |= set(wrong)
    reviewed.bad |= {film for film in marked if is_known_bad(truth[film], shown_label)}


def submit(page, films_before):
    page.keyboard.press("Control+Enter")
    wait_until(
        page,
        """before => {
            const films = [...document.querySelectorAll('.films img.t')].map(image => image.src);
            return films.length && !films.some(src => before.some(film => src.includes(film)));
        }""",
        arg=sorted(films_before),
        timeout_ms=60_000,
    )
    page.wait_for_timeout(1000)


def test_clicks_in_the_browser_end_in_the_exclusion_list(up, page, archive, screenshots, tmp_path):
    truth, reviewed = archive.true_labels(up.workspace), Reviewed()
    before = rotation_versions(up)
    open_first_sheet(up, page)
    page.screenshot(path=screenshots / "sheet_before.png")
    review_sheet(page, truth, reviewed)
    page.screenshot(path=screenshots / "sheet_after.png")
    while not (reviewed.clicked and reviewed.bad):
        submit(page, reviewed.shown)
        review_sheet(page, truth, reviewed)
    page.keyboard.press("Control+Enter")

    wait_for(lambda: reviewed.shown <= labelled(up), "the pull that the webhook asks for")
    wait_for(lambda: len(rotation_versions(up)) > len(before), "the retraining")
    wait_for(lambda: published(up) not in before, "the publication")
    newest = published(up)
    assert up.studio.model_version(sheet_project(up)) == QUEUE

    up.run("rank", "rotation", "-n", "60", "--out", str(tmp_path / "next.csv"))
    assert not {row["radiograph_id"] for row in read_csv(tmp_path / "next.csv")} & reviewed.shown

    up.run("export", "--out", str(tmp_path))
    excluded = {row["file"]: row for row in read_csv(tmp_path / "exclusions.csv")}
    names = film_names(up.workspace.database, paths=True)
    paths = {film: called[0] for film, called in names.items()}
    assert {paths[film] for film in reviewed.bad} <= set(excluded)
    for film in reviewed.bad:
        assert excluded[paths[film]]["label_source"] == "REVIEWER"
        assert excluded[paths[film]]["model_version"] == newest


def is_known_bad(true_label, shown_label):
    """Whether a sheet that is answered right says that the film is bad."""
    if shown_label == "upright":
        return true_label != "upright"
    return true_label == shown_label


def trainings(up):
    """Count the trainings that the worker has finished, whatever came of them."""
    log = (up.workspace.logs / "work.log").read_text()
    return log.count("\nrotation: tiny-")


def test_the_start_training_button_starts_a_training(up, page, screenshots):
    wait_for(lambda: trainings(up) > 0, "the training of the test before")
    before = trainings(up)
    page.goto(f"{up.studio.url}/projects/{sheet_project(up)}/settings/ml")
    page.get_by_label("Machine learning model options").click(timeout=60_000)
    page.screenshot(path=screenshots / "start_training.png")
    page.get_by_text("Start Training", exact=True).click()
    page.get_by_role("button", name="Start Training").click()
    wait_for(lambda: trainings(up) > before, "the training")


def test_a_skipped_sheet_labels_nothing(up):
    sheet = wait_for(lambda: open_sheets(up), "a sheet")[0]
    before = labelled(up)
    call(up, "POST", f"tasks/{sheet.item_id}/annotations/", result=[], was_cancelled=True)
    up.run("pull", "rotation")
    assert labelled(up) == before


def test_deleting_an_answer_in_label_studio_takes_its_labels_back(up):
    sheet = wait_for(lambda: open_sheets(up), "a sheet")[0]
    annotation = up.studio.submit_answer(
        sheet.item_id, sheet_result(sheet.radiograph_ids, set()), lead_time_s=60
    )
    wait_for(lambda: set(sheet.radiograph_ids) <= labelled(up), "the pull")
    call(up, "DELETE", f"annotations/{annotation}/")
    wait_for(lambda: not set(sheet.radiograph_ids) & labelled(up), "the pull after the deletion")


def test_accepting_predictions_in_bulk_labels_every_film_of_the_sheets(up):
    *sheets, _left_for_the_next_test = wait_for(lambda: open_sheets(up), "sheets")
    assert sheets
    project = sheet_project(up)
    call(
        up,
        "POST",
        f"dm/actions?id=predictions_to_annotations&project={project}",
        selectedItems={"all": False, "included": [sheet.item_id for sheet in sheets]},
        model_version=up.studio.model_version(project),
    )
    shown = {film for sheet in sheets for film in sheet.radiograph_ids}
    wait_for(lambda: shown <= labelled(up), "the pull")


def test_answers_given_while_backend_and_worker_were_down_arrive_later(up, monkeypatch):
    sheet = wait_for(lambda: open_sheets(up), "a sheet")[0]
    assert up.stop() == []
    for name, value in up.environment.items():
        monkeypatch.setenv(name, value)
    result = sheet_result(sheet.radiograph_ids, set())
    with start_label_studio(server_plan(Workspace(up.workspace.root))):
        up.studio.submit_answer(sheet.item_id, result, lead_time_s=60)
    up.start()
    wait_for(lambda: set(sheet.radiograph_ids) <= labelled(up), "the pull at the start")


def test_ctrl_c_leaves_no_process_behind_and_the_second_start_trains_nothing(up):
    assert up.stop() == []
    before = rotation_versions(up)
    up.start()
    assert rotation_versions(up) == before
    before_the_review, _, _ = up.log.read_text().partition("Begin here")
    assert "train" not in before_the_review.replace("retrain", "")
    assert up.stop() == []


def test_after_all_of_it_nobody_else_can_read_anything(up):
    assert (up.workspace.label_studio / "label_studio.sqlite3").exists()
    assert open_to_others(up.workspace.root) == []
