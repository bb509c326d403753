"""The tabs of a project in a real browser: looked at, and labelled by two people at once."""

import re

import cv2
import numpy as np
import pytest

from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    sheet_item,
    sheet_result,
)
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import TabKind, review_tabs
from benchmarks.review.page_state import wait_until
from tasks import detector_task

WAIT_MS = 90_000
WIDE = {"width": 1280, "height": 720}
TASK = detector_task("rotation")
FILMS_ON_A_SHEET = 4
FILMS = ".films .lsf-choice"
SLICES = ("likely", "uncertain", "audit likely", "conflict", "outlier", "report_audit")
DARK = "localStorage.setItem('preferred-color-scheme', 'Dark')"


@pytest.fixture(scope="module")
def pictures(studio):
    """Drawn films with their number on them, in a folder that Label Studio serves."""
    folder = studio.document_root / "tab-films"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for number in range(48):
        pixels = rng.integers(60, 120, (256, 205), dtype=np.uint8)
        cv2.putText(pixels, str(number), (30, 140), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 5)
        cv2.imwrite(str(folder / f"film{number}.png"), pixels)
    return folder


def address(number):
    return f"/data/local-files/?d=tab-films/film{number}.png"


def fields(number):
    """Return what the loop puts into an item for its tabs; odd ones are the second reviewer's."""
    return {
        "slices": SLICES[number % len(SLICES)],
        "purpose": "first look",
        "asks": "orientation",
        "reviewer": str(number % 2 + 1),
        "superseded": "no",
        "batch": 3,
        "flagged": "yes" if number % 3 == 0 else "no",
    }


def a_sheet(number):
    films = tuple(
        SheetFilm(f"film{film}", address(film), address(film), ticked=film % 12 == 0)
        for film in range(number * FILMS_ON_A_SHEET, (number + 1) * FILMS_ON_A_SHEET)
    )
    sheet = ContactSheet(TASK, "upright", films, "m1", 0.05 * number)
    item = sheet_item(sheet)
    shown = {
        "shows": "upright",
        "films_shown": len(films),
        "suspects": int(number % 3 == 0),
        "picture": address(number),
    }
    return item.with_data(fields(number) | shown)


def a_single(number):
    sure = dict.fromkeys(TASK.labels, 0.1) | {"turned_90": 0.7}
    film = SingleFilm(f"film{number}", address(number), sure, "m1", 0.7 - 0.01 * number)
    item = single_item(TASK, film)
    predicted = {"predicted": "turned to the left", "probability": 0.7}
    reason = {"why": "probably turned to the left: 0.700"}
    return item.with_data(fields(number) | predicted | reason)


@pytest.fixture
def sheets(studio, pictures):
    """A project of twelve sheets, with the tabs of two reviewers: (project, tab ids by title)."""
    items = [a_sheet(number) for number in range(12)]
    yield from _a_project(studio, pictures, sheet_config_xml(), TabKind.LIST, items)


@pytest.fixture
def singles(studio, pictures):
    """The same with twelve single films."""
    items = [a_single(number) for number in range(12)]
    yield from _a_project(studio, pictures, single_config_xml(), TabKind.GRID, items)


def _a_project(studio, pictures, config, kind, items):
    project = studio.client.ensure_project(studio.new_title(), config)
    studio.client.ensure_local_storage(project, pictures)
    tabs = review_tabs(kind, 2)
    ids = studio.client.ensure_tabs(project, tabs)
    studio.client.import_items(project, items)
    yield project, {tab.title: tab_id for tab, tab_id in zip(tabs, ids, strict=True)}
    studio.client.delete_project(project)


@pytest.fixture
def colleague(browser, studio):
    """The browser of a second person, who has just joined by the invite link."""
    link = studio.client._json("GET", "api/invite")["invite_url"]
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{studio.url}/user/signup/{link[link.index('?') :]}")
    page.fill("input[name=email]", f"{studio.new_title().replace(' ', '-')}@example.com")
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda where: "signup" not in where, timeout=WAIT_MS)
    yield page
    context.close()


def open_tab(page, studio, project, tab):
    """Open a tab and wait until Label Studio has fetched its items."""
    with page.expect_response(lambda got: "/api/tasks" in got.url and got.ok):
        page.goto(f"{studio.url}/projects/{project}/data?tab={tab}")
    page.get_by_role("button", name=re.compile("Label All Tasks")).wait_for()
    page.wait_for_timeout(1500)


def start(page, *, as_displayed):
    """Start labelling from the tab that is open; return the item that came."""
    with page.expect_response(lambda got: "id=next_task" in got.url) as caught:
        button = page.get_by_role("button", name=re.compile("Label All Tasks"))
        if as_displayed:
            box = button.bounding_box()
            page.mouse.click(box["x"] + box["width"] + 12, box["y"] + box["height"] / 2)
            page.get_by_text("Label Tasks As Displayed").click()
        else:
            button.click()
    wait_until(page, f"document.querySelectorAll('{FILMS}').length == {FILMS_ON_A_SHEET}")
    page.wait_for_timeout(500)
    return caught.value.json()["data"]


def submit_and_go_on(page):
    """Submit the item on the screen; return the one that follows."""
    with page.expect_response(lambda got: "id=next_task" in got.url) as caught:
        page.keyboard.press("Control+Enter")
    assert caught.value.ok
    page.wait_for_timeout(1000)
    return caught.value.json()["data"]


def columns(page):
    return page.evaluate(
        "[...document.querySelectorAll('[class*=table-head] [class*=cell]')].map(e => e.innerText)"
    )


def test_every_tab_of_sheets_opens_with_its_columns(studio, sheets, page, take_picture):
    project, tabs = sheets
    (item, *_) = sorted(studio.client.item_ids(project))
    studio.client.submit_answer(item, sheet_result(["film0"], {"film0"}), lead_time_s=9)
    page.set_viewport_size(WIDE)
    for title, tab in tabs.items():
        open_tab(page, studio, project, tab)
        take_picture(page, f"tab-sheets-{title.lower().replace(' ', '-')}-light")
        shown = page.locator("body").inner_text()
        for column in ("picture", "asks", "shows", "suspects", "purpose"):
            assert column in shown
        for hidden in ("slices", "sheet_key", "superseded", "detector_task", "went wrong"):
            assert hidden not in shown
        # A place in the queue is no figure to read; the button that orders by it names it.
        assert shown.count("Prediction score") == (title != "Done")
        assert page.locator("img[src*='film']").first.is_visible()


def test_every_tab_of_single_films_shows_whole_films(studio, singles, page, take_picture):
    project, tabs = singles
    page.set_viewport_size(WIDE)
    open_tab(page, studio, project, tabs["Review"])
    page.evaluate(DARK)
    for title, tab in tabs.items():
        open_tab(page, studio, project, tab)
        take_picture(page, f"tab-singles-{title.lower().replace(' ', '-')}-dark")
        if title == "Done":
            continue
        film = page.locator(".lsf-grid-image-wrapper img").first
        box = film.bounding_box()
        card = film.locator("xpath=..").bounding_box()
        assert film.evaluate("film => getComputedStyle(film).objectFit") == "contain"
        assert box["x"] >= card["x"] - 1
        assert box["x"] + box["width"] <= card["x"] + card["width"] + 1
        assert page.get_by_text("turned to the left", exact=True).first.is_visible()
        assert page.get_by_text("probably turned to the left: 0.700").first.is_visible()


def test_two_reviewers_on_their_tabs_never_get_the_same_sheet(studio, sheets, page, colleague):
    project, tabs = sheets
    seen = {}
    for number, who in ((1, page), (2, colleague)):
        open_tab(who, studio, project, tabs[f"Reviewer {number}"])
        seen[number] = [start(who, as_displayed=True)]
    for _ in range(3):
        for number, who in ((1, page), (2, colleague)):
            seen[number].append(submit_and_go_on(who))
    for number in (1, 2):
        assert {item["reviewer"] for item in seen[number]} == {str(number)}
    keys = [item["sheet_key"] for items in seen.values() for item in items]
    assert len(set(keys)) == 8
    assert len({answer.reviewer for answer in studio.client.answers(project)}) == 2


def test_two_accounts_that_press_label_all_tasks_never_get_the_same_sheet(
    studio, sheets, page, colleague
):
    project, tabs = sheets
    for who in (page, colleague):
        open_tab(who, studio, project, tabs["Review"])
    first, second = (start(who, as_displayed=False) for who in (page, colleague))
    keys = [first["sheet_key"], second["sheet_key"]]
    keys += [submit_and_go_on(who)["sheet_key"] for who in (page, colleague)]
    assert len(set(keys)) == 4


def test_label_all_tasks_follows_the_current_model(studio, sheets, page):
    project, tabs = sheets
    last = max(studio.client.item_ids(project))
    with_m2 = studio.client._json(
        "POST",
        f"api/projects/{project}/import/predictions",
        json=[
            {"task": item, "model_version": "m2", "score": 0.9 - 0.001 * item, "result": []}
            for item in studio.client.item_ids(project)
        ],
    )
    assert with_m2["created"] == 12
    studio.client.set_model_version(project, "m2")
    open_tab(page, studio, project, tabs["Review"])
    shown = start(page, as_displayed=False)
    (item,) = [one for one in studio.client._items(project) if one.number == last]
    assert shown["sheet_key"] == item.data.key


def test_what_was_suggested_is_known_of_every_answer_but_those_by_the_api(studio, sheets, page):
    project, tabs = sheets
    open_tab(page, studio, project, tabs["Review"])
    start(page, as_displayed=True)
    submit_and_go_on(page)  # as suggested
    page.locator(FILMS).nth(2).click()
    submit_and_go_on(page)  # changed
    with page.expect_response(lambda got: "/drafts" in got.url and got.ok):
        page.locator(FILMS).nth(1).click()
    page.reload()
    wait_until(page, f"document.querySelectorAll('{FILMS} input:checked').length == 1")
    submit_and_go_on(page)  # begun, left, come back to
    left = max(studio.client.item_ids(project))
    studio.client.submit_answer(left, (), lead_time_s=9)
    found = [answer.suggested for answer in studio.client.answers(project)]
    assert found == [sheet_result(["film0"], {"film0"}), (), (), None]
