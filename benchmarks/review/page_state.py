"""Waiting until something holds in a page, also where its content policy forbids `eval`.

Playwright's `wait_for_function` evaluates its expression again in the page's own animation frames,
where our pages forbid that: it works when the condition holds at the first look, and raises at the
second. Here every look is asked from outside, which no policy concerns.
"""

import time

from playwright.sync_api import Error, Page

WAIT_MS = 90_000
_BETWEEN_LOOKS_MS = 50
_PAGE_IS_LEFT = "Execution context was destroyed"


def wait_until(page: Page, condition: str, arg: object = None, timeout_ms: float = WAIT_MS) -> None:
    """Wait until this JavaScript expression, or function of `arg`, is true in the page.

    Raises:
        TimeoutError: it was not within `timeout_ms`.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    while not _holds(page, condition, arg):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {timeout_ms / 1000:.0f} s: {condition}")
        page.wait_for_timeout(_BETWEEN_LOOKS_MS)


def _holds(page: Page, condition: str, arg: object) -> bool:
    """Return whether it is true now; a page that is being replaced says no."""
    try:
        return bool(page.evaluate(condition, arg))
    except Error as error:
        if _PAGE_IS_LEFT not in str(error):
            raise
        return False
