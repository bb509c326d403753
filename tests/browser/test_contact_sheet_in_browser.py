"""A reviewer's session in a real browser: open a sheet, look, click, submit."""

import cv2
import numpy as np
import pytest

from backend.adapters.label_studio import ReviewTab
from backend.core.contact_sheet import (
    ContactSheet,
    SheetFilm,
    read_sheet_answer,
    sheet_config_xml,
    sheet_item,
)
from backend.core.single_item import (
    SingleFilm,
    read_single_answer,
    single_config_xml,
    single_item,
)
from tasks import detector_task

WIDE, TALL = {"width": 1280, "height": 720}, {"width": 1600, "height": 1000}


TASK = detector_task("rotation")
FILMS = ".films .lsf-choice"
# White stripes on orange, as the style draws them; a cell without a mark has plain grey.
IS_OUT = "cell => getComputedStyle(cell).backgroundImage.includes('repeating-linear-gradient')"
ALL_DRAWN = """() => [...document.querySelectorAll('.films img.t')]
    .every(film => film.complete && film.naturalWidth > 0)"""


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
    return ContactSheet(TASK.name, "upright", films, "m1", confidence)


def a_project(studio, pictures, label_config, items):
    project = studio.client.ensure_project(studio.new_title(), label_config)
    studio.client.ensure_local_storage(project, pictures)
    tab = studio.client.ensure_tab(project, ReviewTab("Review"))
    studio.client.import_items(project, items)
    return project, f"{studio.url}/projects/{project}/data?tab={tab}&labeling=1"


def open_sheets(page, studio, pictures, sheets):
    items = [sheet_item(*pair) for pair in zip(sheets, [*sheets[1:], None], strict=True)]
    project, address = a_project(studio, pictures, sheet_config_xml(TASK), items)
    page.goto(address)
    wait_for_sheet(page, len(sheets[0].films))
    return project


def wait_for_sheet(page, films):
    page.wait_for_function(f"document.querySelectorAll('{FILMS}').length == {films}")
    page.wait_for_function(ALL_DRAWN)


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
    page.wait_for_function("document.querySelector('.inv input:checked')")
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


def test_a_film_is_seen_large_without_being_flagged(studio, pictures, page, take_picture):
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


@pytest.mark.slow
@pytest.mark.parametrize("films", [5, 12, 24, 36, 48, 60])
def test_the_whole_sheet_is_on_the_screen(studio, pictures, page, take_picture, films):
    open_sheets(page, studio, pictures, [a_sheet(range(films), ticked={1, films - 1})])
    check_both_screens(page, take_picture, films, "light")
    page.evaluate("localStorage.setItem('preferred-color-scheme', 'Dark')")
    page.reload()
    wait_for_sheet(page, films)
    check_both_screens(page, take_picture, films, "dark")


def check_both_screens(page, take_picture, films, theme):
    for size in (WIDE, TALL):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        take_picture(page, f"sheet{films}-{theme}-{size['width']}")
        boxes = [page.locator(FILMS).nth(number).bounding_box() for number in range(films)]
        assert all(is_inside(box, size) for box in boxes)
        assert min(min(box["width"], box["height"]) for box in boxes) > 90


def test_a_single_film_is_answered_by_its_number(studio, pictures, page, take_picture, submit):
    sure = {"upright": 0.4, "turned_90": 0.6, "turned_180": 0.0, "turned_270": 0.0}
    address = "/data/local-files/?d=browser-films/large7.png"
    item = single_item(TASK, SingleFilm("film7", address, sure, "m1", 0.6, "uncertain: 0.60"))
    project, where = a_project(studio, pictures, single_config_xml(TASK), [item])
    page.set_viewport_size(WIDE)
    page.goto(where)
    page.locator(".film img[alt=image]").wait_for()
    page.wait_for_timeout(1000)
    take_picture(page, "single-light-1280")
    answers_shown = page.locator(".ask .lsf-choice")
    assert answers_shown.count() == len(TASK.labels)
    assert all(is_inside(answers_shown.nth(n).bounding_box(), WIDE) for n in range(4))
    assert is_inside(page.locator(".film img[alt=image]").bounding_box(), WIDE)
    assert page.get_by_text("uncertain: 0.60").is_visible()
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    submit()
    (answer,) = studio.client.answers(project)
    assert read_single_answer(answer.result, TASK) == "turned_180"


def is_inside(box, size):
    # The header of Label Studio is 48 px high, the bar with Submit 49 px.
    fits_down = box["y"] >= 48 and box["y"] + box["height"] <= size["height"] - 48
    return fits_down and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


def overlap(one, other):
    apart = (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )
    return not apart
