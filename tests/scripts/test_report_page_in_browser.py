"""The page of `seed-reports --html` as whoever checks uses it, in a real browser, from one file.

Set RADSIEVE_SCREENSHOTS to a folder to look at the pictures that are taken on the way.
"""

import csv
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts import main

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from benchmarks.review.review_browser import CHROMIUM, open_browser  # noqa: E402

WAIT_MS = 60_000
INVENTED = Path(__file__).parents[2] / "docs" / "invented-reports.csv"
HOSTILE = (
    "</script><script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


@pytest.fixture
def make_page(tmp_path, monkeypatch):
    """Return a function that runs the command on a file and returns its page."""
    monkeypatch.chdir(tmp_path)

    def make(reports, *arguments):
        command = ["seed-reports", reports, "--out", "labels.csv", "--html", "page.html"]
        result = CliRunner().invoke(main, [*map(str, command), *map(str, arguments), "--json"])
        assert result.exit_code == 0, result.output
        return tmp_path / "page.html", json.loads(result.stdout.splitlines()[-1])

    return make


@pytest.fixture
def show(browser):
    """Return a function that opens a page; whatever it fetches, says or breaks fails the test."""
    context = browser.new_context(viewport={"width": 1360, "height": 860}, accept_downloads=True)
    wrong = []

    def open_page(path):
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on(
            "request", lambda one: one.url.startswith(("file:", "blob:")) or wrong.append(one.url)
        )
        page.on("console", lambda one: wrong.append(one.text))
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.goto(path.as_uri())
        page.wait_for_selector("#found:not(:empty)")
        return page

    yield open_page
    assert not wrong
    context.close()


@pytest.fixture
def take_picture(tmp_path):
    folder = Path(os.environ.get("RADSIEVE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png")


def tick(page, facet, name):
    page.check(f'[data-facet="{facet}"][data-name="{name}"] input')


def count(page, facet, name):
    return page.text_content(f'[data-facet="{facet}"][data-name="{name}"] .count')


def found(page):
    return page.text_content("#found")


def shown_ids(page):
    return [card.get_attribute("data-id") for card in page.query_selector_all(".card")]


def wait_for_cards(page, number):
    playwright_api.expect(page.locator(".card")).to_have_count(number, timeout=WAIT_MS)


def current_id(page):
    return page.get_attribute(".card.at", "data-id")


def press(page, keys):
    for key in keys:
        page.keyboard.press(key)


def exported(page, tmp_path):
    with page.expect_download() as download:
        page.keyboard.press("e")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_places_are_marked_where_they_are_and_say_their_status(make_page, show, take_picture):
    path, _ = make_page(INVENTED)
    page = show(path)
    marks = page.query_selector_all('.card[data-id="R005"] mark')
    parts = [
        mark.evaluate("mark => [mark.firstChild.data, mark.lastChild.textContent]")
        for mark in marks
    ]
    assert ["Monitor leads", "external"] in parts
    assert any("pacemaker" in text and status == "present" for text, status in parts)
    text = page.evaluate(
        """() => [...document.querySelector('.card[data-id="R005"] .text').childNodes]
            .map(one => one.matches?.('mark') ? one.firstChild.data : one.textContent).join('')"""
    )
    assert "in the right atrium and right ventricle. Monitor leads overlie the chest." in text
    take_picture(page, "seed-reports")


def test_places_are_right_after_characters_that_a_browser_counts_twice(make_page, show, tmp_path):
    (tmp_path / "r.csv").write_text("id,report\n1,\U0001f600\U0001f600 Überall surgical clips.\n")
    page = show(make_page(tmp_path / "r.csv")[0])
    assert page.evaluate("document.querySelector('mark').firstChild.data") == "surgical clips"


def test_filters_ask_status_kind_and_rule_of_one_place(make_page, show, tmp_path):
    (tmp_path / "r.csv").write_text(
        "id,report\n"
        "a,Surgical clips are seen. The pacemaker has been removed.\n"
        "b,Surgical clips were removed.\n"
        "c,A pacemaker is in place.\n"
        "d,Lungs clear.\n"
    )
    page = show(make_page(tmp_path / "r.csv")[0])
    assert count(page, "category", "clip") == "2"
    tick(page, "category", "clip")
    assert (shown_ids(page), found(page)) == (["a", "b"], "2 reports")
    # Counts say what a further tick would find: of reports with clips, one calls them removed.
    assert count(page, "status", "removed") == "1"
    tick(page, "status", "removed")
    assert shown_ids(page) == ["b"]
    page.click("#clear")
    assert found(page) == "4 reports"
    tick(page, "label", "absent")
    assert shown_ids(page) == ["b", "d"]
    tick(page, "status", "not_mentioned")
    assert shown_ids(page) == ["d"]
    page.click("#clear")
    tick(page, "rule", "cardiac.pacemaker")
    assert shown_ids(page) == ["a", "c"]
    assert page.evaluate("document.querySelectorAll('mark.fits').length") == 2


def test_a_search_finds_words_and_ids(make_page, show):
    page = show(make_page(INVENTED)[0])
    press(page, "/")
    page.keyboard.type("GLENOSPHERE")
    wait_for_cards(page, 1)
    assert shown_ids(page) == ["R019"]
    assert page.evaluate("CSS.highlights.get('found').size") == 1
    page.fill("#search", "r00")
    wait_for_cards(page, 9)
    page.fill("#search", "nothing of the kind")
    page.wait_for_selector(".empty")


def test_keys_lead_through_the_reports_and_answer(make_page, show):
    page = show(make_page(INVENTED)[0])
    press(page, "jjk")
    assert current_id(page) == "R002"
    press(page, "2")  # goes on to R003
    press(page, "2")
    assert current_id(page) == "R004"
    assert "2 of 30 reports checked, 1 changed" in page.text_content("#about")
    assert [
        one.text_content() for one in page.query_selector_all('.card[data-id="R003"] .pill')
    ] == [
        "present",
        "absent",
    ]
    assert page.text_content('[data-facet="rule"][data-name="joint.arthroplasty"] .right') == (
        "0 of 1 right"
    )
    press(page, "u")
    assert current_id(page) == "R003"
    assert "1 of 30 reports checked, 0 changed" in page.text_content("#about")
    press(page, "u")
    press(page, "u")
    assert "0 of 30 reports checked" in page.text_content("#about")
    page.uncheck("#advance")
    press(page, "3")
    assert current_id(page) == "R002"


def test_a_key_that_is_held_down_answers_once(make_page, show):
    page = show(make_page(INVENTED)[0])
    for _ in range(5):
        page.keyboard.down("1")
    page.keyboard.up("1")
    assert "1 of 30 reports checked" in page.text_content("#about")


def test_letters_typed_into_search_and_note_are_no_keys(make_page, show):
    page = show(make_page(INVENTED)[0])
    page.fill("#search", "")
    page.type("#search", "1u2")
    page.fill("#search", "")
    press(page, ["Escape", "1", "n"])
    page.keyboard.type("2 j k u")
    press(page, ["Enter", "j"])
    assert "1 of 30 reports checked" in page.text_content("#about")
    assert page.input_value('.card[data-id="R001"] .answers input') == "2 j k u"


def test_corrections_survive_closing_and_come_back_through_overrides(make_page, show, tmp_path):
    path, before = make_page(INVENTED)
    page = show(path)
    press(page, "212")  # R001 absent, R002 present, R003 absent
    press(page, "n")
    page.keyboard.type('=note, with "quotes"')
    page.close()
    page = show(path)
    assert "3 of 30 reports checked, 3 changed" in page.text_content("#about")
    table = exported(page, tmp_path)
    assert table.name == "invented-reports-overrides.csv"
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["label"], row["note"]) for row in rows] == [
        ("R001", "absent", ""),
        ("R002", "present", ""),
        ("R003", "absent", '\'=note, with "quotes"'),
    ]
    path, after = make_page(INVENTED, "--overrides", table)
    assert (after["overridden"], after["changed"], after["unknown_overrides"]) == (3, 3, 0)
    assert after["labels"]["present"] == before["labels"]["present"] - 1
    with Path("labels.csv").open(newline="") as file:
        labels = {row["id"]: row for row in csv.DictReader(file)}
    assert (labels["R002"]["label"], labels["R002"]["rule"]) == ("present", "override")


def test_a_page_made_with_overrides_shows_them_in_any_browser(make_page, show, tmp_path):
    (tmp_path / "o.csv").write_text("id,label,note\nR001,absent,seen by A\n")
    path, _ = make_page(INVENTED, "--overrides", tmp_path / "o.csv")
    page = show(path)
    assert "1 of 30 reports checked, 1 changed" in page.text_content("#about")
    assert page.input_value('.card[data-id="R001"] .answers input') == "seen by A"
    page.click('.card[data-id="R001"] button[data-label="absent"]')
    page.close()
    # Taken back here: it stays so, although the page was made with it.
    assert "0 of 30 reports checked" in show(path).text_content("#about")


def test_all_corrections_are_forgotten_on_demand_only(make_page, show):
    path, _ = make_page(INVENTED)
    page = show(path)
    press(page, "12")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#forget")
    assert "2 of 30" in page.text_content("#about")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#forget")
    assert "0 of 30" in page.text_content("#about")
    page.close()
    assert "0 of 30" in show(path).text_content("#about")


def test_hostile_reports_are_shown_and_do_nothing(make_page, show, tmp_path):
    table = tmp_path / "r.csv"
    with table.open("w", newline="") as file:
        # With a tag that is never closed it is no page, of which only the words would be read.
        report = f"Surgical clips. {HOSTILE}<title>"
        csv.writer(file).writerows([("id", "report"), (HOSTILE, report)])
    page = show(make_page(table)[0])
    assert HOSTILE in page.text_content(".text")
    assert page.text_content(".id") == HOSTILE
    assert page.title() == "r.csv: metal_implant"
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    press(page, "1")
    with exported(page, tmp_path).open(newline="", encoding="utf-8-sig") as file:
        assert next(csv.DictReader(file))["id"] == HOSTILE


def test_four_thousand_reports_are_drawn_as_they_are_needed(make_page, show, tmp_path):
    table = tmp_path / "r.csv"
    with table.open("w") as file:
        file.write("id,report\n")
        file.writelines(f"{n},FINDINGS: Surgical clips {n}. Lungs clear.\n" for n in range(4000))
    page = show(make_page(table)[0])
    assert found(page) == "4,000 reports"
    assert len(shown_ids(page)) < 200
    for _ in range(3):
        before = len(shown_ids(page))
        page.mouse.wheel(0, 100_000)
        page.locator(".card").nth(before).wait_for(state="attached")
    page.select_option("#order", "unsure")
    page.fill("#search", "clips 3999")
    wait_for_cards(page, 1)
    assert shown_ids(page) == ["3999"]


def test_theme_follows_the_system_until_somebody_chooses(make_page, browser, take_picture):
    path, _ = make_page(INVENTED)
    context = browser.new_context(color_scheme="dark", viewport={"width": 420, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.get_attribute("html", "data-theme") == "dark"
    # Nothing sticks out to the side on a narrow screen.
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    take_picture(page, "seed-reports-narrow-dark")
    press(page, "t")
    page.reload()
    assert page.get_attribute("html", "data-theme") == "light"
    context.close()


def test_another_task_is_answered_with_its_own_labels(make_page, show, tmp_path):
    (tmp_path / "r.csv").write_text("id,report\n1,EXAMINATION: Single lateral view of the chest.\n")
    page = show(make_page(tmp_path / "r.csv", "--task", "projection")[0])
    buttons = [
        one.get_attribute("data-label") for one in page.query_selector_all(".answers button")
    ]
    assert buttons == ["frontal", "lateral", "other", "abstain"]
    assert page.text_content(".pill") == "lateral"
