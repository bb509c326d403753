"""A reviewer's session in a real browser: open a sheet, look, click or use keys alone, submit."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    FilmBeside,
    SheetFilm,
    read_sheet_answer,
    sheet_item,
)
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from benchmarks.review.page_state import wait_until
from tasks import detector_task

WINDOWS = [
    {"width": 1280, "height": 720},
    {"width": 1600, "height": 1000},
    {"width": 2560, "height": 1440},
]
TASK = detector_task("rotation")
FILMS = ".films .lsf-choice"
# White stripes on orange, as the style draws them; a cell without a mark has plain grey.
IS_OUT = "cell => getComputedStyle(cell).backgroundImage.includes('repeating-linear-gradient')"
ALL_DRAWN = """() => [...document.querySelectorAll('.films img.t')]
    .every(film => film.complete && film.naturalWidth > 0)"""
HOSTILE = """"></a></span></label><script>window.hacked = 1</script><img class="t" src="x" \
onerror="window.hacked = 1"> & &amp; ' \u202eabc"""


@pytest.fixture(scope="module")
def pictures(studio):
    """Sixty films with their number on them, in a folder that Label Studio serves."""
    folder = studio.document_root / "browser-films"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for number in range(60):
        for name, side in (("small", 256), ("large", 768)):
            pixels = rng.integers(60, 120, (side, side * 4 // 5), dtype=np.uint8)
            place, scale = (side // 8, side // 2), side / 90
            cv2.putText(pixels, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 3)
            cv2.imwrite(str(folder / f"{name}{number}.png"), pixels)
    return folder


def a_sheet(numbers, *, ticked=(), confidence=0.5):
    films = tuple(
        SheetFilm(
            f"film{number}",
            f"/data/local-files/?d=browser-films/small{number}.png",
            f"/data/local-files/?d=browser-films/large{number}.png",
            caption=f"film <{number}>",
            ticked=number in ticked,
        )
        for number in numbers
    )
    return ContactSheet(TASK, "upright", films, "m1", confidence)


def a_project(studio, pictures, label_config, items):
    project = studio.client.ensure_project(studio.new_title(), label_config)
    studio.client.ensure_local_storage(project, pictures)
    (tab,) = studio.client.ensure_tabs(project, [ReviewTab("Review")])
    studio.client.import_items(project, items)
    return project, f"{studio.url}/projects/{project}/data?tab={tab}&labeling=1"


def open_sheets(page, studio, pictures, sheets):
    items = [sheet_item(*pair) for pair in zip(sheets, [*sheets[1:], None], strict=True)]
    project, address = a_project(studio, pictures, sheet_config_xml(), items)
    page.goto(address)
    wait_for_sheet(page, len(sheets[0].films))
    return project


def wait_for_sheet(page, films):
    wait_until(page, f"document.querySelectorAll('{FILMS}').length == {films}")
    wait_until(page, ALL_DRAWN)


def marked(page):
    """Return the numbers of the cells with a hatched frame."""
    cells = page.locator(FILMS)
    return {number for number in range(cells.count()) if cells.nth(number).evaluate(IS_OUT)}


def answers(studio, project):
    """Return what was flagged, by item id."""
    return {
        answer.item_id: read_sheet_answer(answer.data, answer.result, TASK).flagged
        for answer in studio.client.answers(project)
    }


def test_clicked_films_and_suspects_come_back_as_flagged(
    studio, pictures, page, take_picture, submit
):
    sheets = [a_sheet(range(48), ticked={5, 31}, confidence=0.1), a_sheet(range(48, 60))]
    project = open_sheets(page, studio, pictures, sheets)
    assert marked(page) == {5, 31}
    page.locator(FILMS).nth(12).click()
    page.locator(FILMS).nth(5).click()
    page.mouse.move(0, 0)
    assert marked(page) == {12, 31}
    take_picture(page, "sheet48-clicked")
    submit()
    wait_for_sheet(page, 12)
    assert list(answers(studio, project).values()) == [{"film12", "film31"}]


def test_the_key_x_turns_the_whole_sheet_round(studio, pictures, page, take_picture, submit):
    project = open_sheets(page, studio, pictures, [a_sheet(range(6), ticked={2})])
    page.keyboard.press("x")
    wait_until(page, "document.querySelector('.inv input:checked')")
    assert marked(page) == {0, 1, 3, 4, 5}
    take_picture(page, "sheet6-swapped")
    submit()
    flagged = {f"film{number}" for number in (0, 1, 3, 4, 5)}
    assert list(answers(studio, project).values()) == [flagged]


def test_a_stray_key_flags_no_film(studio, pictures, page):
    open_sheets(page, studio, pictures, [a_sheet(range(24))])
    for key in "1290qwertasdfg":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert marked(page) == set()


def test_a_film_is_seen_large_without_being_flagged(studio, pictures, page, take_picture, overlap):
    open_sheets(page, studio, pictures, [a_sheet(range(24))])
    for cell, picture in ((1, "sheet24-large-right"), (4, "sheet24-large-left")):
        film = page.locator(FILMS).nth(cell)
        film.hover()
        assert film.locator("span.c").inner_text() == f"film <{cell}>"
        film.locator("a.z").hover()
        large = film.locator("img.l")
        large.wait_for(state="visible")
        page.wait_for_timeout(400)
        take_picture(page, picture)
        assert large.bounding_box()["height"] > 800
        assert not overlap(large.bounding_box(), film.bounding_box())
    assert marked(page) == set()


def test_a_film_that_one_resembles_stands_beside_it_and_is_not_answered_for(
    studio, pictures, page, take_picture, overlap, submit
):
    sheet = a_sheet(range(12))
    address = "/data/local-files/?d=browser-films/{}{}.png"
    films = tuple(
        replace(film, beside=FilmBeside(address.format("small", n), address.format("large", n)))
        for n, film in enumerate(sheet.films, start=20)
    )
    project = open_sheets(page, studio, pictures, [replace(sheet, films=films)])
    cell = page.locator(FILMS).nth(0)
    own, other = (cell.locator(f"img.{name}").bounding_box() for name in "to")
    assert not overlap(own, other)
    assert other["width"] < own["width"]
    words = cell.locator("a.y span")
    assert words.inner_text() == "like this one, which stays"
    assert words.evaluate("span => span.scrollHeight <= span.clientHeight")
    cell.locator("a.y").hover()
    large = cell.locator("a.y img.l")
    large.wait_for(state="visible")
    assert not overlap(large.bounding_box(), cell.bounding_box())
    with page.expect_popup() as opened:
        cell.locator("a.y").click()
    opened.value.close()
    assert marked(page) == set()
    page.locator(FILMS).nth(2).locator("img.t").click(force=True)
    take_picture(page, "sheet-beside-what-stays")
    assert marked(page) == {2}
    page.mouse.move(0, 0)
    submit()
    assert list(answers(studio, project).values()) == [{"film2"}]


def test_the_mark_is_a_shape_and_a_word_beside_the_colour(studio, pictures, page):
    open_sheets(page, studio, pictures, [a_sheet(range(6), ticked={2})])
    badge = "cell => getComputedStyle(cell, '::after').content"
    words = [page.locator(FILMS).nth(number).evaluate(badge) for number in range(6)]
    assert ["OUT" in word for word in words] == [number == 2 for number in range(6)]
    assert marked(page) == {2}


def test_the_sheet_says_what_it_asks_and_which_keys_work(studio, pictures, page, take_picture):
    note = "Somebody flagged these as turned_90: " + "please look again, " * 9
    sheet = replace(a_sheet(range(12)), shown_label="turned_90", note=note)
    open_sheets(page, studio, pictures, [sheet])
    page.set_viewport_size(WINDOWS[0])
    bar = page.locator(".bar")
    for words in (
        "Somebody flagged these",
        "12 films: click every film that is NOT ← turned to the left",
    ):
        assert words in bar.inner_text()
    for shown in (".note", ".h", ".inv"):
        box = bar.locator(shown).first.bounding_box()
        assert box["x"] + box["width"] <= WINDOWS[0]["width"]
    bar.locator(".h").hover()
    assert bar.get_by_text("With keys alone").is_visible()
    take_picture(page, "sheet12-note-help")


def test_a_sheet_is_reviewed_with_keys_alone(studio, pictures, page, take_picture, submit):
    sheets = [a_sheet(range(24), ticked={0}, confidence=0.1), a_sheet(range(24, 30))]
    project = open_sheets(page, studio, pictures, sheets)
    press_until(page, "document.activeElement.name == 'film0'")
    press(page, "Space")  # not a suspect after all
    press_until(page, "document.activeElement.name == 'film2'")
    ring = page.locator(FILMS).nth(2).evaluate("cell => getComputedStyle(cell).outlineStyle")
    assert ring == "solid"
    take_picture(page, "sheet24-keys-film")
    press(page, "Tab")
    large = page.locator(FILMS).nth(2).locator("img.l")
    large.wait_for(state="visible")
    take_picture(page, "sheet24-keys-large")
    press(page, "Shift+Tab", "Space")
    assert marked(page) == {2}
    submit()
    wait_for_sheet(page, 6)
    assert list(answers(studio, project).values()) == [{"film2"}]
    # The next sheet is three stops away: help, swap, its first film.
    press(page, "Tab", "Tab", "Tab")
    assert page.evaluate("document.activeElement.name") == "film24"


def test_keys_that_a_film_keeps_to_itself_work_from_its_corner(studio, pictures, page, submit):
    project = open_sheets(page, studio, pictures, [a_sheet(range(6))])
    press_until(page, "document.activeElement.name == 'film3'")
    press(page, "x", "Control+Enter")
    page.wait_for_timeout(1000)
    assert marked(page) == set()
    assert not answers(studio, project)
    press(page, "Tab", "x")
    assert marked(page) == set(range(6))
    press(page, "Control+z")
    assert marked(page) == set()
    submit()
    assert list(answers(studio, project).values()) == [set()]
    assert len(page.context.pages) == 1


def test_a_sheet_that_is_skipped_with_the_keys_says_nothing_of_its_films(studio, pictures, page):
    sheets = [a_sheet(range(12), ticked={3}, confidence=0.1), a_sheet(range(12, 18))]
    project = open_sheets(page, studio, pictures, sheets)
    with page.expect_response(
        lambda response: "/annotations" in response.url and response.request.method == "POST"
    ):
        page.keyboard.press("Control+Space")
    wait_for_sheet(page, 6)
    (answer,) = studio.client.answers(project)
    assert answer.was_cancelled


def test_hostile_names_run_nothing_and_leave_the_page_whole(
    studio, pictures, page, take_picture, submit
):
    plain = a_sheet(range(8), ticked={2})
    films = tuple(
        replace(
            film,
            radiograph_id=f"{number}{HOSTILE}",
            thumb_url=f"{film.thumb_url}&x={HOSTILE}",
            large_url=f"{film.large_url}&x={HOSTILE}",
            caption=HOSTILE,
        )
        for number, film in enumerate(plain.films)
    )
    sheet = replace(plain, films=films, note=HOSTILE, fields={"reviewer": HOSTILE})
    project = open_sheets(page, studio, pictures, [sheet])
    cells = page.locator(FILMS)
    cells.nth(5).hover()
    assert cells.nth(5).locator("span.c").inner_text() == HOSTILE
    cells.nth(5).locator("a.z").hover()
    page.wait_for_timeout(400)
    cells.nth(5).click()
    page.mouse.move(0, 0)
    take_picture(page, "sheet8-hostile")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".films img").count() == 16
    assert marked(page) == {2, 5}
    submit()
    flagged = {films[2].radiograph_id, films[5].radiograph_id}
    assert list(answers(studio, project).values()) == [flagged]


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def press_until(page, there):
    """Press Tab until there is reached, as far as a reader of the sheet would go."""
    for _ in range(40):
        if page.evaluate(there):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"never came to where {there}")


@pytest.mark.parametrize("films", [1, 7, 12, 24, 36, 48, 60])
def test_the_whole_sheet_is_on_the_screen(studio, pictures, page, take_picture, films):
    open_sheets(page, studio, pictures, [a_sheet(range(films), ticked={1, films - 1})])
    check_all_windows(page, take_picture, films, "light")
    page.evaluate("localStorage.setItem('preferred-color-scheme', 'Dark')")
    page.reload()
    wait_for_sheet(page, films)
    check_all_windows(page, take_picture, films, "dark")


def check_all_windows(page, take_picture, films, theme):
    for size in WINDOWS:
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        take_picture(page, f"sheet{films}-{theme}-{size['width']}")
        boxes = [page.locator(FILMS).nth(number).bounding_box() for number in range(films)]
        assert all(is_inside(box, size) for box in boxes)
        side = min(boxes[0]["width"], boxes[0]["height"])
        assert side > 0.95 * largest_side(films, size)
        assert side > 100


def largest_side(films, size):
    """Return the side of the largest square cell in what Label Studio's bars and ours leave."""
    width, height = size["width"] - 16, size["height"] - 48 - 50 - 34
    return max(min(width / c, height / math.ceil(films / c)) for c in range(1, films + 1))


def is_inside(box, size):
    # The header of Label Studio is 48 px high, the bar with Submit 49 px.
    fits_down = box["y"] >= 48 and box["y"] + box["height"] <= size["height"] - 48
    return fits_down and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
