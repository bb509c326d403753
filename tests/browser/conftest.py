"""A reviewer's browser, logged in to the Label Studio of the tests.

Set RADSIEVE_SCREENSHOTS to a folder to look at the pictures that are taken on the way.
"""

import os
from pathlib import Path

import pytest

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, TALL = {"width": 1280, "height": 720}, {"width": 1600, "height": 1000}
WAIT_MS = 90_000


def pytest_collection_modifyitems(items):
    """Mark what lies in this folder: it needs a Label Studio and a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.studio)
            item.add_marker(pytest.mark.browser)
            item.add_marker(
                pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")
            )


@pytest.fixture(scope="module")
def browser():
    with playwright_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=ARGUMENTS
        )
        yield running
        running.close()


@pytest.fixture(scope="module")
def session(browser, studio):
    """The cookies of a reviewer who has logged in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{studio.url}/user/login/", timeout=WAIT_MS)
    page.fill("input[name=email]", studio.username)
    page.fill("input[name=password]", studio.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address, timeout=WAIT_MS)
    state = context.storage_state()
    context.close()
    return state


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
