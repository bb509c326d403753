"""The archive report in a real browser: wide, narrow, dark and on paper."""

import pytest

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.made_label import made_label
from backend.detectors.loop.train import train
from backend.export.loop.report import write_archive_report
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.loop.publish import publish
from benchmarks.review import reviewed_phantoms
from tasks import detector_task

pytestmark = pytest.mark.trains

SCREENS = {"wide": (1280, 720, "light"), "narrow": (400, 800, "light"), "dark": (1280, 720, "dark")}
_CONTRAST = """() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((one) => {
      const share = one / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("p, li, h1, h2, h3, h4, th, td, a, caption, summary, code")]
    .map((element) => {
      const pair = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    })
    .reduce((one, other) => Math.min(one, other));
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a trained and reviewed archive of phantoms."""
    folder, task = tmp_path_factory.mktemp("report"), detector_task("rotation")
    write_phantom_archive(folder / "films", films=70, seed=3, size_px=128, turned_share=0.2)
    workspace = Workspace.open_or_make(folder / "workspace")
    (workspace.root / "radsieve.toml").write_text("epochs = 4\n")
    index(workspace, [folder / "films"], folder / "films" / "metadata.csv")
    spoilt = read_truth(folder / "films")
    truth = reviewed_phantoms.truths(workspace, lambda name: made_label(task, spoilt[name]))
    publish(workspace, task, train(workspace, task, [task]).model_version, reason="first")
    review = reviewed_phantoms.ScriptedReview(workspace, task, truth, slips=0.1)
    for _ in range(2):
        review.review(24)
    write_archive_report(workspace, {task.name: task}, folder / "report.html")
    return folder / "report.html"


@pytest.fixture
def shown(browser, report):
    """Return a function that opens the page on one of the screens."""
    contexts = []

    def open_on(screen):
        width, height, scheme = SCREENS[screen]
        size = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(report.as_uri())
        return page

    yield open_on
    for context in contexts:
        context.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_fits_its_window_and_can_be_read(shown, screen, take_picture):
    page = shown(screen)
    take_picture(page, f"report-{screen}")
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen][0]
    assert page.evaluate(_CONTRAST) >= 4.5
    assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth)")
    assert page.said == []


def test_the_page_asks_for_nothing_else(shown, report):
    page = shown("wide")
    asked = [address for address in page.asked if not address.startswith("data:")]
    assert asked == [report.as_uri()]


def test_the_five_answers_are_on_the_first_two_screens(shown):
    boxes = [one.bounding_box() for one in shown("wide").locator(".answer").all()]
    assert len(boxes) == 5
    assert boxes[1]["y"] + boxes[1]["height"] < 720
    assert boxes[-1]["y"] + boxes[-1]["height"] < 2 * 720


def test_the_dark_page_is_dark(shown):
    colour = "getComputedStyle(document.body).backgroundColor"
    assert shown("dark").evaluate(colour) == "rgb(20, 23, 27)"
    assert shown("wide").evaluate(colour) == "rgb(255, 255, 255)"


def test_on_a_narrow_window_each_cell_says_its_column(shown):
    page = shown("narrow")
    head = "getComputedStyle(document.querySelector('#overview td'), '::before').content"
    assert page.evaluate(head).startswith('"Looked at')


def test_on_paper_it_is_black_on_white_and_no_row_is_cut(shown, take_picture):
    page = shown("dark")
    # A4 without its margins: narrow, and yet tables stay tables.
    page.set_viewport_size({"width": 680, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    take_picture(page, "report-printed")
    assert page.evaluate("getComputedStyle(document.querySelector('td')).display") == "table-cell"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    rows = "[...document.querySelectorAll('tr, .sheet li, .answer')]"
    breaks = f"new Set({rows}.map((one) => getComputedStyle(one).breakInside))"
    assert page.evaluate(f"[...{breaks}]") == ["avoid"]
    assert page.locator("nav").is_hidden()
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") > 2
