"""A reviewer's browser, logged in to the Label Studio of the tests.

Set RADSIEVE_SCREENSHOTS to a folder to look at the pictures that are taken on the way.
"""

import os
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from benchmarks.review.review_browser import CHROMIUM, log_in, open_browser

WIDE, TALL = {"width": 1280, "height": 720}, {"width": 1600, "height": 1000}
WAIT_MS = 90_000


def pytest_collection_modifyitems(items):
    """Mark what lies in this folder: it needs a Label Studio, a browser, and minutes."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.studio)
            item.add_marker(pytest.mark.browser)
            item.add_marker(
                pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")
            )


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def session(browser, studio):
    """The cookies of a reviewer who has logged in."""
    return log_in(browser, studio)


@pytest.fixture
def page(browser, session):
    context = browser.new_context(storage_state=session, viewport=TALL)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    yield page
    context.close()


@pytest.fixture
def take_picture(tmp_path):
    folder = Path(os.environ.get("RADSIEVE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png")


@pytest.fixture
def submit(page):
    """Return a function that presses Ctrl+Enter and waits until Label Studio has the answer."""

    def press():
        with page.expect_response(
            lambda response: "/annotations" in response.url and response.request.method == "POST"
        ) as caught:
            page.keyboard.press("Control+Enter")
        assert caught.value.status == 201

    return press


@pytest.fixture
def overlap():
    """Return a function that tells whether two boxes on the screen have a place in common."""

    def have_a_place_in_common(one, other):
        apart = (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or one["y"] + one["height"] <= other["y"]
            or other["y"] + other["height"] <= one["y"]
        )
        return not apart

    return have_a_place_in_common
