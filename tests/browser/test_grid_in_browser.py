"""Somebody at the grid in a real browser: filters, selects, labels, cuts, and scrolls far."""

import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_store import standing_labels
from backend.review.core.look import Call, Purpose
from backend.review.loop.looks import looks
from benchmarks.review.made_grid import made_archive
from benchmarks.review.page_state import wait_until
from tasks import detector_task

FILM = ".pane:not([hidden]) .film"
SETTLED = f"""() => {{
  const cells = [...document.querySelectorAll('{FILM}')];
  const isDrawn = (cell) => cell.querySelector('.picture').style.backgroundImage;
  return cells.length && cells.every((cell) => cell.ariaLabel && isDrawn(cell));
}}"""
THERE = "() => document.querySelectorAll('.film').length > 0"
MANY = 100_000


@pytest.fixture
def open_grid(browser, serve_grid, new_grid):
    """Return a function that opens the grid of a workspace; what the page complains of is kept."""
    contexts = []

    def open_page(workspace, hash_="task=rotation", scheme="light", settled=SETTLED):
        grid = new_grid(workspace)
        credentials = {"username": "radsieve", "password": workspace.secrets.backend_password}
        contexts.append(
            browser.new_context(
                http_credentials=credentials,
                viewport={"width": 1280, "height": 800},
                color_scheme=scheme,
            )
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(90_000)
        page.grid, page.complaints, page.asked = grid, [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.address = serve_grid(grid.app)
        page.goto(f"{page.address}#{hash_}")
        wait_until(page, settled)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_grid, predicted):
    return open_grid(predicted)


def names(page, pane="all"):
    cells = page.locator(f"#{pane} .film")
    shown = cells.evaluate_all(
        """cells => cells.map(cell => [Number(cell.dataset.index),
            cell.querySelector('.name').textContent, cell.querySelector('.p').textContent])"""
    )
    return [(name, float(p)) for _, name, p in sorted(shown)]


def settle(page):
    page.wait_for_timeout(500)
    wait_until(page, SETTLED)


def test_the_worst_films_come_first_and_a_filter_leaves_one_label(page, take_picture):
    take_picture(page, "grid-rotation")
    shown = names(page)
    assert [p for _, p in shown] == sorted((p for _, p in shown), reverse=True)
    assert "upright" not in shown[0][0]
    assert page.locator("#count").inner_text() == "90 films of 90"
    page.select_option("#label", "turned_90")
    settle(page)
    assert {name for name, _ in names(page)} == {"← turned to the left"}
    assert page.locator("#probability-words").inner_text() == "Probability of turned to the left"
    page.reload()
    wait_until(page, SETTLED)
    assert {name for name, _ in names(page)} == {"← turned to the left"}
    page.fill("#youngest", "149")
    page.press("#youngest", "Enter")
    page.locator("#empty").wait_for()
    assert page.locator("#empty").inner_text() == "No film fits these filters. Clear some of them."
    page.click("#clear-filters")
    settle(page)
    assert page.locator("#count").inner_text() == "90 films of 90"
    assert page.complaints == []


def test_films_are_labelled_with_keys_alone_and_the_label_is_taken_back(
    page, predicted, take_picture
):
    page.wait_for_timeout(3000)  # a look takes time
    assert page.locator("#selected").inner_text().startswith("Nothing is selected")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_text("3 films selected").wait_for()
    page.keyboard.press("2")
    assert "pseudonym" in page.locator("#toast").inner_text()
    page.keyboard.type("R7")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.get_by_text("3 films labelled ← turned to the left").wait_for()
    wait_until(page, "document.querySelectorAll('.film .more')[0].textContent == 'by one look'")
    take_picture(page, "grid-labelled")
    task = detector_task("rotation")
    (first, *_rest) = found = looks(predicted.database, task)
    assert len(found) == 3
    assert (first.reviewer, first.called, first.purpose) == (
        "grid:R7",
        Call("turned_90"),
        Purpose.CHOSEN,
    )
    assert 0.5 < first.seconds < 60
    page.keyboard.press("u")
    page.get_by_text("Taken back: the labels of 3 films").wait_for()
    assert not standing_labels(predicted.database, "rotation")
    assert page.evaluate("localStorage.getItem('radsieve-grid-reviewer')") == "R7"
    assert page.complaints == []


def test_a_film_that_was_never_on_the_screen_is_not_labelled(page, predicted):
    page.fill("#reviewer", "R7")
    page.wait_for_timeout(4000)
    page.click("#select-all")
    page.get_by_text("90 films selected").wait_for()
    page.locator("#labels button").first.click()
    page.get_by_text("that never were on your screen stay selected").wait_for()
    labelled = len(standing_labels(predicted.database, "rotation"))
    assert 8 <= labelled < 45
    assert page.locator("#selected").inner_text() == f"{90 - labelled} films selected"


def test_a_film_is_seen_large_with_what_is_known_of_it(page, take_picture):
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.locator("#large-probabilities li").first.wait_for()
    wait_until(page, "document.getElementById('large-picture').naturalWidth >= 256")
    page.wait_for_timeout(300)
    take_picture(page, "grid-large")
    first = page.locator("#large-id").inner_text()
    page.keyboard.press("ArrowRight")
    wait_until(page, f"document.getElementById('large-id').textContent != '{first}'")
    page.keyboard.press("Escape")
    assert page.locator("#large").is_hidden()


def test_the_slider_shows_the_films_on_both_sides_of_the_cut_off(page, predicted, take_picture):
    page.click("#cut-toggle")
    page.locator("#above .film .name").first.wait_for()
    settle(page)
    take_picture(page, "grid-cut-off")
    for at in (500, 850, 120):
        page.locator("#cut-at").fill(str(at))
        settle(page)
        below, above = names(page, "below"), names(page, "above")
        assert [p for _, p in below] == sorted((p for _, p in below), reverse=True)
        assert [p for _, p in above] == sorted(p for _, p in above)
        assert below[0][1] <= at / 1000 <= above[0][1] + 0.005
    counts = [page.locator(f"#{side} .side").inner_text() for side in ("below", "above")]
    assert sum(int(words.split()[0]) for words in counts) == 90
    page.click("#cut-keep")
    page.get_by_text("The cut-off 0.120 is kept").wait_for()
    assert page.grid.search("task=rotation")["cut"]["at"] == 0.12


def test_similar_films_begin_with_the_film_itself(page):
    page.keyboard.press("ArrowDown")
    focused = page.locator(".film.focus:not([data-index='0'])")  # drawn in the next frame
    film = focused.get_attribute("title").split("\n")[0]
    page.keyboard.press("s")
    page.get_by_text("measured on thumbnails").wait_for()
    settle(page)
    first = page.locator("#all .film[data-index='0']").get_attribute("title")
    assert first.startswith(film)


def test_selected_films_are_sent_to_review(page):
    page.fill("#reviewer", "R7")
    page.locator(FILM).nth(0).click()
    page.locator(FILM).nth(2).click(modifiers=["Shift"])
    page.click("#send")
    page.get_by_text("3 films sent to review. They come with the next push.").wait_for()
    assert page.grid.schedule.pulls == ["rotation"]


def test_the_page_asks_nobody_else_for_anything(page):
    server = page.address.removesuffix("/browse")
    assert all(url.startswith((server, "data:")) for url in page.asked)


def test_the_grid_is_dark_on_a_dark_screen(open_grid, predicted, take_picture):
    page = open_grid(predicted, scheme="dark")
    take_picture(page, "grid-dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"


def test_an_empty_archive_says_what_to_do(open_grid, tmp_path, take_picture):
    shown = "() => !document.getElementById('empty').hidden"
    page = open_grid(Workspace.open_or_make(tmp_path / "empty"), settled=shown)
    assert "There are no films yet" in page.locator("#empty").inner_text()
    assert page.complaints == []


def test_a_detector_without_predictions_says_how_to_make_them(open_grid, predicted):
    page = open_grid(predicted, hash_="task=projection", settled=THERE)
    page.get_by_text("radsieve train projection").wait_for()


def test_a_hundred_thousand_films_are_scrolled_through_with_few_of_them_in_the_page(
    open_grid, tmp_path, take_picture
):
    workspace = made_archive(tmp_path / "many", MANY, distinct=300)
    page = open_grid(workspace)
    assert page.locator("#count").inner_text() == "100,000 films of 100,000"
    rng = np.random.default_rng(2)
    for share in [1.0, *rng.random(6).tolist(), 0.5]:
        page.evaluate(
            "share => { const films = document.querySelector('#all .films');"
            " films.scrollTop = share * (films.scrollHeight - films.clientHeight); }",
            share,
        )
        settle(page)
        assert page.locator(FILM).count() < 120
    take_picture(page, "grid-middle-of-100000")
    sprites = [url for url in page.asked if "/sprite" in url]
    assert 0 < len(sprites) < 40
    ids = {film.radiograph_id for film in films(workspace.database)[:5]}
    assert len(ids) == 5
    assert page.complaints == []
