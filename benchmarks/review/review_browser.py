"""A scripted reviewer's browser: headless Chromium, a hand that counts, waits timed in the page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Response,
    StorageState,
    sync_playwright,
)

from backend.review.adapters.label_studio.server import ServerPlan
from benchmarks.review.page_state import wait_until

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS = 90_000
# What Label Studio 1.23.2 says at the end of a queue.
_NO_MORE = "No More Tasks Left in Queue"

# Runs in the page, so that the clock starts at the key itself and stops at the painted picture;
# what the script and the page say to each other is not in it. Two frames after the last picture
# is decoded, it has been painted. Only pictures that lie wholly in the window (of the grid) count.
_WATCH = """([pictures, fresh, all, start]) => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const grid = document.querySelector('.lsf-grid-view__list');
  const room = grid ? grid.getBoundingClientRect() : {top: 0, bottom: innerHeight};
  const isSeen = box => box.top >= room.top && box.bottom <= room.bottom && box.height > 0;
  const shown = () => [...document.querySelectorAll(pictures)]
    .filter(picture => isSeen(picture.getBoundingClientRect()));
  const before = new Set(shown().map(picture => picture.src));
  const isThere = found =>
    found.every(picture => picture.complete && picture.naturalWidth > 0)
    && (all === null || found.length === all)
    && (fresh === null || found.filter(picture => !before.has(picture.src)).length === fresh);
  window.reviewWait = null;
  const watch = async pressed => {
    while (!isThere(shown())) await nextFrame();
    await Promise.all(shown().map(picture => picture.decode().catch(() => null)));
    await nextFrame();
    await nextFrame();
    window.reviewWait = performance.now() - pressed;
  };
  addEventListener(start, event => watch(event.timeStamp), {capture: true, once: true});
}"""


@dataclass(frozen=True, slots=True)
class Screen:
    """How large the window is, and in which colours."""

    width: int
    height: int
    theme: str
    """`Light` or `Dark`, as Label Studio calls them."""

    def __str__(self) -> str:
        """Return it as the tables name it."""
        return f"{self.width}x{self.height} {self.theme.lower()}"


@dataclass(slots=True)
class Hand:
    """What the reviewer does with mouse and keyboard; everything sent is counted."""

    page: Page
    clicks: int = 0
    keys: int = 0
    """Key strokes; keys held together, as in Ctrl+Enter, are one."""
    scrolls: int = 0
    waits_ms: list[float] = field(default_factory=list)
    """From each key or click that asked for the next screen until all its pictures were painted."""

    def click(self, target: Locator) -> None:
        """Click the middle of an element."""
        target.click()
        self.clicks += 1

    def click_at(self, x: float, y: float) -> None:
        """Click a point of the window, in its pixels."""
        self.page.mouse.click(x, y)
        self.clicks += 1

    def press(self, keys: str) -> None:
        """Press one key, or several together."""
        self.page.keyboard.press(keys)
        self.keys += 1

    @contextmanager
    def timed(
        self, start: str, pictures: str, *, fresh: int | None = None, in_all: int | None = None
    ) -> Iterator[None]:
        """Time what is sent inside: from its first event until all pictures asked for are painted.

        Args:
            start: the event that starts the clock: `keydown`, `wheel` or `pointerdown`.
            pictures: CSS selector of the pictures that make up a screen.
            fresh: how many pictures the next screen has that this one has not.
            in_all: how many it has in all.
        """
        self.page.evaluate(_WATCH, [pictures, fresh, in_all, start])
        yield
        wait_until(self.page, "window.reviewWait !== null")
        self.waits_ms.append(float(self.page.evaluate("window.reviewWait")))

    @contextmanager
    def timed_last(self) -> Iterator[None]:
        """Time the last answer: until Label Studio has it and offers no more."""
        started = time.perf_counter()
        with self.page.expect_response(_is_answer):
            yield
        self.page.get_by_text(_NO_MORE).first.wait_for()
        self.waits_ms.append(1000 * (time.perf_counter() - started))


class Desk:
    """A browser in which one person is logged in to Label Studio."""

    def __init__(self, browser: Browser, plan: ServerPlan) -> None:
        """Log in."""
        self._browser = browser
        self._state = log_in(browser, plan)
        self._contexts: list[BrowserContext] = []

    def window(self, screen: Screen) -> Page:
        """Return a new window of this size and theme."""
        context = self._browser.new_context(
            storage_state=self._state,
            viewport={"width": screen.width, "height": screen.height},
        )
        context.add_init_script(f"localStorage.setItem('preferred-color-scheme', '{screen.theme}')")
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        return page

    def close_windows(self) -> None:
        """Close all windows."""
        while self._contexts:
            self._contexts.pop().close()


class Account(Protocol):
    """Who logs in, and where."""

    @property
    def url(self) -> str:
        """Address of the Label Studio."""

    @property
    def username(self) -> str:
        """Login, an e-mail address."""

    @property
    def password(self) -> str:
        """Password."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start headless Chromium; it is closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=list(ARGUMENTS)
        )
        yield browser
        browser.close()


@contextmanager
def open_desk(plan: ServerPlan) -> Iterator[Desk]:
    """Start Chromium and log in to the Label Studio of this plan."""
    with open_browser() as browser:
        yield Desk(browser, plan)


def log_in(browser: Browser, plan: Account) -> StorageState:
    """Log in, and return the cookies of whoever has."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{plan.url}/user/login/", timeout=_WAIT_MS)
    page.fill("input[name=email]", plan.username)
    page.fill("input[name=password]", plan.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address, timeout=_WAIT_MS)
    state = context.storage_state()
    context.close()
    return state


def _is_answer(response: Response) -> bool:
    return "/annotations" in response.url and response.request.method == "POST"
